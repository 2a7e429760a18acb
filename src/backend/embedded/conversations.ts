/**
 * Which conversation a private message belongs to, remembered from one message to the next: two who write to
 * each other do so more than once, and finding out takes three look-ups.
 */

export interface Conversation {
  readonly id: number;
  /** The id of the addressee's name. */
  readonly addressee: number;
}

/** Conversations remembered at once; with more, all are forgotten and met again. */
const MOST = 10_000;

export class Conversations {
  private readonly known = new Map<string, Conversation>();

  get(from: string, to: string): Conversation | undefined {
    return this.known.get(key(from, to));
  }

  remember(from: string, to: string, conversation: Conversation): void {
    if (this.known.size >= MOST) this.known.clear();
    this.known.set(key(from, to), conversation);
  }

  /** After a transaction was rolled back, or conversations were deleted. */
  clear(): void {
    this.known.clear();
  }
}

/** No name has a space in it. */
function key(from: string, to: string): string {
  return `${from} ${to}`;
}
