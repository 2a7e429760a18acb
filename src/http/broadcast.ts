/**
 * One stream for any number of watchers. What is published is encoded once, into one buffer that all of them
 * are given, and kept for a while, so that who comes back with the id it saw last misses nothing; who was away
 * for too long, or comes from before a restart, is told to begin anew. Who reads too slowly is dropped.
 *
 * While nobody watches, and nobody may come back either, nothing is encoded.
 */
import type { Clock } from '../chat/ports.ts';
import type { Ask } from './route.ts';
import { BEAT, EventStream, frame, HEARTBEAT, retry, type StreamEnd } from './sse.ts';

export interface BroadcastSettings<Events extends object> {
  readonly clock: Clock;
  /** What tells the ids of this run from those of any other. */
  readonly boot: string;
  /** What a new watcher is shown first: how things are once all that was flushed is taken in. */
  hello(): readonly [keyof Events & string, unknown];
  /** What goes before the hello of a watcher that cannot be given what it missed. */
  resync(why: string): readonly [keyof Events & string, unknown];
}

/** What is kept for those who come back: events, and their bytes. */
const MOST_KEPT = 1000;
const MOST_KEPT_BYTES = 512 * 1024;
/** ms after the last watcher went for which it may come back and has missed nothing. */
const LINGER = 60_000;
/** Watchers sent to at a time, some half a millisecond of work: chat goes on in between. */
const SLICE = 64;
/** ms until a reader comes back: at least, and spread over as much again, as all may lose us at once. */
const RETRY = 1000;

export class Broadcast<Events extends object> {
  /** Watchers that did not keep up. */
  dropped = 0;
  private readonly streams = new Set<EventStream>();
  /** The id of the newest event; they have no gaps while anybody may come back. */
  private sequence = 0;
  /** The newest events, up to `sequence`. */
  private kept: Buffer[] = [];
  private keptBytes = 0;
  /** Encoded, and not sent yet. */
  private pending: Buffer[] = [];
  /** The hello for all who come before the next event. */
  private hello: Buffer | null = null;
  private lastLeft = Number.NEGATIVE_INFINITY;
  private came = 0;
  private stopBeating: (() => void) | null = null;
  /** What is on its way to those of `streams` who were there when it was sent; the oldest first. */
  private readonly sending: { readonly bytes: Buffer; readonly to: readonly EventStream[]; next: number }[] =
    [];
  private stopSending: (() => void) | null = null;

  constructor(private readonly settings: BroadcastSettings<Events>) {}

  get watchers(): number {
    return this.streams.size;
  }

  /** Somebody watches, or may come back and want what it missed. */
  get wanted(): boolean {
    return this.streams.size > 0 || this.settings.clock.now() - this.lastLeft < LINGER;
  }

  /** Adds an event; it goes out with the next `flush`. */
  publish<E extends keyof Events & string>(event: E, data: Events[E]): void {
    this.sequence++;
    this.hello = null;
    if (!this.wanted) {
      this.kept = [];
      this.keptBytes = 0;
      return;
    }
    const bytes = this.encode(event, data, true);
    this.pending.push(bytes);
    this.keep(bytes);
  }

  /** Sends what was published since the last time, in one write a watcher. */
  flush(): void {
    const { pending } = this;
    if (pending.length === 0) return;
    this.pending = [];
    const [first] = pending;
    this.send(pending.length === 1 && first ? first : Buffer.concat(pending));
  }

  /** A stream for this request. What was published is flushed by then. */
  watch(ask: Pick<Ask, 'request' | 'keepOpen'>): Response {
    this.flush();
    const stream = new EventStream(ask, how => this.gone(stream, how));
    stream.push(retry(RETRY + ((this.came++ * 37) % RETRY)));
    for (const bytes of this.opening(ask.request.headers.get('last-event-id'))) stream.push(bytes);
    if (stream.open) this.streams.add(stream);
    this.beat();
    return stream.response;
  }

  /** Ends all streams, this event the last. */
  close<E extends keyof Events & string>(event: E, data: Events[E]): void {
    this.flush();
    while (this.sendSlice());
    this.stopSending?.();
    this.stopSending = null;
    // Without an id: who comes back is not to take this for the newest of the next run.
    const last = this.encode(event, data, false);
    for (const stream of [...this.streams]) stream.end(last);
    this.stopBeating?.();
    this.stopBeating = null;
  }

  // ——— who comes, and who comes back ———

  private opening(lastId: string | null): Buffer[] {
    const missed = lastId === null ? null : this.missedSince(lastId);
    if (Array.isArray(missed)) return missed;
    this.hello ??= this.encode(...this.settings.hello(), true);
    return missed === null ? [this.hello] : [this.encode(...this.settings.resync(missed), false), this.hello];
  }

  /** What came after an id, or why that cannot be told. */
  private missedSince(id: string): Buffer[] | string {
    const { boot } = this.settings;
    if (!id.startsWith(`${boot}-`)) return 'parley was restarted';
    const after = /^\d{1,15}$/.test(id.slice(boot.length + 1)) ? Number(id.slice(boot.length + 1)) : -1;
    const missed = this.sequence - after;
    if (after < 0 || missed < 0) return 'that is no id of this stream';
    if (missed > this.kept.length) return 'that was too long ago';
    return missed === 0 ? [] : [Buffer.concat(this.kept.slice(-missed))];
  }

  private keep(bytes: Buffer): void {
    this.kept.push(bytes);
    this.keptBytes += bytes.length;
    while (this.kept.length > MOST_KEPT || this.keptBytes > MOST_KEPT_BYTES)
      this.keptBytes -= this.kept.shift()?.length ?? 0;
  }

  private encode(event: string, data: unknown, withId: boolean): Buffer {
    const text = JSON.stringify(data);
    return withId
      ? frame({ event, id: `${this.settings.boot}-${this.sequence}`, data: text })
      : frame({ event, data: text });
  }

  // ——— the streams ———

  private send(bytes: Buffer): void {
    this.sending.push({ bytes, to: [...this.streams], next: 0 });
    if (this.stopSending === null) this.sendOn();
  }

  /** Sends a slice, and the rest a moment later. */
  private sendOn(): void {
    this.stopSending = this.sendSlice() ? this.settings.clock.after(0, () => this.sendOn()) : null;
  }

  /** False where nothing is left to send. */
  private sendSlice(): boolean {
    const [first] = this.sending;
    if (!first) return false;
    const end = first.next + SLICE;
    for (const stream of first.to.slice(first.next, end)) stream.push(first.bytes);
    first.next = end;
    if (end >= first.to.length) this.sending.shift();
    return this.sending.length > 0;
  }

  private gone(stream: EventStream, how: StreamEnd): void {
    this.streams.delete(stream);
    if (how === 'slow') this.dropped++;
    if (this.streams.size === 0) this.lastLeft = this.settings.clock.now();
  }

  /** From the first watcher on, for as long as there is one. */
  private beat(): void {
    this.stopBeating ??= this.settings.clock.after(HEARTBEAT, () => {
      this.stopBeating = null;
      if (this.streams.size === 0) return;
      this.send(BEAT);
      this.beat();
    });
  }
}
