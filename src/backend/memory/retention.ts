/** Lets go of the oldest events of a memory store, by age, lines a room and bytes in all. */
import { isSaid, type Kept } from '../../chat/event.ts';
import { KEY_LIFE, type Retention } from '../options.ts';
import { sizeOf } from './apply.ts';
import type { MemoryStore } from './store.ts';

/** Room is made for a while at once, as finding the oldest means looking at everything. */
const MAKE_ROOM = 0.9;

export function purge(store: MemoryStore, retention: Retention, now: number): void {
  forgetKeys(store, now - KEY_LIFE);
  if (retention.age > 0) purgeByAge(store, now - retention.age);
  if (retention.lines > 0) purgeByLines(store, retention.lines);
  purgeByBytes(store, retention.bytes);
}

/** Drops the oldest events while there are more bytes than `most` (0: no bound). Waiting ones stay. */
export function purgeByBytes(store: MemoryStore, most: number): void {
  if (most === 0 || store.bytes <= most) return;
  const waiting = waitingIds(store);
  const oldest = [...store.rooms.values()]
    .flatMap((room): Kept[] => room.events)
    .concat(...store.conversations.values())
    .filter(({ id }) => !waiting.has(id))
    .sort((a, b) => a.id - b.id);
  const gone = new Set<number>();
  let left = store.bytes;
  for (const event of oldest) {
    if (left <= most * MAKE_ROOM) break;
    left -= sizeOf(event);
    gone.add(event.id);
  }
  drop(store, ({ id }) => gone.has(id));
}

function purgeByAge(store: MemoryStore, before: number): void {
  for (const name of store.names.values()) {
    for (const event of name.waiting.values()) if (event.at < before) name.waiting.delete(event.id);
  }
  drop(store, ({ at }) => at < before);
}

/** A room keeps its newest lines and what happened since the oldest of them, of that no more than lines. */
function purgeByLines(store: MemoryStore, most: number): void {
  for (const room of store.rooms.values()) {
    const said = cutOf(room.events.filter(isSaid), most);
    const other = Math.max(
      said,
      cutOf(
        room.events.filter(event => !isSaid(event)),
        most,
      ),
    );
    keepOnly(store, room, event => event.id >= (isSaid(event) ? said : other));
    store.tidy(room.folded);
  }
}

/** The id of the oldest of the newest `most`; 0 where there are fewer. */
function cutOf(events: readonly Kept[], most: number): number {
  return events.at(-most)?.id ?? 0;
}

function drop(store: MemoryStore, gone: (event: Kept) => boolean): void {
  for (const room of store.rooms.values()) {
    keepOnly(store, room, event => !gone(event));
    store.tidy(room.folded);
  }
  for (const [key, events] of store.conversations) {
    const conversation = { events };
    keepOnly(store, conversation, event => !gone(event));
    if (conversation.events.length > 0) store.conversations.set(key, conversation.events);
    else store.conversations.delete(key);
  }
}

function keepOnly<E extends Kept>(
  store: MemoryStore,
  holder: { events: E[] },
  keep: (event: E) => boolean,
): void {
  const kept = holder.events.filter(keep);
  if (kept.length === holder.events.length) return;
  const size = (events: readonly E[]): number => events.reduce((sum, event) => sum + sizeOf(event), 0);
  store.bytes -= size(holder.events) - size(kept);
  holder.events = kept;
}

function waitingIds(store: MemoryStore): Set<number> {
  return new Set([...store.names.values()].flatMap(name => [...name.waiting.keys()]));
}

function forgetKeys(store: MemoryStore, before: number): void {
  for (const [key, event] of store.posted) {
    if (event.at >= before) break;
    store.posted.delete(key);
  }
}
