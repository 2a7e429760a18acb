/**
 * What all outboxes of a server have in common: the list of those with something to write this turn, so
 * that a thousand of them cost the turn one callback, and the sums over all of them.
 */
import type { Turn } from '../chat/ports.ts';

/** Sums over all outboxes; gauges are exact at any time. */
export interface OutboxTotals {
  /** Gauge: bytes waiting. Bytes shared by several outboxes count in each. */
  bytes: number;
  /** Bytes handed to the kernel, and in how many writes. */
  written: number;
  writes: number;
  /** Lines that slow readers were told of instead of shown. */
  skippedLines: number;
  /** Outboxes that went over their hard limit. */
  overflows: number;
}

export interface Flushable {
  flush(): void;
}

export class Flusher {
  readonly totals: OutboxTotals = { bytes: 0, written: 0, writes: 0, skippedLines: 0, overflows: 0 };
  /** Nothing is written any more: what is unsent, another program sends. */
  sealed = false;
  private dirty: Flushable[] = [];
  private readonly run = () => this.flush();

  constructor(private readonly turn: Turn) {}

  /** Has `outbox` flushed at the end of this turn; the caller adds itself once. */
  add(outbox: Flushable): void {
    if (this.dirty.length === 0) this.turn.flush(this.run);
    this.dirty.push(outbox);
  }

  /** A bug met in one outbox is thrown after all others were flushed: it is nobody else's. */
  private flush(): void {
    if (this.sealed) return;
    const { dirty } = this;
    this.dirty = [];
    const bugs: unknown[] = [];
    for (const outbox of dirty) {
      try {
        outbox.flush();
      } catch (bug) {
        bugs.push(bug);
      }
    }
    if (bugs.length === 1) throw bugs[0];
    if (bugs.length > 1) throw new AggregateError(bugs, 'several outboxes failed to flush');
  }
}
