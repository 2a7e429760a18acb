/**
 * A seat: one session's place in one room. While it is *opening*, the room's live events are kept back so
 * that members and history are shown first; once open, it is one of the listeners a turn is delivered to.
 */
import type { RoomEvent } from './event.ts';
import type { Member, Room } from './room.ts';
import type { Session } from './session.ts';

export class Seat {
  /** Its place among the room's listeners; -1 while opening and after leaving. */
  index = -1;
  /** What happened while opening; null once open. */
  kept: RoomEvent[] | null = null;

  constructor(
    readonly session: Session,
    readonly room: Room,
    readonly member: Member,
  ) {}
}
