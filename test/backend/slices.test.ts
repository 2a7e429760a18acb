/** Slices of work on the event loop: how much of a pass they take, and in which order. */
import { expect, test } from 'bun:test';
import { Slices } from '../../src/backend/embedded/slices.ts';
import type { Clock } from '../../src/chat/ports.ts';

/** A clock that work uses up, whose timers fire once a pass. */
class PassClock implements Clock {
  timers: (() => void)[] = [];
  private time = 0;

  now(): number {
    return this.time;
  }

  after(_ms: number, run: () => void): () => void {
    this.timers.push(run);
    return () => {
      this.timers = this.timers.filter(other => other !== run);
    };
  }

  spend(ms: number): void {
    this.time += ms;
  }

  pass(): void {
    for (const run of this.timers.splice(0)) run();
  }
}

function started(): {
  slices: Slices;
  clock: PassClock;
  done: string[];
  slice: (name: string) => Promise<unknown>;
} {
  const clock = new PassClock();
  const slices = new Slices(clock, 5);
  const done: string[] = [];
  const slice = (name: string): Promise<unknown> =>
    slices.run(() => {
      clock.spend(3);
      done.push(name);
      return { name };
    });
  return { slices, clock, done, slice };
}

test('slices run at once while the pass has time, then in later passes, in the order they were asked for', () => {
  const { clock, done, slice } = started();
  for (const name of ['a', 'b', 'c', 'd', 'e']) slice(name);
  expect(done).toEqual(['a', 'b']);
  clock.pass();
  expect(done).toEqual(['a', 'b', 'c', 'd']);
  clock.pass();
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e']);
  clock.pass();
  expect(clock.timers).toEqual([]);
});

test('a slice answers, or fails, to who asked for it', async () => {
  const { slices, slice } = started();
  expect(await slice('a')).toEqual({ name: 'a' });
  const failing = slices.run(() => {
    throw new Error('no');
  });
  expect(failing).rejects.toThrow('no');
});

test('after stopping none is run: who waits is answered null', async () => {
  const { slices, clock, done, slice } = started();
  const asked = ['a', 'b', 'c'].map(slice);
  slices.stop();
  expect(await Promise.all([...asked, slice('d')])).toEqual([{ name: 'a' }, { name: 'b' }, null, null]);
  expect(done).toEqual(['a', 'b']);
  expect(clock.timers).toEqual([]);
});
