import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  appended,
  columns,
  gaps,
  MINUTES,
  merged,
  SECONDS,
} from '../../../src/http/pages/dashboard/samples.ts';
import { sample } from './stub.ts';

const at = (...times: number[]) => times.map(time => sample(time, { messages: time }));
const times = (samples: readonly { at: number }[]) => samples.map(one => one.at);

describe('samples of the plots', () => {
  test('the newest come last, each once', () => {
    let samples = appended([], sample(1), SECONDS);
    samples = appended(samples, sample(2), SECONDS);
    expect(times(appended(samples, sample(2), SECONDS))).toEqual([1, 2]);
    expect(times(appended(samples, sample(3), SECONDS))).toEqual([1, 2, 3]);
  });

  test('no more than the window is kept', () => {
    let samples = at();
    for (let time = 1; time <= 700; time++) samples = [...appended(samples, sample(time), SECONDS)];
    expect(samples).toHaveLength(600);
    expect(samples[0]?.at).toBe(101);
  });

  test('what was missed is filled in, and what is known of before stays', () => {
    expect(times(merged(at(1, 2, 3, 4), at(3, 4, 5, 6), SECONDS))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(times(merged(at(1, 2), at(9, 10), SECONDS))).toEqual([1, 2, 9, 10]);
    expect(times(merged(at(1, 2), at(), SECONDS))).toEqual([1, 2]);
    expect(times(merged(at(), at(1, 2), SECONDS))).toEqual([1, 2]);
  });

  test('all that the server says is in, in order, each moment once, whatever was there before', () => {
    const run = fc
      .tuple(fc.nat(50), fc.nat(50))
      .map(([from, length]) => at(...Array.from({ length }, (_, index) => from + index)));
    fc.assert(
      fc.property(run, run, (ours, theirs) => {
        const found = times(merged(ours, theirs, SECONDS));
        expect(found.slice(found.length - theirs.length)).toEqual(times(theirs));
        expect(found).toEqual([...new Set(found)].sort((a, b) => a - b));
      }),
    );
  });

  test('a clock that is set back does not stop the plots', () => {
    expect(times(appended(at(1, 2, 3, 4), sample(2), SECONDS))).toEqual([1, 2]);
    expect(times(merged(at(100, 101), at(1, 2), SECONDS))).toEqual([1, 2]);
  });

  test('a line is broken only where samples are missing', () => {
    expect(gaps(at(1, 2, 4, 5), SECONDS)).toBe(0);
    expect(gaps(at(1, 2, 6, 7, 20), SECONDS)).toBe(2);
    expect(gaps(at(60, 120, 240), MINUTES)).toBe(0);
    expect(gaps(at(60, 120, 300), MINUTES)).toBe(1);
    expect(columns(at(1, 2, 6), [one => one.messages], SECONDS)).toEqual([
      [1, 2, 3, 6],
      [1, 2, null, 6],
    ]);
  });
});
