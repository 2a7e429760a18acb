/**
 * Reading what was said before: history, search, and what an account missed while it was away.
 *
 * An account's read position in a room is the newest event shown to any of its sessions whose outbox has
 * emptied since. Positions are saved every few seconds and on leaving, so a crash repeats a little rather
 * than losing anything.
 */
import { beforeOpening, openSeat } from './deliver.ts';
import { refusal } from './errors.ts';
import { isSaid, type Kept } from './event.ts';
import type { Hub } from './hub.ts';
import { fold } from './names.ts';
import type { Membership, Scope, SearchResult } from './ports.ts';
import type { Member, Room, Topic } from './room.ts';
import { Seat } from './seat.ts';
import type { Session } from './session.ts';
import type { User } from './user.ts';

/** What was said in one room while the account was away: the newest lines, and how many came before them. */
export interface Missed {
  readonly room: string;
  readonly topic: Topic | null;
  readonly lines: readonly Kept[];
  /** Missed lines that are not among `lines`; they follow `after`. */
  readonly earlier: number;
  /** `earlier` is as far as was counted; there are more. */
  readonly more: boolean;
  readonly after: number;
}

/** Missed lines are counted no further than this. */
const COUNT_MOST = 100_000;

/**
 * Puts a session that just signed in back into its account's rooms, showing what was missed in each. One
 * room at a time, each only once the one before has left, so that catching up cannot overfill the outbox.
 */
export async function catchUp(
  hub: Hub,
  session: Session,
  memberships: readonly Membership[],
  show: (missed: Missed) => void,
): Promise<void> {
  const user = session.user;
  if (!user) return;
  // What another session of the account has been shown is not missed.
  savePositionsOf(hub, user);
  const known = new Set(memberships.map(({ room }) => fold(room)));
  for (const member of user.rooms)
    if (!known.has(member.room.folded)) listen(session, new Seat(session, member.room, member));
  for (const membership of memberships) {
    await session.link.outbox.drained();
    if (session.closed) return;
    await hub.withRoom(membership.room, room => catchUpRoom(hub, session, user, room, membership, show));
  }
}

async function catchUpRoom(
  hub: Hub,
  session: Session,
  user: User,
  room: Room,
  membership: Membership,
  show: (missed: Missed) => void,
): Promise<void> {
  const member = room.members.get(user.folded);
  if (!member || session.seatIn(room)) return;
  const seat = new Seat(session, room, member);
  seat.kept = [];
  room.opening.add(seat);
  session.take(seat);
  member.user = user;
  user.enter(member);
  // The account may have been in this room on another session until a moment ago.
  const after = Math.max(membership.read, member.saved);
  const scope = { room: room.folded };
  const limit = hub.rules.catchUpLines;
  // Asked for together, so that both are about the same lines.
  const [page, counted] = await Promise.all([
    hub.backend.history({ scope, after, newest: true, only: 'said', limit }),
    hub.backend.countSaid(room.folded, after, COUNT_MOST),
  ]);
  // Gone, or put out of the room, meanwhile.
  if (!room.opening.has(seat)) return;
  const before = beforeOpening(seat, page);
  const lines = before.filter(event => !user.ignores(event.from));
  const newest = page.at(-1)?.id ?? 0;
  const live = seat.kept.filter(event => isSaid(event) && event.id <= newest).length;
  const earlier = Math.max(0, counted - live - before.length);
  if (lines.length + earlier > 0)
    show({ room: room.name, topic: room.topic, lines, earlier, more: counted >= COUNT_MOST, after });
  openSeat(seat);
}

/** Bytes of a page: small, so that an outbox of any setting takes one when it has drained. */
const PAGE_BYTES = 4096;

/** Lines in pages, each of which is to be shown once the one before has left. */
export function* pagesOf<E extends Kept>(events: readonly E[]): Iterable<readonly E[]> {
  let page: E[] = [];
  let bytes = 0;
  for (const event of events) {
    page.push(event);
    bytes += LINE_BYTES + ('text' in event ? Buffer.byteLength(event.text) : 0);
    if (bytes < PAGE_BYTES) continue;
    yield page;
    page = [];
    bytes = 0;
  }
  if (page.length > 0) yield page;
}

/** What a line has beside its text, roughly. */
const LINE_BYTES = 100;

function listen(session: Session, seat: Seat): void {
  session.take(seat);
  seat.room.addListener(seat);
}

/** Whose history a word names for this session: a room one is in, or the private lines with a name. */
export function scopeOf(
  session: Session,
  word: string | null,
): { scope: Scope; title: string; room: Room | null } {
  const user = session.user;
  if (word === null) {
    const current = session.current;
    if (!current) throw refusal('no-current-room');
    return { scope: { room: current.room.folded }, title: current.room.name, room: current.room };
  }
  const isName = word.startsWith('@');
  const folded = fold(word.replace(/^[#@]/, ''));
  const seat = isName ? undefined : session.seats.find(other => other.room.folded === folded);
  if (seat) return { scope: { room: folded }, title: seat.room.name, room: seat.room };
  if (!isName) throw refusal('not-in-room', word.replace(/^#/, ''));
  if (!user?.account) throw refusal('not-an-account');
  return { scope: { between: [user.folded, folded], since: user.account.created }, title: word, room: null };
}

/** Full text over the rooms this session is in and, for an account, its private messages. */
export async function searchFor(
  hub: Hub,
  session: Session,
  words: string,
  limit: number,
): Promise<SearchResult> {
  if (!/[\p{L}\p{N}]/u.test(words)) throw refusal('search-syntax');
  const user = session.user;
  const account = user?.account;
  hub.countAttempt(hub.searches, user?.folded ?? null, 'too-many-searches');
  const result = await hub.backend.search({
    words,
    rooms: session.seats.map(seat => seat.room.folded),
    mine: user && account ? { name: user.folded, since: account.created } : null,
    limit,
  });
  return user?.ignored
    ? { ...result, events: result.events.filter(event => !user.ignores(event.from)) }
    : result;
}

/** Saves how far every account here has read, as far as that moved. */
export function savePositions(hub: Hub): void {
  for (const user of hub.users.values()) if (user.account) savePositionsOf(hub, user);
}

function savePositionsOf(hub: Hub, user: User): void {
  for (const session of user.sessions) if (session.link.outbox.empty) savePosition(hub, user, moved(session));
}

/** Saves how far this session has read as soon as all that was shown to it has left, if it ever does. */
export function saveOnceRead(hub: Hub, user: User, session: Session): void {
  const positions = moved(session);
  if (positions) session.link.outbox.mark(() => savePosition(hub, user, positions));
}

/** Memberships of which a session was shown more than was saved, and up to which event. */
type Positions = { readonly member: Member; readonly id: number }[];

function moved(session: Session): Positions | null {
  let positions: Positions | null = null;
  for (const { room, member, index } of session.seats) {
    // A seat that is still opening was not shown what it missed.
    if (index < 0 || member.saved >= room.lastId) continue;
    positions ??= [];
    positions.push({ member, id: room.lastId });
  }
  return positions;
}

function savePosition(hub: Hub, user: User, positions: Positions | null): void {
  if (!positions) return;
  for (const { member, id } of positions) member.saved = id;
  hub.backend.saveRead(
    user.folded,
    positions.map(({ member, id }) => [member.room.folded, id] as const),
  );
}
