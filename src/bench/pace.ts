/** When the lines of an open loop should be said: evenly, from a start, whatever the server does. Times in µs. */

export class Pace {
  private taken = 0;

  constructor(
    private readonly perSecond: number,
    private readonly from: number,
  ) {}

  /** When the next line should be said; never, where there is no rate. */
  get next(): number {
    return this.perSecond > 0
      ? this.from + (this.taken * 1_000_000) / this.perSecond
      : Number.POSITIVE_INFINITY;
  }

  /** The number of the next line, from 0, which is now the one after it. */
  take(): number {
    return this.taken++;
  }
}
