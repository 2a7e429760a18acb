/** Clears away a room that nobody is in, that nothing is set on and in which nothing is left that was said. */
import type { Folded } from '../../chat/names.ts';
import type { State } from './state.ts';

/** Comings and goings deleted at once with their room; a room with more is left to the next purge. */
const AT_ONCE = 500;

/** Within a transaction. Answers whether the room went. */
export function tidyRoom(state: State, folded: Folded): boolean {
  const { statements, rooms, said, guests, undo } = state;
  const room = guests.has(folded) ? null : rooms.folded(folded);
  if (!room || said.last(room.id) > 0) return false;
  const abandoned = statements.abandoned.get(AT_ONCE + 1, room.id);
  if (!abandoned || abandoned.others > AT_ONCE) return false;
  statements.deleteOthers.run(room.id);
  statements.deleteRoom.run(room.id);
  // Their ids are not given out again.
  state.keepLast();
  rooms.forget(folded);
  state.roomCount--;
  undo.push(() => state.roomCount++);
  return true;
}
