/**
 * Taking a name and giving it up: guests, accounts, passwords, and what an account finds when it comes back.
 *
 * A name is claimed through the backend, so that only one of several nodes has it; `hub.holds` counts who on
 * this node relies on a claim, and the last one releases it.
 */
import { authenticate, checkPassword, ownedRefusal } from './credentials.ts';
import { bugText, type Refusal, refusal } from './errors.ts';
import type { PrivateEvent } from './event.ts';
import type { Hub } from './hub.ts';
import { type Folded, fold, parseName } from './names.ts';
import { readOptions } from './options.ts';
import { announcePresence } from './people.ts';
import type { Account, Membership } from './ports.ts';
import { catchUp, type Missed, pagesOf, saveOnceRead } from './reading.ts';
import { type Session, SIGNING_IN, VISITOR } from './session.ts';
import { User } from './user.ts';

/** What a session is shown on signing in: one welcome, a step a room, the waiting messages, then that is it. */
export type SignInStep =
  | { readonly step: 'welcome'; readonly name: string; readonly account: boolean; readonly others: number }
  | ({ readonly step: 'missed' } & Missed)
  /** A page of them; `total` is how many waited, on the first page only. */
  | { readonly step: 'waiting'; readonly total: number | null; readonly messages: readonly PrivateEvent[] }
  | { readonly step: 'ready'; readonly current: string | null; readonly rooms: readonly string[] };

export type ShowStep = (step: SignInStep) => void;

/** Takes a free name; with a password it becomes an account. */
export async function register(
  hub: Hub,
  session: Session,
  input: string,
  password: string | null,
  show: ShowStep,
): Promise<void> {
  const name = parseName(input, hub.rules);
  if (typeof name !== 'string') throw name;
  refuseBanned(hub, session, name);
  if (password === null && hub.rules.accounts === 'required') throw refusal('account-required');
  if (password !== null) checkPassword(hub, name, password);
  await toBegin(hub, session);
  const known = await hub.backend.known(fold(name));
  // Spares a claim (and a hash) for a name that plainly is not to be had.
  if (known?.account) throw refusal('name-owned', known.name);
  if (hub.users.has(fold(name))) throw refusal('name-taken', name);
  if (!known) hub.countAttempt(hub.registrations, session.link.limitKey, 'too-many-registrations');
  const entry = await signingIn(hub, session, name, 'guest', async () => {
    const account =
      password === null ? null : await makeAccount(hub, name, await hub.passwords.hash(password), []);
    return { name, account, memberships: [] };
  });
  await welcome(hub, session, entry, show);
}

/** Signs in to an account and shows what it missed. */
export async function login(
  hub: Hub,
  session: Session,
  input: string,
  password: string,
  show: ShowStep,
): Promise<void> {
  await toBegin(hub, session);
  const account = await authenticate(hub, session.link, input, password);
  const folded = fold(account.name);
  const entry = await signingIn(hub, session, account.name, 'account', async () => {
    // Read under the claim: other sessions of the account may have changed it since.
    const current = await hub.backend.account(folded);
    if (!current) throw refusal('account-gone', account.name);
    return { name: current.name, account: current, memberships: current.memberships };
  });
  await welcome(hub, session, entry, show);
}

/** Protects the name in use with a password, or changes its password. */
export async function protect(hub: Hub, user: User, password: string): Promise<'protected' | 'changed'> {
  checkPassword(hub, user.name, password);
  const passwordHash = await hub.passwords.hash(password);
  if (!user.account) {
    // It has left since, and the name may be somebody else's.
    if (hub.users.get(user.folded) !== user) throw refusal('not-signed-in');
    const rooms = [...user.rooms];
    const memberships = rooms.map(
      ({ room, rank }): Membership => ({ room: room.name, rank, read: room.lastId }),
    );
    user.account = await makeAccount(hub, user.name, passwordHash, memberships);
    for (const member of rooms) {
      if (user.rooms.includes(member)) member.account = true;
      // Put out of it in the same turn.
      else hub.takeOut(member.room, user.name, '');
    }
    return 'protected';
  }
  const outcome = await hub.backend.setPassword(user.folded, passwordHash);
  if (outcome !== 'set') throw refusal(outcome);
  user.account.passwordHash = passwordHash;
  return 'changed';
}

