import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { Counters } from '../../src/chat/counters.ts';
import { AddressCounter, AttemptLimiter, KeyedBuckets, TokenBucket } from '../../src/chat/limits.ts';

describe('a token bucket', () => {
  const rate = { perSecond: 2, burst: 3 };

  test('gives its burst at once, then its rate, and says how long to wait', () => {
    const bucket = new TokenBucket(rate, 0);
    expect([1, 2, 3, 4].map(() => bucket.take(rate, 0))).toEqual([true, true, true, false]);
    expect(bucket.wait(rate, 0)).toBe(500);
    expect(bucket.take(rate, 499)).toBe(false);
    expect(bucket.wait(rate, 499)).toBe(1);
    expect(bucket.take(rate, 500)).toBe(true);
    expect(bucket.take(rate, 500)).toBe(false);
  });

  test('never holds more than its burst, and loses nothing to a clock set back', () => {
    const bucket = new TokenBucket(rate, 1000);
    expect([1, 2, 3, 4].map(() => bucket.take(rate, 1_000_000))).toEqual([true, true, true, false]);
    expect(bucket.take(rate, 0)).toBe(false);
    expect(bucket.take(rate, 500)).toBe(true);
  });

  test('without a rate always gives', () => {
    for (const perSecond of [0, Number.POSITIVE_INFINITY]) {
      const off = { perSecond, burst: 1 };
      const bucket = new TokenBucket(off, 0);
      for (let i = 0; i < 100; i++) expect(bucket.take(off, 0)).toBe(true);
      expect(bucket.wait(off, 0)).toBe(0);
    }
  });

  test('gives a token exactly when the wait it named is over, and never more than its rate allows', () => {
    const steps = fc.array(fc.nat({ max: 3000 }), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        steps,
        (perSecond, burst, gaps) => {
          const any = { perSecond, burst };
          const bucket = new TokenBucket(any, 0);
          let now = 0;
          let taken = 0;
          for (const gap of gaps) {
            now += gap;
            const wait = bucket.wait(any, now);
            expect(bucket.take(any, now)).toBe(wait === 0);
            if (wait > 0) {
              now += wait;
              expect(bucket.take(any, now)).toBe(true);
            }
            taken++;
          }
          expect(taken).toBeLessThanOrEqual(burst + (now * perSecond) / 1000 + 1e-6);
        },
      ),
    );
  });
});

describe('an attempt limiter', () => {
  test('allows so many attempts a key and window, and says when there are more', () => {
    const limiter = new AttemptLimiter(2, 1000);
    expect([limiter.take('a', 0), limiter.take('a', 300), limiter.take('a', 300)]).toEqual([
      true,
      true,
      false,
    ]);
    expect(limiter.wait('a', 300)).toBe(700);
    expect(limiter.take('b', 300)).toBe(true);
    expect(limiter.wait('b', 300)).toBe(0);
    expect(limiter.take('a', 999)).toBe(false);
    expect(limiter.take('a', 1000)).toBe(true);
  });

  test('takes back an attempt that was a good one', () => {
    const limiter = new AttemptLimiter(1, 1000);
    limiter.take('a', 0);
    limiter.giveBack('a', 10);
    expect(limiter.size).toBe(0);
    limiter.giveBack('a', 10);
    expect([limiter.take('a', 20), limiter.take('a', 20)]).toEqual([true, false]);
  });

  test('goes by new limits once they are set', () => {
    const limiter = new AttemptLimiter(1, 1000);
    limiter.take('a', 0);
    expect(limiter.take('a', 0)).toBe(false);
    limiter.configure(2, 1000);
    expect(limiter.take('a', 0)).toBe(true);
    limiter.configure(0, 1000);
    expect([limiter.take('a', 0), limiter.wait('a', 0)]).toEqual([true, 0]);
  });

  test('forgets windows that ended, and the oldest where strangers bring ever new keys', () => {
    const limiter = new AttemptLimiter(1, 1000, 3);
    for (const key of ['a', 'b', 'c']) limiter.take(key, 0);
    limiter.take('d', 10);
    expect(limiter.size).toBe(3);
    expect(limiter.take('a', 10)).toBe(true);
    expect(limiter.take('d', 10)).toBe(false);
    limiter.take('e', 5000);
    expect(limiter.size).toBe(1);
  });
});

test('an address counter counts each key, never below zero, and forgets those at zero', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.boolean())), steps => {
      const counter = new AddressCounter();
      const model = new Map<string, number>();
      for (const [key, add] of steps) {
        const count = Math.max(0, (model.get(key) ?? 0) + (add ? 1 : -1));
        model.set(key, count);
        if (add) expect(counter.add(key)).toBe(count);
        else counter.remove(key);
        expect(counter.get(key)).toBe(count);
      }
      expect(counter.size).toBe([...model.values()].filter(count => count > 0).length);
    }),
  );
});

describe('buckets by key', () => {
  const rate = { perSecond: 2, burst: 1 };

  test('are each filled and emptied by themselves, and say how long to wait', () => {
    const buckets = new KeyedBuckets();
    expect(buckets.take('a', rate, 0)).toBe(0);
    expect(buckets.take('a', rate, 100)).toBe(400);
    expect(buckets.take('b', rate, 100)).toBe(0);
    expect(buckets.take('a', rate, 500)).toBe(0);
  });

  test('are forgotten, the one not used for longest first, where there are too many', () => {
    const buckets = new KeyedBuckets(2);
    for (const key of ['a', 'b']) buckets.take(key, rate, 0);
    expect(buckets.take('a', rate, 0)).toBe(500);
    buckets.take('c', rate, 0);
    expect(buckets.size).toBe(2);
    expect(buckets.take('a', rate, 0)).toBe(500);
    expect(buckets.take('b', rate, 0)).toBe(0);
  });

  test('are none where there is no limit', () => {
    const buckets = new KeyedBuckets();
    for (let i = 0; i < 10; i++) expect(buckets.take('a', { perSecond: 0, burst: 1 }, 0)).toBe(0);
    expect(buckets.size).toBe(0);
  });
});

test('counters count by label, and labels that never happened are not there', () => {
  const counters = new Counters();
  counters.connectionClosed('exit');
  counters.connectionClosed('outbox-full');
  counters.connectionClosed('exit');
  counters.refused('bad-name');
  counters.message('private');
  counters.delivered(200);
  counters.throttled('line-rate');
  expect(counters.closed).toEqual({ exit: 2, 'outbox-full': 1 });
  expect(counters.refusals).toEqual({ 'bad-name': 1 });
  expect(counters.messages).toEqual({ message: 0, action: 0, private: 1 });
  expect(counters.deliveries).toBe(200);
  expect(counters.throttles).toEqual({ 'line-rate': 1 });
});
