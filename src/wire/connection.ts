/**
 * A connection: bytes of one link into lines for its listener, one after the other, and its outbox out.
 *
 * Promises: lines reach the listener in order, the next only when the one before is done; a client that
 * sends faster than its rate is not read, and closed when that goes on; what was sent before the client
 * closed its half is still run and answered; nothing here depends on how the bytes were cut into packets.
 */

import type { Counters, LinkEnd } from '../chat/counters.ts';
import { Refusal, refusal } from '../chat/errors.ts';
import { type Rate, TokenBucket } from '../chat/limits.ts';
import type { Clock } from '../chat/ports.ts';
import type { Flusher } from './flusher.ts';
import { LineSplitter, type LinesState } from './lines.ts';
import type { Carried, Link } from './link.ts';
import { LinkOutbox, type OutboxLimits, type OutboxOwner, type OutboxState } from './outbox.ts';
import { IAC, Telnet, type TelnetState } from './telnet.ts';

/** Who the lines are for: a dialect at work. */
export interface LineListener {
  /** One line, or why one was not read. A promise where it takes longer. */
  line(line: string | Refusal): void | Promise<void>;
  /** All lines are done and the client sends no more. */
  ended(): void;
  /** The outbox is over its hard limit: a last word, then close. */
  overflowed(): void;
  /** The link is gone. */
  gone(why: LinkEnd): void;
}

export interface WireSettings {
  readonly lineBytes: number;
  readonly outbox: OutboxLimits;
  readonly rate: Rate;
  /** ms of being slowed without a pause, after which a client is closed; 0 for never. */
  readonly floodClose: number;
  /** ms a closing connection has to drain. */
  readonly drain: number;
}

/** What a connection is in the middle of, as plain data. */
export interface ConnectionState {
  readonly fresh: boolean;
  /** A line that waits for its turn under the rate limit. */
  readonly held: string | null;
  readonly lines: LinesState | null;
  readonly telnet: TelnetState | null;
  readonly outbox: OutboxState;
}

/**
 * Whether lines are run. `held`: none is begun, what arrives waits, and what is under way goes on. `sealed`:
 * nobody is told of anything any more, a link that is gone included.
 */
export type Flow = 'on' | 'held' | 'sealed';

/** What all connections of a server share; `configure` changes it for those that are there, too. */
export class Wire {
  /** Where it is changed, every connection is to be told: `hold` or `release`. */
  flow: Flow = 'on';
  /** The one object that every outbox reads its limits from. */
  readonly limits: { soft: number; hard: number };
  /** One is enough: packets are worked on one after the other, and most end with a line. */
  private spare: LineSplitter | null = null;

  constructor(
    public settings: WireSettings,
    readonly clock: Clock,
    readonly flusher: Flusher,
    readonly counters: Counters,
  ) {
    this.limits = { ...settings.outbox };
  }

  /** A splitter for one connection's bytes, until it is given back. */
  takeSplitter(fresh: boolean): LineSplitter {
    const { spare } = this;
    this.spare = null;
    if (!spare) return new LineSplitter(this.settings.lineBytes, fresh);
    spare.restart(fresh);
    return spare;
  }

  giveBack(idle: LineSplitter): void {
    // Not one from before the settings changed.
    if (idle.limit === this.settings.lineBytes) this.spare = idle;
  }

  configure(settings: WireSettings): void {
    this.settings = settings;
    this.spare = null;
    Object.assign(this.limits, settings.outbox);
  }
}

/** What every TLS client sends first, and no line begins with (SYN; RFC 8446, 5.1). */
const TLS_HANDSHAKE = 0x16;

/** Bytes that may pile up behind a line that takes longer before the link is not read any more. */
const PILE = 64 * 1024;

