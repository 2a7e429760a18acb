/**
 * Times in buckets: 128 to each doubling, so that any share of them is known to within 1 %, whatever their
 * range, and those of several processes add up.
 */

/** Bits that tell a value from its neighbours within a doubling. */
const BITS = 7;
const PER_DOUBLING = 2 ** BITS;
const BUCKETS = (32 - BITS + 1) * PER_DOUBLING;
/** In µs; a little over an hour. */
const MOST = 2 ** 32 - 1;

/** A histogram as plain data: pairs of bucket and count, and the exact maximum. */
export interface Times {
  readonly buckets: readonly (readonly [number, number])[];
  readonly most: number;
}

export class Histogram {
  count = 0;
  /** The longest, in µs, exactly. */
  most = 0;
  private readonly counts = new Float64Array(BUCKETS);

  /** Adds a time in µs. */
  add(time: number): void {
    const value = time > 0 ? Math.min(Math.round(time), MOST) : 0;
    const at = bucketOf(value);
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.count++;
    if (value > this.most) this.most = value;
  }

  /** The time in µs that a share `q` of all do not exceed; NaN where there is none. */
  quantile(q: number): number {
    if (this.count === 0) return Number.NaN;
    let left = Math.max(1, Math.ceil(q * this.count));
    for (let at = 0; at < BUCKETS; at++) {
      left -= this.counts[at] ?? 0;
      if (left <= 0) return Math.min(middleOf(at), this.most);
    }
    return this.most;
  }

  merge({ buckets, most }: Times): void {
    for (const [at, count] of buckets) {
      this.counts[at] = (this.counts[at] ?? 0) + count;
      this.count += count;
    }
    this.most = Math.max(this.most, most);
  }

  get times(): Times {
    const buckets: [number, number][] = [];
    this.counts.forEach((count, at) => {
      if (count > 0) buckets.push([at, count]);
    });
    return { buckets, most: this.most };
  }
}

/** Values below one doubling have a bucket each. */
function bucketOf(value: number): number {
  const shift = Math.max(0, 31 - Math.clz32(value) - BITS);
  return shift * PER_DOUBLING + (value >>> shift);
}

function middleOf(bucket: number): number {
  if (bucket < 2 * PER_DOUBLING) return bucket;
  const shift = Math.floor(bucket / PER_DOUBLING) - 1;
  const low = (bucket - shift * PER_DOUBLING) * 2 ** shift;
  return low + (2 ** shift - 1) / 2;
}
