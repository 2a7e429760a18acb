/** Who is here: presence, the lists of `who`, `users` and `rooms`. Unlisted rooms are shown to members only. */
import { showNow } from './deliver.ts';
import { refusal } from './errors.ts';
import type { Presence, Rank } from './event.ts';
import type { Hub } from './hub.ts';
import { fold, parseRoom } from './names.ts';
import type { Room } from './room.ts';
import type { Session } from './session.ts';
import type { User } from './user.ts';

export interface MemberView {
  readonly name: string;
  readonly rank: Rank;
  readonly online: boolean;
  readonly away: string | null;
}

export interface PersonView {
  readonly name: string;
  readonly account: boolean;
  readonly online: boolean;
  /** Rooms that the asker may know of. */
  readonly rooms: readonly string[];
  /** ms since the last line; 0 where not online. */
  readonly idle: number;
  readonly away: string | null;
  /** ms since the epoch, where not online. */
  readonly lastSeen: number | null;
}

export interface RoomView {
  readonly name: string;
  readonly present: number;
  readonly topic: string;
  readonly unlisted: boolean;
  readonly member: boolean;
}

/** Members of a room: those online first, operators before others, then by name. */
export function membersOf(room: Room): MemberView[] {
  const views: MemberView[] = [];
  for (const { name, rank, user } of room.members.values())
    views.push({ name, rank, online: user !== null, away: user?.away ?? null });
  return views.sort((a, b) => order(a) - order(b) || compare(a.name, b.name));
}

function order(view: MemberView): number {
  return (view.online ? 0 : 2) + (view.rank === 'operator' ? 0 : 1);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Everyone online, by name. */
export function everyone(hub: Hub, asker: Session): PersonView[] {
  return [...hub.users.values()]
    .map(user => person(hub, user, asker))
    .sort((a, b) => compare(a.name.toLowerCase(), b.name.toLowerCase()));
}

export function person(hub: Hub, user: User, asker: Session): PersonView {
  const rooms: string[] = [];
  for (const { room } of user.rooms) if (mayKnow(asker, room)) rooms.push(room.name);
  return {
    name: user.name,
    account: user.account !== null,
    online: true,
    rooms,
    idle: Math.max(0, hub.clock.now() - user.lastActive),
    away: user.away,
    lastSeen: null,
  };
}

/** One name, online or not; null where nobody ever had it. */
export async function lookUp(hub: Hub, name: string, asker: Session): Promise<PersonView | null> {
  const user = hub.users.get(fold(name));
  if (user) return person(hub, user, asker);
  const known = await hub.backend.known(fold(name));
  if (!known) return null;
  const { account, lastSeen } = known;
  return { name: known.name, account, online: false, rooms: [], idle: 0, away: null, lastSeen };
}

/** How a name that somebody has or had is spelled; throws `no-such-name` where nobody ever had it. */
export async function knownName(hub: Hub, name: string): Promise<string> {
  const folded = fold(name);
  const known = hub.users.get(folded) ?? (await hub.backend.known(folded));
  if (!known) throw refusal('no-such-name', name, (await hub.backend.similarNames(folded)).join(', '));
  return known.name;
}

/** Who is in the room of this name; null where there is none, or none that the asker may know of. */
export async function whoIsIn(
  hub: Hub,
  name: string,
  asker: Session,
): Promise<{ readonly room: string; readonly members: readonly MemberView[] } | null> {
  const parsed = parseRoom(name, hub.rules);
  if (typeof parsed !== 'string') return null;
  return await hub.withRoom(parsed, async room =>
    room.exists && mayKnow(asker, room) ? { room: room.name, members: membersOf(room) } : null,
  );
}

function mayKnow(asker: Session, room: Room): boolean {
  return !room.unlisted || asker.seatIn(room) !== null;
}

/** Rooms the asker may know of: the fullest first, then those last spoken in. */
export async function roomList(hub: Hub, asker: Session): Promise<RoomView[]> {
  const views: RoomView[] = [];
  for (const seat of asker.seats) if (seat.room.unlisted) views.push(roomView(seat.room, asker));
  for (const summary of await hub.backend.listedRooms()) {
    const room = hub.rooms.get(fold(summary.name));
    views.push(
      room
        ? roomView(room, asker)
        : { name: summary.name, present: 0, topic: summary.topic, unlisted: false, member: false },
    );
  }
  return views.sort((a, b) => b.present - a.present);
}

function roomView(room: Room, asker: Session): RoomView {
  const { name, present, unlisted } = room;
  return { name, present, topic: room.topic?.text ?? '', unlisted, member: asker.seatIn(room) !== null };
}

/** Tells those who share a room with the user how it is about. */
export function announcePresence(hub: Hub, user: User, type: Presence['type'], reason: string): void {
  const sessions = new Set<Session>();
  for (const { room } of user.rooms)
    for (const { session } of room.listeners) if (session.user !== user) sessions.add(session);
  if (sessions.size > 0) showNow({ type, from: user.name, reason, id: 0, at: hub.clock.now() }, sessions);
}
