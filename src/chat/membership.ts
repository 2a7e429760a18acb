/** Being in rooms: joining, leaving, making unlisted ones. */
import { beforeOpening, openSeat } from './deliver.ts';
import { refusal } from './errors.ts';
import type { Kept } from './event.ts';
import type { Hub } from './hub.ts';
import { parseRoom } from './names.ts';
import { type MemberView, membersOf } from './people.ts';
import type { Room, Topic } from './room.ts';
import type { Seat } from './seat.ts';
import type { Session } from './session.ts';
import { rememberSettings } from './signin.ts';
import type { User } from './user.ts';

/** What a session is shown on joining. */
export interface Joining {
  readonly room: string;
  readonly topic: Topic | null;
  readonly unlisted: boolean;
  readonly moderated: boolean;
  readonly members: readonly MemberView[];
  /** The last lines said, oldest first. */
  readonly lines: readonly Kept[];
  /** False where the session's user was in the room already. */
  readonly fresh: boolean;
  /** The join itself could not be kept (the disk is full): the account will not be in it after a restart. */
  readonly passing: boolean;
  readonly operator: boolean;
}

/**
 * Joins a room, or makes it current where one is in it already. `show` is called before anything that
 * happens in the room from then on is shown.
 */
export async function join(
  hub: Hub,
  session: Session,
  user: User,
  input: string,
  key: string | null,
  show: (joining: Joining) => void,
): Promise<void> {
  const name = parseRoom(input, hub.rules);
  if (typeof name !== 'string') throw name;
  await hub.withRoom(name, async room => {
    const seat = session.seatIn(room);
    if (seat) {
      goTo(hub, session, user, seat);
      show(view(room, user, [], false, false));
      return;
    }
    mayJoin(hub, session, user, room, key);
    await settleIn(hub, session, user, room, false, show);
  });
}

/** Joins a room that one may join: the seat keeps what happens until members and history are shown. */
async function settleIn(
  hub: Hub,
  session: Session,
  user: User,
  room: Room,
  unlisted: boolean,
  show: (joining: Joining) => void,
): Promise<void> {
  // What is said in a room that is only being made, its seat keeps.
  const empty = room.lastId === 0;
  const passing = await enter(hub, session, user, room, unlisted);
  const seat = session.seatIn(room);
  // Gone, or put out again, meanwhile.
  if (!seat || session.closed) return;
  goTo(hub, session, user, seat);
  if (!room.opening.has(seat)) {
    // Another session of the account came in at the same time and brought this one along.
    show(view(room, user, [], false, passing));
    return;
  }
  try {
    const page = empty ? [] : await lastLines(hub, room);
    if (!room.opening.has(seat)) return;
    const lines = beforeOpening(seat, page).filter(event => !user.ignores(event.from));
    show(view(room, user, lines, true, passing));
  } finally {
    openSeat(seat);
  }
}

function lastLines(hub: Hub, room: Room): Promise<readonly Kept[]> {
  const limit = hub.rules.joinLines;
  if (limit === 0) return Promise.resolve([]);
  return hub.backend.history({ scope: { room: room.folded }, only: 'said', limit });
}

/** Lines go to this room from now on; an account comes back to it. */
function goTo(hub: Hub, session: Session, user: User, seat: Seat): void {
  session.makeCurrent(seat);
  rememberSettings(hub, user, session);
}

/** Posts the join; true where an account is in but that could not be kept. */
async function enter(
  hub: Hub,
  session: Session,
  user: User,
  room: Room,
  unlisted: boolean,
): Promise<boolean> {
  const operator = room.vacant;
  const from = user.name;
  if (operator) room.founding = true;
  try {
    const [joined, hidden] = await Promise.allSettled([
      hub.keep({ type: 'join', room: room.name, from, account: user.account !== null, operator }, session),
      // Posted in the same turn, so that nobody ever sees the room listed.
      unlisted
        ? hub.keep({ type: 'mode', room: room.name, from, change: { mode: 'unlisted', on: true } }, session)
        : null,
    ]);
    if (joined.status === 'rejected') throw joined.reason;
    if (hidden.status === 'rejected') {
      await leave(hub, session, user, room);
      throw hidden.reason;
    }
    room.invited.delete(user.folded);
    return joined.value.id === 0 && user.account !== null;
  } finally {
    if (operator) room.founding = false;
  }
}

function mayJoin(hub: Hub, session: Session, user: User, room: Room, key: string | null): void {
  if (user.rooms.length >= hub.rules.roomsPerSession)
    throw refusal('too-many-rooms', hub.rules.roomsPerSession);
  if (!room.exists) {
    if (hub.backend.roomCount >= hub.rules.rooms) throw refusal('server-rooms-full', hub.rules.rooms);
    hub.countAttempt(hub.newRooms, session.link.limitKey, 'too-many-new-rooms');
  }
  if (room.invited.has(user.folded)) return;
  const ban = room.banFor(user.folded, session.link.address);
  if (ban) throw refusal('banned', room.name, ban.reason);
  if (room.key !== null && room.key !== key) throw refusal('bad-key', room.name);
}

function view(room: Room, user: User, lines: readonly Kept[], fresh: boolean, passing: boolean): Joining {
  return {
    room: room.name,
    topic: room.topic,
    unlisted: room.unlisted,
    moderated: room.moderated,
    members: membersOf(room),
    lines,
    fresh,
    passing,
    operator: room.members.get(user.folded)?.rank === 'operator',
  };
}

/** Leaves a room with all sessions of the user. Resolves once that is kept and shown to the others. */
export async function leave(hub: Hub, session: Session, user: User, room: Room): Promise<void> {
  const left = hub.keep({ type: 'leave', room: room.name, from: user.name, reason: '' }, session);
  hub.handOver(room, user.folded);
  await left;
  rememberSettings(hub, user, session);
}

/**
 * Makes an unlisted room whose name is the code to hand out: `name-CODE`, or the code alone. The code has
 * 60 random bits, so it is not guessed.
 */
export async function create(
  hub: Hub,
  session: Session,
  user: User,
  name: string | null,
  randomBytes: (count: number) => Uint8Array,
  show: (joining: Joining) => void,
): Promise<void> {
  const code = roomCode(randomBytes(CODE_LENGTH));
  const room = name === null ? code : `${name.replace(/^#/, '')}-${code}`;
  const parsed = parseRoom(room, hub.rules);
  if (typeof parsed !== 'string') throw parsed;
  await hub.withRoom(parsed, async woken => {
    mayJoin(hub, session, user, woken, null);
    await settleIn(hub, session, user, woken, true, show);
  });
}

export const CODE_LENGTH = 12;
/** Crockford's base 32 in lower case: no i, l, o, u to misread or to spell words with. */
const CODE_ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

export function roomCode(bytes: Uint8Array): string {
  return [...bytes].map(byte => CODE_ALPHABET[byte % CODE_ALPHABET.length]).join('');
}
