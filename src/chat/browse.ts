/** Reading without a session: rooms, members, messages by pages, one message, search. */
import { refusal } from './errors.ts';
import { isSaid, type Kept, type PrivateEvent, type Said, type Stamp } from './event.ts';
import type { Hub } from './hub.ts';
import { type Folded, fold } from './names.ts';
import { type MemberView, membersOf } from './people.ts';
import type { SearchQuery } from './ports.ts';
import { type Asker, keyOf, mayKnow, type Reader, readingRefused, withKnownRoom } from './rights.ts';
import type { Room, Topic } from './room.ts';

export type SaidEvent = Said & Stamp;

/** A room as one may know it. */
export interface RoomSight {
  readonly name: string;
  /** Members with a session on this node. */
  readonly people: number;
  readonly topic: string;
  readonly unlisted: boolean;
  /** Its messages are for the asker; whether a token is banned from a room that is asleep is not looked at. */
  readonly readable: boolean;
}

export interface RoomDetails extends RoomSight {
  readonly topicSet: Topic | null;
  readonly moderated: boolean;
  /** Whoever joins needs a key. */
  readonly keyed: boolean;
  /** Of its newest event; 0 where there is none. */
  readonly lastId: number;
}

export interface PageAsked {
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

export interface MessagePage {
  readonly room: string;
  /** Oldest first. */
  readonly messages: readonly SaidEvent[];
  /** There are more in the direction asked. */
  readonly more: boolean;
}

export interface Found {
  /** Oldest first. */
  readonly messages: readonly (SaidEvent | PrivateEvent)[];
  /** False where not everything could be looked through. */
  readonly complete: boolean;
}

/** Rooms that a token for all of them, or the operator, has searched at once: those last spoken in. */
const MOST_SEARCHED = 100;

/** Rooms that the asker may know of: the fullest first, then those last spoken in. */
export async function roomsFor(hub: Hub, asker: Asker): Promise<RoomSight[]> {
  const own = await ownRooms(hub, asker);
  const ownFolded = new Set(own.map(fold));
  const readsAll = asker.kind === 'local' || (asker.kind === 'token' && asker.token.rooms === null);
  const sights: RoomSight[] = [];
  const listed = new Set<Folded>();
  for (const { name, topic } of await hub.backend.listedRooms()) {
    const folded = fold(name);
    listed.add(folded);
    const room = hub.rooms.get(folded);
    const readable = reads(asker) && (readsAll || ownFolded.has(folded));
    sights.push(room ? sight(asker, room) : { name, people: 0, topic, unlisted: false, readable });
  }
  for (const name of own) {
    if (listed.has(fold(name))) continue;
    const hidden = await hub.withRoom(name, async room => (mayKnow(asker, room) ? sight(asker, room) : null));
    if (hidden) sights.push(hidden);
  }
  return sights.sort((a, b) => b.people - a.people);
}

/** Rooms that the asker has to do with, whether they are listed or not. */
async function ownRooms(hub: Hub, asker: Asker): Promise<readonly string[]> {
  switch (asker.kind) {
    case 'nobody':
      return [];
    case 'token':
      return asker.token.rooms ?? [];
    case 'account':
      return (await hub.backend.account(fold(asker.name)))?.memberships.map(({ room }) => room) ?? [];
    case 'local':
      return [...hub.rooms.values()].map(room => room.name);
  }
}

function reads(asker: Asker): boolean {
  return asker.kind !== 'nobody' && (asker.kind !== 'token' || asker.token.read);
}

function sight(asker: Asker, room: Room): RoomSight {
  const { name, present, unlisted } = room;
  const readable = asker.kind !== 'nobody' && readingRefused(asker, room) === null;
  return { name, people: present, topic: room.topic?.text ?? '', unlisted, readable };
}

export function roomFor(hub: Hub, asker: Asker, name: string): Promise<RoomDetails> {
  return withKnownRoom(hub, asker, name, async room => ({
    ...sight(asker, room),
    topicSet: room.topic,
    moderated: room.moderated,
    keyed: room.key !== null,
    lastId: room.lastId,
  }));
}

/** To accounts as the chat shows them, of any room they may know of; to tokens where they read. */
export function membersFor(
  hub: Hub,
  reader: Reader,
  name: string,
): Promise<{ readonly room: string; readonly members: readonly MemberView[] }> {
  return withKnownRoom(hub, reader, name, async room => {
    const refused = reader.kind === 'token' ? readingRefused(reader, room) : null;
    if (refused) throw refused;
    return { room: room.name, members: membersOf(room) };
  });
}

/** Messages after an id, or the newest of those before it. */
export function messagesFor(hub: Hub, reader: Reader, name: string, asked: PageAsked): Promise<MessagePage> {
  const { after, before, limit } = asked;
  return withReadable(hub, reader, name, async room => {
    const found = await saidIn(hub, room, { after, before, limit: limit + 1 });
    const more = found.length > limit;
    const messages = after === undefined ? found.slice(-limit) : found.slice(0, limit);
    return { room: room.name, messages, more };
  });
}

export function messageFor(hub: Hub, reader: Reader, name: string, id: number): Promise<SaidEvent> {
  return withReadable(hub, reader, name, async room => {
    const [event] = await saidIn(hub, room, { after: id - 1, before: id + 1, limit: 1 });
    if (!event) throw refusal('no-such-message', String(id), room.name);
    return event;
  });
}

/** Lines said in a room, oldest first. */
export async function saidIn(hub: Hub, room: Room, asked: PageAsked): Promise<readonly SaidEvent[]> {
  const { after, before, limit } = asked;
  const events = await hub.backend.history({
    scope: { room: room.folded },
    only: 'said',
    limit,
    ...(after === undefined ? {} : { after }),
    ...(before === undefined ? {} : { before }),
  });
  return events.filter(isSaidInRoom);
}

export function isSaidInRoom(event: Kept): event is SaidEvent {
  return isSaid(event) && event.type !== 'private';
}

function withReadable<T>(
  hub: Hub,
  reader: Reader,
  name: string,
  work: (room: Room) => Promise<T>,
): Promise<T> {
  return withKnownRoom(hub, reader, name, async room => {
    const refused = readingRefused(reader, room);
    if (refused) throw refused;
    return await work(room);
  });
}

/** Full text: over one room, or over all that the reader reads and an account's own private messages. */
export async function search(
  hub: Hub,
  reader: Reader,
  words: string,
  room: string | null,
  limit: number,
): Promise<Found> {
  if (!/[\p{L}\p{N}]/u.test(words)) throw refusal('search-syntax');
  if (reader.kind === 'token' && !reader.token.read) throw refusal('token-scope', 'reading');
  const { rooms, mine, whole } = await whereToSearch(hub, reader, room);
  // An account's searches are counted with those of its sessions.
  const key = reader.kind === 'account' ? fold(reader.name) : reader.kind === 'token' ? keyOf(reader) : null;
  hub.countAttempt(hub.searches, key, 'too-many-searches');
  const { events, complete } = await hub.backend.search({ words, rooms, mine, limit });
  return { messages: events.filter(isSaid), complete: complete && whole };
}

async function whereToSearch(
  hub: Hub,
  reader: Reader,
  room: string | null,
): Promise<{ rooms: readonly Folded[]; mine: SearchQuery['mine']; whole: boolean }> {
  if (room !== null) {
    const folded = await withReadable(hub, reader, room, async known => known.folded);
    return { rooms: [folded], mine: null, whole: true };
  }
  if (reader.kind === 'account') {
    const account = await hub.backend.account(fold(reader.name));
    if (!account) throw refusal('account-gone', reader.name);
    const rooms = account.memberships.map(membership => fold(membership.room));
    return { rooms, mine: { name: fold(account.name), since: account.created }, whole: true };
  }
  const named = reader.kind === 'token' ? reader.token.rooms : null;
  const all = named ?? (await hub.backend.listedRooms()).map(({ name }) => name);
  const rooms = await readableOf(hub, reader, all.slice(0, MOST_SEARCHED));
  return { rooms, mine: null, whole: all.length <= MOST_SEARCHED };
}

async function readableOf(hub: Hub, reader: Reader, all: readonly string[]): Promise<readonly Folded[]> {
  const rooms: Folded[] = [];
  for (const name of all)
    await hub.withRoom(name, async room => {
      if (room.exists && readingRefused(reader, room) === null) rooms.push(room.folded);
    });
  return rooms;
}