/** Who on this node relies on the claim of a name: sign-ins under way and sessions in place. */
export interface Hold {
  count: number;
  claimed: boolean;
}

interface Entry {
  readonly name: string;
  readonly account: Account | null;
  readonly memberships: readonly Membership[];
}

/** Waits for a turn in which one more sign-in may begin. */
async function toBegin(hub: Hub, session: Session): Promise<void> {
  await hub.signIns.pass();
  if (session.closed) throw refusal('shutting-down');
}

function refuseBanned(hub: Hub, session: Session, name: string): void {
  const banned = hub.serverBans.refusalFor(session.link.address, fold(name));
  if (banned) throw banned;
}

/** Claims the name, does `prepare` under the claim, and makes the session that user's. */
async function signingIn(
  hub: Hub,
  session: Session,
  name: string,
  as: 'guest' | 'account',
  prepare: () => Promise<Entry>,
): Promise<Entry> {
  // Gone while the password was looked at.
  if (session.closed) throw refusal('shutting-down');
  const folded = fold(name);
  session.phase = SIGNING_IN;
  const hold = holdOn(hub, folded);
  try {
    const claim = await hub.backend.claim(name, as);
    if (claim === 'owned') throw await ownedRefusal(hub.backend, name);
    if (claim !== 'claimed') throw refusal('name-taken', name);
    hold.claimed = true;
    const entry = await prepare();
    if (session.closed) throw refusal('shutting-down');
    if (!hold.claimed) throw refusal('name-lost', name);
    refuseBanned(hub, session, name);
    seatUser(hub, session, entry);
    return entry;
  } catch (error) {
    if (!session.closed) session.phase = VISITOR;
    letGo(hub, folded);
    throw error;
  }
}

/** From here on the session is its user's; private messages are kept back until the waiting ones are shown. */
function seatUser(hub: Hub, session: Session, { name, account }: Entry): void {
  const folded = fold(name);
  let user = hub.users.get(folded);
  if (!user) {
    const state = account ? { passwordHash: account.passwordHash, created: account.created } : null;
    user = new User(name, state, account ? readOptions(account.settings, session.options) : session.options);
    if (account) user.ignored = readIgnored(account.settings);
    hub.users.set(folded, user);
  }
  user.sessions.push(session);
  session.phase = { kind: 'user', user };
  session.inbox = [];
  session.setOptions(user.options);
  hub.counters.signedIn();
}

/**
 * Shows a session that just signed in what it finds. Where that fails half-way the connection ends: it comes
 * back and is shown all of it, rather than missing something without knowing.
 */
async function welcome(hub: Hub, session: Session, entry: Entry, show: ShowStep): Promise<void> {
  const user = session.user;
  if (!user) return;
  try {
    await showAll(hub, session, user, entry, show);
  } catch (error) {
    hub.log.error('a sign-in failed half-way', { name: user.name, why: bugText(error) });
    session.link.face.refusal(refusal('internal'));
    session.link.close('internal');
  }
}

async function showAll(hub: Hub, session: Session, user: User, entry: Entry, show: ShowStep): Promise<void> {
  const others = user.sessions.length - 1;
  show({ step: 'welcome', name: user.name, account: user.account !== null, others });
  const wanted = entry.account?.settings['current'];
  await catchUp(hub, session, entry.memberships, missed => show({ step: 'missed', ...missed }));
  const current = session.seats.find(seat => seat.room.name === wanted) ?? session.seats.at(-1);
  if (current) session.makeCurrent(current);
  await openInbox(hub, session, user, show);
  if (session.closed) return;
  show({
    step: 'ready',
    current: session.current?.room.name ?? null,
    rooms: session.seats.map(seat => seat.room.name),
  });
  // At once, and not only every few seconds: who leaves right after this is not shown it all again.
  if (user.account) saveOnceRead(hub, user, session);
  if (user.account && !user.announced) announcePresence(hub, user, 'online', '');
  user.announced = true;
}

/**
 * Shows what waited for the name, page by page as it is read, then lets live private messages through. Each
 * page is marked as seen once it has left.
 */
