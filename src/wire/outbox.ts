/**
 * A session's bounded queue of bytes on their way out over one link.
 *
 * Promises: nothing is written before the end of the turn, then everything in one write (one more for each
 * 256 KB); a chunk that goes out alone is written as it is, never copied and never changed, so one buffer
 * may be in any number of outboxes; bytes go out in the order of their pushing; once the link is gone
 * everything is a no-op.
 *
 * Slow readers: the limits are about what the kernel would not take, so a reader that keeps up never meets
 * them, however much a turn has for it. Past `soft`, where `renderSkipped` is set, chunks that may be
 * skipped are dropped and only counted until all the rest went out; then one notice says what was skipped,
 * and what follows is shown again. Past `hard` nothing more is taken, what nobody began to write is dropped,
 * and the owner is told at the end of the turn, never from within a push.
 */
import type { Clock, Outbox, Skippable } from '../chat/ports.ts';
import type { Flusher } from './flusher.ts';
import type { Link } from './link.ts';

/** In bytes; Infinity for none. Read at each use: changing the object changes them for all who share it. */
export interface OutboxLimits {
  readonly soft: number;
  readonly hard: number;
}

/** Who is told that the outbox is over its hard limit. */
export interface OutboxOwner {
  /** Called once. It may push a last line, and must close the outbox or dispose of it. */
  onOverflow(): void;
}

/** Called once what was pushed before it has left. `seen`: the private messages that it is about. */
class Mark {
  constructor(
    readonly left: () => void,
    readonly seen: readonly number[],
  ) {}
}

/** A piece of what is unsent, as plain data. */
export interface Unsent {
  /** In base64. */
  readonly bytes: string;
  readonly skip: Skippable | null;
  /** Private messages that were seen once it has left. */
  readonly seen: readonly number[];
}

/** All that is unsent. `skipped`: lines a slow reader is yet to be told of. */
export interface OutboxState {
  readonly unsent: readonly Unsent[];
  readonly skipped: { readonly rooms: readonly Skippable[]; readonly seen: readonly number[] } | null;
}

type RenderSkipped = (skips: readonly Skippable[]) => string;
/** What became of those who would not read: lines dropped by room, and marks that wait for the notice of it. */
interface Skipped {
  readonly tallies: Map<string, Tally>;
  readonly marks: Mark[];
}
interface Tally {
  readonly room: string;
  lines: number;
  after: number;
}

/** `full`: over the hard limit, and the owner is yet to be told. `last-word`: it is being told, and may push. */
type State = 'open' | 'full' | 'last-word' | 'overflowed';
/** `draining`: ends the link when all is written. `ended`: did. `dead`: the link is gone. */
type Closing = 'no' | 'draining' | 'ended' | 'dead';

/** `drained()` waits for less than this many bytes where there is no soft limit. */
const LOW_WATER = 64 * 1024;
const NOTHING = new Uint8Array(0);
const NO_NOTES: (Skippable | Mark | null)[] = [];
const AT_ONCE = Promise.resolve();
/** Where chunks are joined for a write. One for all: a link keeps nothing of what it is lent. */
const JOIN = new Uint8Array(256 * 1024);
/** Queues shorter than this are not compacted. */
const FEW = 64;

/** There is one a connection: past 18 fields the engine's next size of object is 64 bytes larger. */
export class LinkOutbox implements Outbox {
  /** Says in one text, a line per room, what was skipped. Null where a reader is never skipped over. */
  renderSkipped: RenderSkipped | null = null;

  /** The queue; null when empty. `notes[i]` is what may be skipped as chunk i, or what is marked after it. */
  private chunks: Uint8Array[] | null = null;
  private notes = NO_NOTES;
  /** The first chunk of the queue that is not written, and how much of it is. */
  private head = 0;
  private offset = 0;
  private backlog = 0;
  /** Not null from the soft limit on until the notice. */
  private skipped: Skipped | null = null;
  /** Marks whose bytes are out, while a write is under way. */
  private passed: Mark[] | null = null;
  private waiters: (() => void)[] | null = null;
  private cancelDeadline: (() => void) | null = null;
  private state: State = 'open';
  private closing: Closing = 'no';
  /** In the flusher's list. */
  private dirty = false;
  /** The kernel took less than it was offered and has not drained. */
  private blocked = false;

  constructor(
    private readonly link: Link,
    private readonly limits: OutboxLimits,
    private readonly flusher: Flusher,
    private readonly owner: OutboxOwner,
  ) {}

  push(bytes: Uint8Array, skip?: Skippable): void {
    if (this.refusing) return;
    if (skip !== undefined && this.skipped !== null) {
      this.count(this.skipped.tallies, skip);
      return;
    }
    // Lines without bytes count only among lines that may yet be skipped.
    if (bytes.length === 0 && (skip === undefined || this.chunks === null)) return;
    this.append(bytes, skip ?? null);
    if (this.blocked) this.applyLimits();
    else this.schedule();
  }

  pushText(text: string): void {
    if (!this.refusing && text !== '') this.push(Buffer.from(text));
  }