export class Connection implements OutboxOwner {
  readonly outbox: LinkOutbox;
  /** Null between lines: a connection that is idle needs none. */
  private lines: LineSplitter | null = null;
  /** Null until the first telnet command: most clients never send one. */
  private telnet: Telnet | null = null;
  private readonly bucket: TokenBucket;
  private listener: LineListener | null = null;
  /** A line is being worked on. */
  private busy = false;
  /** The line that waits for its turn under the rate limit. */
  private held: string | Refusal | null = null;
  /** When the flood began, and when it last was slowed: a pause in between makes it a new one. */
  private throttledSince = 0;
  private lastThrottle = Number.NEGATIVE_INFINITY;
  private cancelThrottle: (() => void) | null = null;
  private answer: ((line: string) => void) | null = null;
  private fresh = true;
  private inputEnded = false;
  /** No more lines are wanted: what still arrives is dropped. */
  private deaf = false;
  private closed = false;

  constructor(
    private readonly link: Link,
    private readonly wire: Wire,
  ) {
    this.outbox = new LinkOutbox(link, wire.limits, wire.flusher, this);
    this.bucket = new TokenBucket(wire.settings.rate, wire.clock.now());
  }

  listen(listener: LineListener): void {
    this.listener = listener;
  }

  /** The next line is the answer to a question, and goes to `answer`; '' if the client hangs up first. */
  takeLine(answer: (line: string) => void): void {
    this.answer = answer;
    if (this.deaf) this.giveUpAnswer();
    this.pump();
    this.resume();
  }

  /** Runs no more lines: what still arrives is dropped. What is under way goes on, and the outbox stays open. */
  stopListening(): void {
    if (this.deaf) return;
    this.deaf = true;
    this.held = null;
    this.cancelThrottle?.();
    this.cancelThrottle = null;
    this.link.resume();
  }

  /** Reads no more; ends the link once the outbox is empty, or after the deadline. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.stopListening();
    this.outbox.close(this.wire.settings.drain, this.wire.clock);
    this.giveUpAnswer();
  }

  // ——— handing over ———

  /** After the flow was held: reads no more. */
  hold(): void {
    this.link.pause();
  }

  /** After the flow is on again: goes on with what waited, and reads again. */
  release(): void {
    this.pump();
    this.resume();
  }

  /** A line is being worked on, and not only for want of an answer. */
  get working(): boolean {
    return this.busy && this.answer === null;
  }

  carriedLink(): Carried | null {
    return this.link.carry();
  }

  /** Says now why the line that waits was not read: that is nothing to carry. */
  answerHeld(): void {
    const { held } = this;
    if (!(held instanceof Refusal)) return;
    this.held = null;
    void this.listener?.line(held);
  }

  carry(): ConnectionState {
    return {
      fresh: this.fresh,
      held: this.held instanceof Refusal ? null : this.held,
      lines: this.lines?.state ?? null,
      telnet: this.telnet?.state ?? null,
      outbox: this.outbox.carry(),
    };
  }

  /** Goes on from there, once the flow is on; `left` is told of private messages as they leave. */
  restore(
    { fresh, held, lines, telnet, outbox }: ConnectionState,
    left: (seen: readonly number[]) => void,
  ): void {
    this.fresh = fresh;
    this.held = held;
    if (lines) {
      this.lines = new LineSplitter(this.wire.settings.lineBytes);
      this.lines.restore(lines);
    }
    if (telnet) {
      this.telnet = new Telnet();
      this.telnet.restore(telnet);
    }
    this.outbox.restore(outbox, left);
  }

  /** The next line waits until this is done. */
  waitFor(working: Promise<void>): void {
    this.busy = true;
    void working.finally(() => {
      this.busy = false;
      this.pump();
      this.resume();
    });
  }

  // ——— from the link ———