async function openInbox(hub: Hub, session: Session, user: User, show: ShowStep): Promise<void> {
  const seen = new Set<number>();
  let total: number | null = 0;
  for (;;) {
    const messages = unseen(session, await hub.backend.waiting(user.folded), seen);
    if (messages.length === 0) break;
    if (total === 0) total = messages.filter(event => !user.ignores(event.from)).length;
    for (const page of pagesOf(messages)) {
      await session.link.outbox.drained();
      if (session.closed) return;
      const shown = page.filter(event => !user.ignores(event.from));
      if (shown.length > 0) {
        show({ step: 'waiting', total, messages: shown });
        total = null;
      }
      session.link.outbox.mark(
        () => hub.privateSeen(user, page),
        page.map(event => event.id),
      );
    }
  }
  session.inbox = null;
}

/**
 * What waits and what came since, oldest first, without what this session has seen. (What came may wait no
 * more: another session of the account was shown it.)
 */
function unseen(session: Session, stored: readonly PrivateEvent[], seen: Set<number>): PrivateEvent[] {
  const messages: PrivateEvent[] = [];
  for (const event of [...stored, ...(session.inbox ?? [])]) {
    if (seen.has(event.id)) continue;
    seen.add(event.id);
    messages.push(event);
  }
  session.inbox = [];
  return messages.sort((a, b) => a.id - b.id);
}

/** A session leaves: its seats go, and with the user's last session the name itself. */
export function signOut(hub: Hub, session: Session, reason: string): void {
  const user = session.user;
  if (!user) return;
  if (user.account) saveOnceRead(hub, user, session);
  user.sessions.splice(user.sessions.indexOf(session), 1);
  for (const seat of session.seats) seat.room.removeSeat(seat);
  if (user.account) rememberSettings(hub, user, session);
  if (user.sessions.length === 0) removeUser(hub, user, reason);
  letGo(hub, user.folded);
}

export function removeUser(hub: Hub, user: User, reason: string): void {
  hub.users.delete(user.folded);
  if (user.account) {
    if (user.announced) announcePresence(hub, user, 'offline', reason);
    for (const member of user.rooms) {
      member.user = null;
      hub.letSleep(member.room);
    }
  } else for (const { room } of user.rooms) hub.takeOut(room, user.name, reason);
}

/** Ends every session of a user, with a reason. */
export function dropUser(hub: Hub, user: User, why: Refusal): void {
  hub.log.warn('user dropped', { name: user.name, code: why.code });
  for (const session of [...user.sessions]) {
    session.link.face.refusal(why);
    session.link.close(why.code);
  }
}

/** Keeps what an account chose: its options, whom it ignores, and the room it was in. */
export function rememberSettings(hub: Hub, user: User, session: Session): void {
  if (!user.account || session.closed) return;
  hub.backend.saveSettings(user.folded, {
    ...user.options,
    ignored: user.ignored ? [...user.ignored.values()] : [],
    current: session.current?.room.name ?? null,
  });
}

function readIgnored(settings: Readonly<Record<string, unknown>>): Map<Folded, string> | null {
  const stored = settings['ignored'];
  if (!Array.isArray(stored)) return null;
  const names = stored.filter((name): name is string => typeof name === 'string');
  return names.length > 0 ? new Map(names.map(name => [fold(name), name])) : null;
}

async function makeAccount(
  hub: Hub,
  name: string,
  passwordHash: string,
  memberships: readonly Membership[],
): Promise<Account> {
  const outcome = await hub.backend.createAccount(name, passwordHash, memberships);
  if (outcome === 'owned') throw await ownedRefusal(hub.backend, name);
  if (outcome !== 'created') throw refusal(outcome);
  const account = await hub.backend.account(fold(name));
  if (!account) throw refusal('account-gone', name);
  return account;
}

function holdOn(hub: Hub, folded: Folded): Hold {
  const hold = hub.holds.get(folded) ?? { count: 0, claimed: false };
  hold.count++;
  hub.holds.set(folded, hold);
  return hold;
}

function letGo(hub: Hub, folded: Folded): void {
  const hold = hub.holds.get(folded);
  if (!hold || --hold.count > 0) return;
  hub.holds.delete(folded);
  if (hold.claimed) hub.backend.release(folded);
}
