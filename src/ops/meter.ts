/**
 * How long things take, as histograms and as the longest since somebody last looked: commits, turns, and how
 * late the event loop is, which is what everybody waits for when anything takes too long.
 */
import type { Clock, Meter } from '../chat/ports.ts';

/** Seconds, as Prometheus wants them. The last bucket, above all of these, is `+Inf`. */
const WORK_BOUNDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];
/** A timer is late by up to a millisecond anyway. */
const LAG_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** ms between two looks at how late a timer is. */
const LOOK = 100;

/** A histogram of durations; adding to it costs some nanoseconds. */
export class Durations {
  /** How many fell into each bucket, those below not among them. */
  readonly counts: number[];
  /** Seconds in all. */
  sum = 0;
  private longest = 0;

  constructor(readonly bounds: readonly number[]) {
    this.counts = new Array<number>(bounds.length + 1).fill(0);
  }

  add(ms: number): void {
    const seconds = ms / 1000;
    const { bounds, counts } = this;
    let at = 0;
    while (at < bounds.length && seconds > (bounds[at] ?? 0)) at++;
    counts[at] = (counts[at] ?? 0) + 1;
    this.sum += seconds;
    if (ms > this.longest) this.longest = ms;
  }

  /** The longest, in ms, since this was last asked. */
  takeLongest(): number {
    const { longest } = this;
    this.longest = 0;
    return longest;
  }
}

export class OpsMeter implements Meter {
  readonly lag = new Durations(LAG_BOUNDS);
  readonly commits = new Durations(WORK_BOUNDS);
  readonly deliveries = new Durations(WORK_BOUNDS);
  private cancel: () => void = () => {};

  /** `now`: see the port. */
  constructor(
    private readonly clock: Clock,
    readonly now: () => number = () => performance.now(),
  ) {}

  committed(ms: number): void {
    this.commits.add(ms);
  }

  delivered(ms: number): void {
    this.deliveries.add(ms);
  }

  /** From now on looks how late the event loop is. */
  start(): void {
    const due = this.now() + LOOK;
    this.cancel = this.clock.after(LOOK, () => {
      this.lag.add(Math.max(0, this.now() - due));
      this.start();
    });
  }

  stop(): void {
    this.cancel();
  }
}