  data(chunk: Uint8Array): void {
    if (this.deaf) return;
    if (this.fresh && chunk[0] === TLS_HANDSHAKE) {
      void this.listener?.line(refusal('tls-on-plain'));
      return;
    }
    this.lines ??= this.wire.takeSplitter(this.fresh);
    this.fresh = false;
    this.lines.feed(this.withoutTelnet(chunk));
    this.pump();
    const { lines } = this;
    if (lines === null) return;
    lines.keep();
    if (lines.pending > PILE && (this.busy || this.held !== null || this.wire.flow !== 'on'))
      this.link.pause();
  }

  private withoutTelnet(chunk: Uint8Array): Uint8Array {
    if (this.telnet === null) {
      if (!chunk.includes(IAC)) return chunk;
      this.telnet = new Telnet();
    }
    const text = this.telnet.filter(chunk);
    const reply = this.telnet.takeReply();
    if (reply) this.outbox.push(reply);
    return text;
  }

  drain(): void {
    this.outbox.onDrain();
  }

  /** The client closed its sending half: what it sent is still run, then the connection closes. */
  end(): void {
    this.inputEnded = true;
    this.lines?.finish();
    this.pump();
  }

  /** The link is gone, whoever ended it. */
  gone(why: LinkEnd): void {
    if (this.wire.flow === 'sealed') return;
    this.closed = true;
    this.stopListening();
    this.listener?.gone(why);
    this.giveUpAnswer();
    this.outbox.dispose();
  }

  // ——— OutboxOwner ———

  onOverflow(): void {
    this.listener?.overflowed();
  }

  // ——— lines ———

  private pump(): void {
    while (this.flowing && (!this.busy || this.answer !== null) && this.cancelThrottle === null) {
      const line = this.held ?? this.lines?.next() ?? null;
      this.held = null;
      if (line === null) {
        this.letGoOfLines();
        if (this.inputEnded) this.finish();
        return;
      }
      if (!this.bucket.take(this.wire.settings.rate, this.wire.clock.now())) {
        this.throttle(line);
        return;
      }
      this.deliver(line);
    }
  }

  private get flowing(): boolean {
    return !this.deaf && this.wire.flow === 'on';
  }

  private letGoOfLines(): void {
    if (!this.lines?.idle) return;
    this.wire.giveBack(this.lines);
    this.lines = null;
  }

  private deliver(line: string | Refusal): void {
    const { answer } = this;
    if (answer) {
      if (line instanceof Refusal) void this.listener?.line(line);
      else {
        this.answer = null;
        answer(line);
      }
      return;
    }
    // Before the call, as the line may ask a question at once: what follows the answer still waits.
    this.busy = true;
    const working = this.listener?.line(line);
    if (!working) {
      this.busy = false;
      return;
    }
    this.waitFor(working);
  }

  /** All lines are done: a question gets no answer any more, and the listener is told once it is idle. */
  private finish(): void {
    this.giveUpAnswer();
    if (!this.busy) this.listener?.ended();
  }

  private giveUpAnswer(): void {
    const { answer } = this;
    this.answer = null;
    answer?.('');
  }

  /** Stops reading until the rate allows the next line; closes who was slowed for too long without a pause. */
  private throttle(line: string | Refusal): void {
    const { clock, settings } = this.wire;
    const now = clock.now();
    this.held = line;
    const wait = this.bucket.wait(settings.rate, now);
    if (now - this.lastThrottle > PAUSE + wait) this.throttledSince = now;
    this.lastThrottle = now;
    if (settings.floodClose > 0 && now - this.throttledSince > settings.floodClose) {
      this.held = null;
      void this.listener?.line(refusal('flooding', settings.rate.perSecond));
      return;
    }
    this.wire.counters.throttled('line-rate');
    this.link.pause();
    this.cancelThrottle = clock.after(wait, () => {
      this.cancelThrottle = null;
      this.pump();
      this.resume();
    });
  }

  private resume(): void {
    if (this.flowing && this.held === null && (!this.busy || this.answer !== null)) this.link.resume();
  }
}

/** ms without being slowed that make a flood a new one. */
const PAUSE = 1000;