  /** Not called either where pushing was refused before: what it is about never went out. */
  mark(left: () => void, seen: readonly number[] = []): void {
    if (this.refusing || this.state !== 'open') return;
    if (this.skipped !== null) this.skipped.marks.push(new Mark(left, seen));
    else if (this.empty) left();
    else this.append(NOTHING, new Mark(left, seen));
  }

  drained(): Promise<void> {
    if (this.refusing || this.backlog <= this.lowWater) return AT_ONCE;
    return new Promise(resolve => {
      this.waiters ??= [];
      this.waiters.push(resolve);
    });
  }

  get empty(): boolean {
    return this.chunks === null && this.skipped === null;
  }

  /** Bytes waiting. */
  get waiting(): number {
    return this.backlog;
  }

  /** What has not left, for another outbox to go on from. */
  carry(): OutboxState {
    const { notes, head, offset, skipped } = this;
    const unsent = (this.chunks ?? []).slice(head).map((chunk, index): Unsent => {
      const note = notes[head + index] ?? null;
      const begun = index === 0 && offset > 0;
      const bytes = Buffer.from(begun ? chunk.subarray(offset) : chunk).toString('base64');
      if (note instanceof Mark) return { bytes, skip: null, seen: note.seen };
      // A line that was begun is finished, however slow its reader.
      return { bytes, skip: begun ? null : note, seen: [] };
    });
    if (skipped === null) return { unsent, skipped };
    const seen = skipped.marks.flatMap(mark => mark.seen);
    return { unsent, skipped: { rooms: [...skipped.tallies.values()], seen } };
  }

  /** Takes what another outbox had; `left` is told of private messages as they leave. */
  restore({ unsent, skipped }: OutboxState, left: (seen: readonly number[]) => void): void {
    const mark = (seen: readonly number[]) => new Mark(() => left(seen), seen);
    for (const { bytes, skip, seen } of unsent) {
      if (seen.length > 0) this.append(NOTHING, mark(seen));
      else this.append(Buffer.from(bytes, 'base64'), skip);
    }
    if (skipped) {
      const tallies = new Map(skipped.rooms.map(tally => [tally.room, { ...tally }] as const));
      this.skipped = { tallies, marks: skipped.seen.length > 0 ? [mark(skipped.seen)] : [] };
    }
    if (!this.empty) this.schedule();
  }

  /** The link takes bytes again; they go out at the end of the turn. */
  onDrain(): void {
    if (!this.blocked) return;
    this.blocked = false;
    this.schedule();
  }

  /** Called by the flusher at the end of a turn. */
  flush(): void {
    this.dirty = false;
    if (!this.blocked) this.write();
    if (this.state === 'full') this.overflow();
    this.endIfDone();
  }

  /** Takes no more; ends the link once all is written, and terminates it if it still lives after `ms`. */
  close(ms: number, clock: Clock): void {
    if (this.closing !== 'no') return;
    this.closing = 'draining';
    this.cancelDeadline = clock.after(ms, () => this.link.terminate());
    this.endIfDone();
  }

  /** The link is gone: forgets everything; whoever waits for `drained` goes on. */
  dispose(): void {
    this.closing = 'dead';
    this.skipped = null;
    this.cancelDeadline?.();
    this.cancelDeadline = null;
    this.drop();
    this.wake();
  }

  /** What is pushed is dropped. */
  private get refusing(): boolean {
    return this.closing !== 'no' || this.state === 'full' || this.state === 'overflowed';
  }

  private get lowWater(): number {
    return this.limits.soft === Number.POSITIVE_INFINITY ? LOW_WATER : this.limits.soft / 4;
  }

  private append(bytes: Uint8Array, note: Skippable | Mark | null): void {
    if (this.chunks === null) {
      this.chunks = [bytes];
      this.notes = [note];
    } else {
      this.chunks.push(bytes);
      this.notes.push(note);
    }
    this.backlog += bytes.length;
    this.flusher.totals.bytes += bytes.length;
  }

  private schedule(): void {
    if (this.dirty || this.closing === 'dead') return;
    this.dirty = true;
    this.flusher.add(this);
  }

  /** Writes until nothing is left or the kernel takes no more; then calls the marks that were passed. */
  private write(): void {
    this.advance(0);
    while ((this.chunks !== null || this.tellSkipped()) && this.offer());
    if (this.blocked) this.applyLimits();
    if (this.backlog <= this.lowWater) this.wake();
    const { passed } = this;
    this.passed = null;
    if (passed !== null) for (const mark of passed) mark.left();
  }

  /** One write. True when the kernel took all it was offered. */
  private offer(): boolean {
    let bytes = this.chunks?.[this.head] ?? NOTHING;
    let from = this.offset;
    const left = bytes.length - from;
    if (left < this.backlog && left < JOIN.length) {
      bytes = this.join();
      from = 0;
    }
    const taken = this.link.write(bytes, from);
    if (taken < 0) this.dispose();
    if (this.closing === 'dead') return false;
    const { totals } = this.flusher;
    totals.writes++;
    totals.written += taken;
    totals.bytes -= taken;
    this.backlog -= taken;
    this.blocked = taken < bytes.length - from;
    this.advance(taken);
    return !this.blocked;
  }

