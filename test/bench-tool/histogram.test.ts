import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { Histogram } from '../../src/bench/histogram.ts';
import { Pace } from '../../src/bench/pace.ts';

const times = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 200 });

function histogram(values: readonly number[]): Histogram {
  const made = new Histogram();
  for (const value of values) made.add(value);
  return made;
}

test('a quantile is within 1 % of the true one, and the maximum exact', () => {
  fc.assert(
    fc.property(times, fc.constantFrom(0.5, 0.99, 0.999, 1), (values, q) => {
      const sorted = [...values].sort((a, b) => a - b);
      const truth = sorted[Math.ceil(q * sorted.length) - 1] ?? 0;
      const made = histogram(values);
      expect(Math.abs(made.quantile(q) - truth)).toBeLessThanOrEqual(truth / 100);
      expect(made.most).toBe(sorted.at(-1) ?? 0);
    }),
  );
});

test('those of several processes add up to the one of all, also as JSON', () => {
  fc.assert(
    fc.property(times, times, (some, others) => {
      const sum = histogram(some);
      sum.merge(JSON.parse(JSON.stringify(histogram(others).times)));
      expect(sum.times).toEqual(histogram([...some, ...others]).times);
      expect(sum.count).toBe(some.length + others.length);
    }),
  );
});

test('an empty one has no quantile', () => {
  expect(new Histogram().quantile(0.5)).toBeNaN();
});

test('an open loop’s lines are due evenly from its start, however late they are taken', () => {
  const pace = new Pace(1000, 500);
  const due: number[] = [];
  for (let nth = 0; nth < 4; nth++) {
    due.push(pace.next);
    expect(pace.take()).toBe(nth);
  }
  expect(due).toEqual([500, 1500, 2500, 3500]);
});
