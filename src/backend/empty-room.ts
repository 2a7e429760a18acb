/** What a room is of which nothing is stored: the first join makes it. */
import type { RoomRecord } from '../chat/ports.ts';

export function emptyRoom(name: string): RoomRecord {
  return {
    name,
    exists: false,
    topic: null,
    key: null,
    moderated: false,
    unlisted: false,
    members: [],
    bans: [],
    lastId: 0,
  };
}
