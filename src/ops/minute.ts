/** A minute's samples as one: rates as their mean, times and the outbox at their worst, the rest at its end. */
import type { Sample } from '../http/dashboard.ts';

export class MinuteSum {
  private count = 0;
  private messages = 0;
  private deliveries = 0;
  private lag = 0;
  private commit = 0;
  private outbox = 0;
  private last: Sample | null = null;

  /** Seconds since the epoch. */
  constructor(readonly end: number) {}

  add(sample: Sample): void {
    this.count++;
    this.messages += sample.messages;
    this.deliveries += sample.deliveries;
    this.lag = Math.max(this.lag, sample.lag);
    this.commit = Math.max(this.commit, sample.commit);
    this.outbox = Math.max(this.outbox, sample.outbox);
    this.last = sample;
  }

  /** Null where there was none. */
  sample(): Sample | null {
    const { count, last, end, lag, commit, outbox } = this;
    if (!last) return null;
    const mean = (sum: number): number => Math.round((sum / count) * 100) / 100;
    return {
      ...last,
      at: end,
      messages: mean(this.messages),
      deliveries: mean(this.deliveries),
      lag,
      commit,
      outbox,
    };
  }
}
