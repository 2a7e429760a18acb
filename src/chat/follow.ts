/**
 * Who follows what, without a session: every message of a room after an id, once, in order, for as long as
 * one may read it. See `Follower` for how that costs no queue.
 */
import { isSaidInRoom, type SaidEvent, saidIn } from './browse.ts';
import { bugText, refusal } from './errors.ts';
import { type Channel, Follower } from './follower.ts';
import type { Hub } from './hub.ts';
import { AddressCounter } from './limits.ts';
import type { Committed } from './ports.ts';
import { keyOf, type Reader, readingRefused, withKnownRoom } from './rights.ts';
import type { Room } from './room.ts';

/** ms between two signs of life, and until a token that was taken back is noticed at the latest. */
export const BEAT = 15_000;
/** Streams that one reader may have open. */
export const MOST_EACH = 100;

export class Follows {
  /** By the room's exact name, which is what events carry. */
  private readonly channels = new Map<string, Channel>();
  private readonly each = new AddressCounter();
  private readonly stopObserving: () => void;
  private stopBeating: () => void = () => {};
  private stopped = false;

  constructor(private readonly hub: Hub) {
    this.stopObserving = hub.observe(batch => this.committed(batch));
  }

  /** How many follow. */
  get count(): number {
    let count = 0;
    for (const { followers } of this.channels.values()) count += followers.size;
    return count;
  }

  /**
   * Follows a room from after this id on, or from now. An id that nothing here ever had (it is of another
   * store) is now, too. Rejects with the `Refusal` where it is not for the reader.
   */
  follow(reader: Reader, name: string, after: number | null): Promise<Follower> {
    return new Promise((resolve, reject) => {
      withKnownRoom(this.hub, reader, name, async room => {
        const elsewhere = after !== null && after > room.lastId && !(await this.isKept(room, after));
        const refused = this.stopped ? refusal('shutting-down') : readingRefused(reader, room);
        if (refused) throw refused;
        const follower = this.open(reader, room, elsewhere || after === null ? room.lastId : after);
        resolve(follower);
        // The room stays awake meanwhile: of rooms that are asleep nothing may be told.
        await follower.closed;
        this.drop(follower, room);
      }).catch(reject);
    });
  }

  /** Another node may have told somebody of a message that this one is told of in a moment. */
  private async isKept(room: Room, id: number): Promise<boolean> {
    const found = await saidIn(this.hub, room, { after: id - 1, limit: 1 });
    return found.length > 0;
  }

  /** Ends all of them; they come back to whoever runs next. */
  stop(): void {
    this.stopped = true;
    this.stopBeating();
    this.stopObserving();
    for (const { followers } of this.channels.values())
      for (const follower of [...followers]) follower.end(refusal('shutting-down'));
  }

  private open(reader: Reader, room: Room, cursor: number): Follower {
    const key = keyOf(reader);
    if (reader.kind !== 'local' && this.each.get(key) >= MOST_EACH)
      throw refusal('too-many-streams', MOST_EACH);
    const channel = this.channels.get(room.name) ?? { room, followers: new Set(), newest: 0 };
    const follower = new Follower(this.hub, channel, reader, cursor);
    if (this.channels.size === 0) this.beatLater();
    this.channels.set(room.name, channel);
    channel.followers.add(follower);
    this.each.add(key);
    return follower;
  }

  private drop(follower: Follower, room: Room): void {
    const channel = this.channels.get(room.name);
    if (!channel?.followers.delete(follower)) return;
    this.each.remove(keyOf(follower.reader));
    if (channel.followers.size === 0) this.channels.delete(room.name);
    if (this.channels.size === 0) this.stopBeating();
  }

  private committed(batch: readonly Committed[]): void {
    if (this.channels.size === 0) return;
    const said = new Map<Channel, SaidEvent[]>();
    for (const { event } of batch) {
      const channel = event.type === 'private' ? undefined : this.channels.get(event.room);
      if (!channel) continue;
      if (!isSaidInRoom(event)) {
        this.hand(said, channel);
        for (const follower of channel.followers) follower.check();
      } else if (event.id > channel.newest) {
        const messages = said.get(channel);
        if (messages) messages.push(event);
        else said.set(channel, [event]);
        channel.newest = event.id;
      }
    }
    for (const channel of [...said.keys()]) this.hand(said, channel);
  }

  /** One array for all, so that it is encoded once. */
  private hand(said: Map<Channel, SaidEvent[]>, channel: Channel): void {
    const messages = said.get(channel);
    said.delete(channel);
    if (messages) for (const follower of channel.followers) follower.offer(messages, channel.newest);
  }

  private beatLater(): void {
    this.stopBeating = this.hub.clock.after(BEAT, () => {
      this.beatLater();
      this.beat().catch(bug => this.hub.log.error('a heartbeat failed', { why: bugText(bug) }));
    });
  }

  private async beat(): Promise<void> {
    const followers = [...this.channels.values()].flatMap(channel => [...channel.followers]);
    const tokens = followers.some(({ reader }) => reader.kind === 'token')
      ? await this.hub.backend.tokens().catch(() => null)
      : null;
    const valid = tokens && new Set(tokens.map(({ id }) => id));
    for (const follower of followers) {
      const { reader } = follower;
      // Where the store cannot say, nothing was taken back as far as is known.
      if (reader.kind === 'token' && valid && !valid.has(reader.token.id)) follower.end(refusal('bad-token'));
      follower.check();
      follower.beat();
    }
  }
}
