import { describe, expect, test } from 'bun:test';
import type { Meter } from '../../src/chat/ports.ts';
import { LoopTurn } from '../../src/ops/turn.ts';

/** A meter whose time moves by one at each look. */
class CountingMeter implements Meter {
  readonly turns: number[] = [];
  time = 0;

  now(): number {
    return this.time;
  }

  committed(): void {}

  delivered(ms: number): void {
    this.turns.push(ms);
  }
}

function setUp(): { turn: LoopTurn; meter: CountingMeter; logged: string[] } {
  const meter = new CountingMeter();
  const logged: string[] = [];
  const log = { debug() {}, info() {}, warn() {}, error: (message: string) => void logged.push(message) };
  return { turn: new LoopTurn(log, meter), meter, logged };
}

const nextPass = () => new Promise<void>(resolve => setImmediate(resolve));

describe('a turn', () => {
  test('takes from the first thing asked of it until the last is flushed', async () => {
    const { turn, meter } = setUp();
    meter.time = 10;
    turn.commit(() => {
      meter.time += 3;
      turn.flush(() => {
        meter.time += 4;
      });
    });
    meter.time = 12;
    turn.commit(() => {});
    await nextPass();
    expect(meter.turns).toEqual([9]);
    await nextPass();
    expect(meter.turns).toEqual([9]);
  });

  test('does not pass its beginning on to the turn that is asked for while it is flushed', async () => {
    const { turn, meter } = setUp();
    turn.flush(() => {
      meter.time = 5;
      turn.commit(() => {});
      meter.time = 7;
    });
    await nextPass();
    await nextPass();
    expect(meter.turns).toEqual([7, 2]);
  });

  test('is measured and goes on where one piece of its work fails', async () => {
    const { turn, meter, logged } = setUp();
    let flushed = false;
    turn.commit(() => {
      throw new Error('a bug');
    });
    turn.flush(() => {
      flushed = true;
    });
    await nextPass();
    expect(logged).toEqual(['a turn failed']);
    expect(flushed).toBe(true);
    expect(meter.turns).toEqual([0]);
  });
});
