/** Numbers of several rounds, and what a table says of them: medians, percentiles and how far apart they lie. */

/** The middle of several rounds, with the least and the most of them. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    low: sorted[0] ?? Number.NaN,
    high: sorted.at(-1) ?? Number.NaN,
    rounds: sorted.length,
  };
}

/** Between the two values where it falls between them; NaN where there is none. */
function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

/** A growing list of measurements, cheap to add to while measuring. */
export class Samples {
  private values = new Float64Array(4096);
  private sorted = true;
  count = 0;

  add(value: number): void {
    if (this.count === this.values.length) {
      const more = new Float64Array(this.count * 2);
      more.set(this.values);
      this.values = more;
    }
    this.values[this.count++] = value;
    this.sorted = false;
  }

  /** The value that a share `q` of all measurements do not exceed. */
  quantile(q: number): number {
    const values = this.values.subarray(0, this.count);
    if (!this.sorted) values.sort();
    this.sorted = true;
    return quantile(values, q);
  }

  get most(): number {
    return this.quantile(1);
  }
}
