/** A clock that moves only when told to. Timers fire in order of their time, then of their making. */
import type { Clock } from '../../src/chat/ports.ts';

export class FakeClock implements Clock {
  private timers: { at: number; run: () => void }[] = [];

  /** Starts at noon of an ordinary day, local time, so that no test crosses midnight by accident. */
  constructor(private time: number = new Date(2026, 0, 15, 12, 0, 0).getTime()) {}

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter(other => other !== timer);
    };
  }

  /** Moves on by `ms`, firing what falls due on the way. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      let next: { at: number; run: () => void } | undefined;
      for (const timer of this.timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer;
      if (!next) break;
      const due = next;
      this.timers = this.timers.filter(other => other !== due);
      this.time = Math.max(this.time, due.at);
      due.run();
    }
    this.time = end;
  }

  /** How many timers are waiting: a leak shows here. */
  get pending(): number {
    return this.timers.length;
  }
}
