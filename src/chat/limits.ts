/**
 * Limits on how often and how many. Pure: `now` (ms) is an argument, nothing here keeps a timer. A limit of 0
 * or Infinity is no limit. Memory is bounded whatever strangers do.
 */

/** Rate and burst of a token bucket; shared by all the buckets that go by it. */
export interface Rate {
  /** Tokens a second. */
  readonly perSecond: number;
  /** Tokens of a full bucket: what may be taken at once. */
  readonly burst: number;
}

const TOKEN = 1000;

/**
 * A token bucket of two numbers, one a session. The rate is not its own, so that a reload changes them all.
 * A clock that is set back costs a session nothing.
 */
export class TokenBucket {
  /** Thousandths of a token, so that whole rates and whole ms make whole numbers. */
  private parts: number;
  private since: number;

  constructor(rate: Rate, now: number) {
    this.parts = rate.burst * TOKEN;
    this.since = now;
  }

  /** Takes a token; false where there is none. */
  take(rate: Rate, now: number): boolean {
    if (off(rate.perSecond)) return true;
    this.fill(rate, now);
    if (this.parts < TOKEN) return false;
    this.parts -= TOKEN;
    return true;
  }

  /** ms until `take` would answer true; 0 where it would now. */
  wait(rate: Rate, now: number): number {
    if (off(rate.perSecond)) return 0;
    this.fill(rate, now);
    return this.parts >= TOKEN ? 0 : Math.ceil((TOKEN - this.parts) / rate.perSecond);
  }

  private fill(rate: Rate, now: number): void {
    const gained = Math.max(0, now - this.since) * rate.perSecond;
    // A burst below one token would be a bucket that never gives any.
    this.parts = Math.min(Math.max(rate.burst, 1) * TOKEN, this.parts + gained);
    this.since = now;
  }
}

/** A token bucket a key. Knows at most `keys` of them; past that the one not used for longest is forgotten. */
export class KeyedBuckets {
  /** In the order in which they were last used. */
  private readonly buckets = new Map<string, TokenBucket>();

  constructor(private readonly keys = 10_000) {}

  /** Takes a token and answers 0; or how many ms it is until there is one. */
  take(key: string, rate: Rate, now: number): number {
    if (off(rate.perSecond)) return 0;
    const bucket = this.buckets.get(key) ?? new TokenBucket(rate, now);
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    const oldest = this.buckets.size > this.keys ? this.buckets.keys().next().value : undefined;
    if (oldest !== undefined) this.buckets.delete(oldest);
    return bucket.take(rate, now) ? 0 : bucket.wait(rate, now);
  }

  /** How many keys are known. */
  get size(): number {
    return this.buckets.size;
  }
}

interface Tries {
  count: number;
  /** When this key's window ends. */
  until: number;
}

/**
 * At most so many attempts a key within a window, which begins with its first attempt. Knows at most
 * `keys` keys; past that the one whose window ends first is forgotten.
 */
export class AttemptLimiter {
  /** In the order in which their windows began, which is that in which they end while the window is not changed. */
  private readonly tries = new Map<string, Tries>();

  constructor(
    private most: number,
    private windowMs: number,
    private readonly keys = 10_000,
  ) {}

  /** New limits from now on; windows that began stay as long as they were. */
  configure(most: number, windowMs: number): void {
    this.most = most;
    this.windowMs = windowMs;
  }

  /** Counts an attempt; false, and nothing counted, where the key has no more. */
  take(key: string, now: number): boolean {
    if (off(this.most)) return true;
    const tries = this.current(key, now);
    if (tries) {
      if (tries.count >= this.most) return false;
      tries.count++;
      return true;
    }
    this.prune(now);
    this.tries.set(key, { count: 1, until: now + this.windowMs });
    return true;
  }

  /** Takes one attempt back: it turned out to be a good one. */
  giveBack(key: string, now: number): void {
    const tries = this.current(key, now);
    if (tries && --tries.count <= 0) this.tries.delete(key);
  }

  /** ms until `take` would answer true; 0 where it would now. */
  wait(key: string, now: number): number {
    const tries = off(this.most) ? undefined : this.current(key, now);
    return tries && tries.count >= this.most ? tries.until - now : 0;
  }

  /** How many keys are known. */
  get size(): number {
    return this.tries.size;
  }

  private current(key: string, now: number): Tries | undefined {
    const tries = this.tries.get(key);
    if (tries && tries.until <= now) {
      this.tries.delete(key);
      return undefined;
    }
    return tries;
  }

  /** Forgets windows that ended, from the oldest on, and one that did not where there is no room otherwise. */
  private prune(now: number): void {
    for (const [key, tries] of this.tries) {
      if (tries.until > now && this.tries.size < this.keys) break;
      this.tries.delete(key);
    }
  }
}

/** How many there are of each key: connections an address, for one. Keys at 0 take no memory. */
export class AddressCounter {
  private readonly counts = new Map<string, number>();

  /** Counts one more and answers how many there are now. */
  add(key: string): number {
    const count = this.get(key) + 1;
    this.counts.set(key, count);
    return count;
  }

  /** Counts one less; a key that has none stays at 0. */
  remove(key: string): void {
    const count = this.get(key) - 1;
    if (count > 0) this.counts.set(key, count);
    else this.counts.delete(key);
  }

  get(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  /** How many keys have any. */
  get size(): number {
    return this.counts.size;
  }
}

function off(limit: number): boolean {
  return limit <= 0 || limit === Number.POSITIVE_INFINITY;
}
