/** What one draft does to a memory store, and the event it becomes. */
import type { Draft, Kept, PrivateEvent, RoomDraft, RoomEvent } from '../../chat/event.ts';
import { fold } from '../../chat/names.ts';
import type { Committed, Origin, PostRefusal } from '../../chat/ports.ts';
import type { MemoryRoom, MemoryStore } from './store.ts';

/** Bytes an event is counted as beside its text. */
const EVENT_BYTES = 120;

export function applyDraft(
  store: MemoryStore,
  draft: Draft,
  origin: Origin | null,
  now: number,
  mailbox: number,
): Committed | PostRefusal {
  if (draft.type !== 'private') {
    const event = applyRoomDraft(store, draft, now);
    return { event, origin, waiting: false };
  }
  const to = store.names.get(fold(draft.to));
  if (!to) return 'no-such-name';
  const waiting = !store.claims.has(fold(draft.to));
  if (waiting && to.waiting.size >= mailbox) return 'mailbox-full';
  const event: PrivateEvent = { ...draft, id: ++store.lastId, at: store.stamp(now) };
  // Who can be answered is known, signed in or not.
  if (!store.names.has(fold(draft.from))) store.know(draft.from, event.at);
  store.conversation(fold(draft.from), fold(draft.to)).push(event);
  to.waiting.set(event.id, event);
  store.bytes += sizeOf(event);
  return { event, origin, waiting };
}

function applyRoomDraft(store: MemoryStore, draft: RoomDraft, now: number): RoomEvent {
  if (draft.type === 'leave' && !store.rooms.has(fold(draft.room))) {
    store.guests.remove(fold(draft.room), fold(draft.from));
    return { ...draft, id: 0, at: store.stamp(now) };
  }
  const room = store.room(draft.room);
  const event: RoomEvent = { ...draft, room: room.name, id: ++store.lastId, at: store.stamp(now) };
  changeRoom(store, room, event);
  room.events.push(event);
  store.bytes += sizeOf(event);
  return event;
}

function changeRoom(store: MemoryStore, room: MemoryRoom, event: RoomEvent): void {
  switch (event.type) {
    case 'message':
    case 'action':
      break;
    case 'join':
      joinRoom(store, room, event.id, event.from, event.account, event.operator);
      break;
    case 'leave':
      room.members.delete(fold(event.from));
      store.guests.remove(room.folded, fold(event.from));
      break;
    case 'kick':
      room.members.delete(fold(event.name));
      store.guests.remove(room.folded, fold(event.name));
      break;
    case 'topic':
      room.topic = event.text === '' ? null : { text: event.text, from: event.from, at: event.at };
      break;
    case 'mode':
      if (event.change.mode === 'key') room.key = event.change.key;
      else room[event.change.mode] = event.change.on;
      break;
    case 'rank': {
      const member = room.members.get(fold(event.name));
      if (member) member.rank = event.rank;
      break;
    }
    case 'ban':
      room.bans = room.bans.filter(({ kind, what }) => kind !== event.ban.kind || what !== event.ban.what);
      room.bans.push(event.ban);
      break;
    case 'unban':
      room.bans = room.bans.filter(({ label }) => label !== event.label);
      break;
  }
}

function joinRoom(
  store: MemoryStore,
  room: MemoryRoom,
  id: number,
  from: string,
  account: boolean,
  operator: boolean,
): void {
  const name = fold(from);
  if (!account || !store.names.get(name)?.account) {
    store.guests.add(room.folded, name);
    return;
  }
  const member = room.members.get(name);
  if (!member) room.members.set(name, { rank: operator ? 'operator' : 'member', read: id });
  else if (operator) member.rank = 'operator';
}

/** Roughly what an event takes. */
export function sizeOf(event: Kept): number {
  return EVENT_BYTES + ('text' in event ? event.text.length : 0);
}
