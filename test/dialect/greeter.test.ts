import { expect, test } from 'bun:test';
import { Greeter } from '../../src/dialect/greeter.ts';
import { FakeClock } from '../helper/clock.ts';

/** A clock on which each timer that is due is a pass of the event loop of its own. */
class PassingClock extends FakeClock {
  passes = 0;

  override after(ms: number, run: () => void): () => void {
    return super.after(ms, () => {
      this.passes++;
      run();
    });
  }
}

test('who says nothing is greeted after a while, in order, and a crowd not all in one pass', () => {
  const clock = new PassingClock();
  const greeter = new Greeter(clock, 150);
  const greeted: number[] = [];
  for (let nth = 0; nth < 1000; nth++) greeter.add({ greet: () => greeted.push(nth) });
  clock.advance(149);
  expect(greeted).toEqual([]);
  clock.advance(1);
  expect(greeted).toEqual(Array.from({ length: 1000 }, (_, nth) => nth));
  expect(clock.passes).toBeGreaterThan(5);
  expect(clock.pending).toBe(0);
});

test('each has its own while', () => {
  const clock = new PassingClock();
  const greeter = new Greeter(clock, 150);
  const greeted: string[] = [];
  greeter.add({ greet: () => greeted.push('one') });
  clock.advance(100);
  greeter.add({ greet: () => greeted.push('other') });
  clock.advance(50);
  expect(greeted).toEqual(['one']);
  clock.advance(100);
  expect(greeted).toEqual(['one', 'other']);
});
