/**
 * Reading what was said before: history, search, and what an account missed while it was away.
 *
 * An account's read position in a room is the newest event shown to any of its sessions whose outbox has
 * emptied since. Positions are saved every few seconds and on leaving, so a crash repeats a little rather
 * than losing anything.
 */
import { beforeOpening, openSeat } from './deliver.ts';
import { refusal } from './errors.ts';
import type { Kept } from './event.ts';
import type { Hub } from './hub.ts';
import { type Folded, fold } from './names.ts';
import type { HistoryQuery, Membership, Scope, SearchResult } from './ports.ts';
import type { Room, Topic } from './room.ts';
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
  for (const [room, member] of user.rooms) {
    if (!session.seatIn(room)) listen(session, new Seat(session, room, member));
  }
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
  session.seats.push(seat);
  member.user = user;
  user.rooms.set(room, member);
  // The account may have been in this room on another session until a moment ago.
  const after = Math.max(membership.read, user.saved.get(room.folded) ?? 0);
  const limit = hub.rules.catchUpLines;
  const page = await hub.backend.history({
    scope: { room: room.folded },
    after,
    newest: true,
    only: 'said',
    limit,
  });
  const counted =
    page.length < limit ? page.length : await hub.backend.countSaid(room.folded, after, COUNT_MOST);
  if (session.closed) return;
  const lines = beforeOpening(seat, page);
  if (counted > 0) {
    show({
      room: room.name,
      topic: room.topic,
      lines: lines.filter(event => !user.ignores(event.from)),
      earlier: Math.max(0, counted - page.length),
      more: counted >= COUNT_MOST,
      after,
    });
  }
  openSeat(seat);
}

function listen(session: Session, seat: Seat): void {
  session.seats.push(seat);
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

/** Kept events this session may read, oldest first, without those of names it ignores. */
export async function readHistory(hub: Hub, session: Session, query: HistoryQuery): Promise<readonly Kept[]> {
  await session.whenSettled();
  const events = await hub.backend.history(query);
  const user = session.user;
  return user?.ignored ? events.filter(event => !user.ignores(event.from)) : events;
}

/** Full text over the rooms this session is in and, for an account, its private messages. */
export async function searchFor(
  hub: Hub,
  session: Session,
  words: string,
  limit: number,
): Promise<SearchResult> {
  if (!/[\p{L}\p{N}]/u.test(words)) throw refusal('search-syntax');
  await session.whenSettled();
  const user = session.user;
  const account = user?.account;
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
  for (const user of hub.users.values()) {
    if (!user.account) continue;
    for (const session of user.sessions)
      if (session.link.outbox.empty) savePosition(hub, user, moved(user, session));
  }
}

/** Saves how far this session has read as soon as all that was shown to it has left, if it ever does. */
export function saveOnceRead(hub: Hub, user: User, session: Session): void {
  const positions = moved(user, session);
  if (positions) session.link.outbox.mark(() => savePosition(hub, user, positions));
}

type Positions = (readonly [Folded, number])[];

/** The rooms in which this session was shown more than was saved; null where there is none. */
function moved(user: User, session: Session): Positions | null {
  let positions: Positions | null = null;
  for (const { room, index } of session.seats) {
    // A seat that is still opening was not shown what it missed.
    if (index < 0 || (user.saved.get(room.folded) ?? 0) >= room.lastId) continue;
    positions ??= [];
    positions.push([room.folded, room.lastId]);
  }
  return positions;
}

function savePosition(hub: Hub, user: User, positions: Positions | null): void {
  if (!positions) return;
  for (const [room, id] of positions) user.saved.set(room, id);
  hub.backend.saveRead(user.folded, positions);
}
