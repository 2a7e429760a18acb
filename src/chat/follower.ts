/**
 * Following one room: a cursor over its history. Who has read everything waits, and is handed what a turn
 * brings as it is; who was not waiting (it is slow, or still reading) finds it in history. So nothing is ever
 * queued for a follower, and where it stopped is where it goes on, after a restart too.
 */
import { type SaidEvent, saidIn } from './browse.ts';
import { type Refusal, refusal } from './errors.ts';
import type { Hub } from './hub.ts';
import { type Reader, readingRefused } from './rights.ts';
import type { Room } from './room.ts';

/** Messages read from history at once. */
const PAGE = 100;

/** What a follower is told next. */
export type Next =
  | { readonly kind: 'messages'; readonly messages: readonly SaidEvent[] }
  /** Nothing was said for a while. */
  | { readonly kind: 'quiet' }
  /** There will be no more, and why. */
  | { readonly kind: 'over'; readonly why: Refusal };

const QUIET: Next = { kind: 'quiet' };

/** What is common to the followers of one room. */
export interface Channel {
  readonly room: Room;
  readonly followers: Set<Follower>;
  /** The id of the newest message that was told to those who waited. */
  newest: number;
}

export class Follower {
  /** Everything up to the channel's newest message was handed over. */
  private caughtUp: boolean;
  private waiter: ((next: Next) => void) | null = null;
  private over: Refusal | null = null;
  /** Resolves once nobody follows any more. */
  readonly closed: Promise<void>;
  private resolveClosed: () => void = () => {};

  constructor(
    private readonly hub: Hub,
    private readonly channel: Channel,
    readonly reader: Reader,
    /** The id of the last message handed over. */
    private cursor: number,
  ) {
    this.caughtUp = cursor >= channel.room.lastId;
    this.closed = new Promise(resolve => {
      this.resolveClosed = resolve;
    });
  }

  /** What comes next, once there is any. To be asked again only after it was answered. */
  async next(): Promise<Next> {
    while (!this.over && !this.caughtUp) {
      const messages = await this.read();
      if (messages.length > 0 && !this.over) return { kind: 'messages', messages };
    }
    if (this.over) return { kind: 'over', why: this.over };
    return await new Promise(resolve => {
      this.waiter = resolve;
    });
  }

  /** Nobody asks any more. */
  close(): void {
    this.end(refusal('shutting-down'));
  }

  /** A page of history. What was told before it was asked for is in it, unless it has been purged. */
  private async read(): Promise<readonly SaidEvent[]> {
    const { hub, channel } = this;
    const told = channel.newest;
    const messages = await saidIn(hub, channel.room, { after: this.cursor, limit: PAGE });
    this.cursor = messages.at(-1)?.id ?? this.cursor;
    if (messages.length < PAGE) {
      this.cursor = Math.max(this.cursor, told);
      this.caughtUp = this.cursor >= channel.newest;
    }
    return messages;
  }

  /** Something was said: who waits is handed it, who does not will read it. */
  offer(messages: readonly SaidEvent[], newest: number): void {
    const { waiter } = this;
    const first = messages[0]?.id ?? 0;
    if (!waiter || !this.caughtUp) this.caughtUp = false;
    else if (first > this.cursor) {
      this.cursor = newest;
      this.answer({ kind: 'messages', messages });
    } else this.offerUnseen(messages);
  }

  /** History was ahead of what is told. */
  private offerUnseen(messages: readonly SaidEvent[]): void {
    const unseen = messages.filter(message => message.id > this.cursor);
    if (unseen.length === 0) return;
    this.cursor = unseen.at(-1)?.id ?? this.cursor;
    this.answer({ kind: 'messages', messages: unseen });
  }

  beat(): void {
    this.answer(QUIET);
  }

  /** Ends it where the reader may not read the room any more. */
  check(): void {
    const refused = readingRefused(this.reader, this.channel.room);
    if (refused) this.end(refused);
  }

  end(why: Refusal): void {
    if (this.over) return;
    this.over = why;
    this.answer({ kind: 'over', why });
    this.resolveClosed();
  }

  private answer(next: Next): void {
    const { waiter } = this;
    this.waiter = null;
    waiter?.(next);
  }
}
