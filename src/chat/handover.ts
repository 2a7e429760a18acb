/**
 * What the hub and its sessions know beside the store, as plain data: written down by one program and read by
 * the next, which goes on with the same connections. Nobody sees anybody leave or come for it.
 *
 * Promises: a name stays whose it was, and is signed out as ever where none of its sessions came along; rooms
 * keep their members in order, with their ranks; nothing that was shown is shown again. No password or hash is
 * in it: what belongs to an account is read from the store.
 */
import { type Refusal, refusal } from './errors.ts';
import type { Rank } from './event.ts';
import type { Hub } from './hub.ts';
import { type Folded, fold } from './names.ts';
import type { Options } from './options.ts';
import type { Member, Room } from './room.ts';
import { Seat } from './seat.ts';
import type { Session } from './session.ts';
import { removeUser } from './signin.ts';
import { User } from './user.ts';

export interface UserState {
  readonly name: string;
  readonly account: boolean;
  readonly options: Options;
  readonly away: string | null;
  readonly announced: boolean;
  readonly ignored: readonly string[];
}

export interface MemberState {
  readonly name: string;
  readonly rank: Rank;
  readonly account: boolean;
  /** One of its sessions is here. */
  readonly here: boolean;
}

export interface RoomState {
  readonly name: string;
  /** In the order they joined. */
  readonly members: readonly MemberState[];
  /** Names let in once. */
  readonly invited: readonly string[];
}

export interface HubState {
  /** The number of the newest session. */
  readonly lastSession: number;
  readonly users: readonly UserState[];
  readonly rooms: readonly RoomState[];
}

export interface SessionState {
  readonly id: number;
  /** ms since the epoch, both. */
  readonly connectedAt: number;
  readonly lastActive: number;
  readonly lines: number;
  /** Null where nobody has signed in. */
  readonly name: string | null;
  readonly options: Options;
  /** In the order they were last made current. */
  readonly rooms: readonly string[];
  readonly current: string | null;
}

// ——— writing down ———

export function hubState(hub: Hub): HubState {
  return {
    lastSession: hub.lastSession,
    users: [...hub.users.values()].map(userState),
    rooms: [...hub.rooms.values()].map(roomState),
  };
}

function userState({ name, account, options, away, announced, ignored }: User): UserState {
  return {
    name,
    account: account !== null,
    options,
    away,
    announced,
    ignored: ignored ? [...ignored.values()] : [],
  };
}

function roomState({ name, members, invited }: Room): RoomState {
  const each = ({ name, rank, account, user }: Member) => ({ name, rank, account, here: user !== null });
  return { name, members: [...members.values()].map(each), invited: [...invited] };
}

export function sessionState(session: Session): SessionState {
  const { id, connectedAt, lastActive, lines, user, options, seats, current } = session;
  return {
    id,
    connectedAt,
    lastActive,
    lines,
    name: user?.name ?? null,
    options,
    rooms: seats.map(({ room }) => room.name),
    current: current?.room.name ?? null,
  };
}

/** Signing in, or being shown a room: nothing that can be written down until it is done. */
export function isUnderWay({ phase, inbox, seats, unsettled }: Session): boolean {
  return (
    phase.kind === 'signing-in' || inbox !== null || unsettled > 0 || seats.some(({ index }) => index < 0)
  );
}

// ——— reading ———

/** Claims the names and wakes the rooms. Sessions follow (`restoreSession`), then `finishRestoring`. */
export async function restoreHub(hub: Hub, state: HubState): Promise<void> {
  hub.lastSession = Math.max(hub.lastSession, state.lastSession);
  await Promise.all(state.users.map(user => restoreUser(hub, user)));
  await Promise.all(state.rooms.map(room => hub.withRoom(room.name, awake => restoreRoom(hub, awake, room))));
}

async function restoreUser(hub: Hub, state: UserState): Promise<void> {
  const folded = fold(state.name);
  const claim = await hub.backend.claim(state.name, state.account ? 'account' : 'guest');
  if (claim !== 'claimed') {
    hub.log.warn('a name could not be kept over an upgrade', { name: state.name, why: claim });
    return;
  }
  const account = state.account ? await hub.backend.account(folded) : null;
  const owner = account && { passwordHash: account.passwordHash, created: account.created };
  const user = new User(state.name, owner, state.options);
  user.away = state.away;
  user.announced = state.announced;
  if (state.ignored.length > 0) user.ignored = new Map(state.ignored.map(name => [fold(name), name]));
  hub.users.set(folded, user);
  hub.holds.set(folded, { count: 0, claimed: true });
}

/** The store knows which accounts are members; who else is, and since when, is in the state. */
async function restoreRoom(hub: Hub, room: Room, { members, invited }: RoomState): Promise<void> {
  const stored = new Map(room.members);
  room.members.clear();
  for (const { name, rank, account, here } of members) {
    const folded = fold(name);
    const member: Member = stored.get(folded) ?? { room, name, rank, account, user: null, saved: 0 };
    stored.delete(folded);
    room.members.set(folded, member);
    if (!account) hub.backend.keepGuest(room.folded, folded);
    const user = here ? hub.users.get(folded) : undefined;
    if (!user) continue;
    member.user = user;
    user.enter(member);
  }
  for (const [folded, member] of stored) room.members.set(folded, member);
  // Folded when they were written down.
  for (const name of invited) room.invited.add(name as Folded);
}

/** Puts a session that has just connected again where it was; refused where its name is somebody else's now. */
export function restoreSession(hub: Hub, session: Session, state: SessionState): Refusal | null {
  session.lastActive = state.lastActive;
  session.lines = state.lines;
  session.options = state.options;
  session.encoder = session.link.encoderFor(state.options);
  if (state.name === null) return null;
  const user = hub.users.get(fold(state.name));
  const hold = user && hub.holds.get(user.folded);
  if (!user || !hold) return refusal('name-lost', state.name);
  hold.count++;
  user.sessions.push(session);
  session.phase = { kind: 'user', user };
  for (const name of state.rooms) {
    const room = hub.rooms.get(fold(name));
    const member = room?.members.get(user.folded);
    if (!room || !member) continue;
    const seat = new Seat(session, room, member);
    session.take(seat);
    room.addListener(seat);
    if (name === state.current) session.current = seat;
  }
  return null;
}

/** All sessions are back. Whoever has none left has gone, and their rooms are told. */
export function finishRestoring(hub: Hub): void {
  for (const user of [...hub.users.values()]) {
    if (user.sessions.length > 0) continue;
    removeUser(hub, user, GONE);
    hub.holds.delete(user.folded);
    hub.backend.release(user.folded);
  }
  for (const room of [...hub.rooms.values()]) {
    for (const member of [...room.members.values()])
      if (!member.account && !member.user) hub.takeOut(room, member.name, GONE);
    hub.letSleep(room);
  }
}

const GONE = 'connection lost';