  /** The start of the queue in one piece, as far as it fits. */
  private join(): Uint8Array {
    const chunks = this.chunks ?? [];
    let length = 0;
    for (let i = this.head; i < chunks.length && length < JOIN.length; i++) {
      let chunk = chunks[i] ?? NOTHING;
      const from = i === this.head ? this.offset : 0;
      const room = JOIN.length - length;
      if (from > 0 || chunk.length > room) chunk = chunk.subarray(from, from + room);
      JOIN.set(chunk, length);
      length += chunk.length;
    }
    return JOIN.subarray(0, length);
  }

  /** Moves the head of the queue `taken` bytes on, past marks too. */
  private advance(taken: number): void {
    const { chunks, notes } = this;
    if (chunks === null) return;
    while (this.head < chunks.length) {
      const left = (chunks[this.head] ?? NOTHING).length - this.offset;
      if (taken < left) {
        this.offset += taken;
        this.compact(chunks);
        return;
      }
      taken -= left;
      this.offset = 0;
      const note = notes[this.head];
      if (note instanceof Mark) {
        this.passed ??= [];
        this.passed.push(note);
      }
      this.head++;
    }
    this.clear();
  }

  /** Lets go of what was written once it is the greater part of a long queue. */
  private compact(chunks: Uint8Array[]): void {
    if (this.head < FEW || this.head * 2 < chunks.length) return;
    chunks.splice(0, this.head);
    this.notes.splice(0, this.head);
    this.head = 0;
  }

  /** What the kernel would not take is held against the limits. */
  private applyLimits(): void {
    if (this.state !== 'open' || this.closing !== 'no') return;
    if (this.backlog > this.limits.soft && this.renderSkipped !== null) this.skip();
    if (this.backlog > this.limits.hard) this.fill();
  }

  /** Starts skipping: drops what may be, save a chunk that is partly written. */
  private skip(): void {
    if (this.skipped !== null) return;
    const { chunks, notes, head, offset } = this;
    const tallies = new Map<string, Tally>();
    this.drop();
    this.skipped = { tallies, marks: [] };
    if (chunks === null) return;
    for (let i = head; i < chunks.length; i++) {
      const chunk = chunks[i] ?? NOTHING;
      const note = notes[i] ?? null;
      const begun = i === head && offset > 0;
      if (begun || note === null || note instanceof Mark) this.append(chunk, note);
      else this.count(tallies, note);
    }
    if (offset > 0) this.resume(offset);
  }

  private count(tallies: Map<string, Tally>, skip: Skippable): void {
    this.flusher.totals.skippedLines += skip.lines;
    const tally = tallies.get(skip.room);
    if (tally === undefined) {
      tallies.set(skip.room, { room: skip.room, lines: skip.lines, after: skip.after });
      return;
    }
    tally.lines += skip.lines;
    tally.after = Math.min(tally.after, skip.after);
  }

  /** With all else written: queues the notice of what was skipped. True if there is one. */
  private tellSkipped(): boolean {
    if (this.skipped === null || this.closing === 'dead') return false;
    const { tallies, marks } = this.skipped;
    const skips = [...tallies.values()].filter(tally => tally.lines > 0);
    this.skipped = null;
    if (skips.length > 0 && this.renderSkipped !== null)
      this.append(Buffer.from(this.renderSkipped(skips)), null);
    for (const mark of marks) this.append(NOTHING, mark);
    this.advance(0);
    return this.chunks !== null;
  }

  /** Over the hard limit: frees the queue, save a chunk that is partly written, and takes no more. */
  private fill(): void {
    const { offset } = this;
    const begun = offset > 0 ? this.chunks?.[this.head] : undefined;
    this.state = 'full';
    this.flusher.totals.overflows++;
    this.drop();
    this.skipped = null;
    if (begun !== undefined) {
      this.append(begun, null);
      this.resume(offset);
    }
    this.wake();
    this.schedule();
  }

  private overflow(): void {
    if (this.closing === 'no') {
      this.state = 'last-word';
      this.owner.onOverflow();
    }
    this.state = 'overflowed';
  }

  /** The first chunk of the queue, just appended, was written up to `offset` before. */
  private resume(offset: number): void {
    this.offset = offset;
    this.backlog -= offset;
    this.flusher.totals.bytes -= offset;
  }

  private drop(): void {
    this.flusher.totals.bytes -= this.backlog;
    this.backlog = 0;
    this.clear();
  }

  private clear(): void {
    this.chunks = null;
    this.notes = NO_NOTES;
    this.head = 0;
    this.offset = 0;
  }

  private wake(): void {
    const { waiters } = this;
    this.waiters = null;
    if (waiters !== null) for (const resolve of waiters) resolve();
  }

  private endIfDone(): void {
    if (this.closing !== 'draining' || !this.empty) return;
    this.closing = 'ended';
    this.link.end();
  }
}
