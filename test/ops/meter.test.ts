import { describe, expect, test } from 'bun:test';
import { Durations, OpsMeter } from '../../src/ops/meter.ts';
import { FakeClock } from '../helper/clock.ts';

describe('durations', () => {
  test('fall into the bucket whose bound they do not exceed, and above all into the last', () => {
    const durations = new Durations([0.001, 0.01, 0.1]);
    for (const ms of [0, 1, 1.001, 10, 100, 100.1, 5000]) durations.add(ms);
    expect(durations.counts).toEqual([2, 2, 1, 2]);
    expect(durations.sum).toBeCloseTo(5.212101, 9);
  });

  test('have a longest, from one look to the next', () => {
    const durations = new Durations([1]);
    durations.add(3);
    durations.add(7);
    durations.add(5);
    expect(durations.takeLongest()).toBe(7);
    expect(durations.takeLongest()).toBe(0);
    durations.add(2);
    expect(durations.takeLongest()).toBe(2);
  });
});

describe('event-loop lag', () => {
  test('is how late a timer is; one that is early is not late', () => {
    const clock = new FakeClock();
    let behind = 0;
    const meter = new OpsMeter(clock, () => clock.now() + behind);
    meter.start();
    clock.advance(100);
    expect(meter.lag.takeLongest()).toBe(0);
    behind += 40;
    clock.advance(100);
    expect(meter.lag.takeLongest()).toBe(40);
    // From then on all is in time again.
    clock.advance(100);
    expect(meter.lag.takeLongest()).toBe(0);
    behind -= 5;
    clock.advance(100);
    expect(meter.lag.takeLongest()).toBe(0);
    expect(meter.lag.counts.reduce((sum, count) => sum + count)).toBe(4);
    meter.stop();
    expect(clock.pending).toBe(0);
  });
});
