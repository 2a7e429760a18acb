import { describe, expect, test } from 'bun:test';
import { createLog, type LogLevel } from '../../src/ops/log.ts';
import { FakeClock } from '../helper/clock.ts';

function logged(level: LogLevel = 'info') {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log = createLog(
    { level, format: 'journal' },
    {
      write: text => void lines.push(text.trimEnd()),
      now: () => clock.now(),
      after: (ms, run) => void clock.after(ms, run),
      terminal: false,
      journal: true,
      color: false,
    },
  );
  const guess = (count: number): void => {
    for (let nth = 1; nth <= count; nth++) log.info('wrong password', { nth });
  };
  return { clock, lines, log, guess };
}

describe('what is logged over and over', () => {
  test('is said a few times and then counted, and told once its time is over', () => {
    const { clock, lines, guess } = logged();
    guess(1000);
    expect(lines).toHaveLength(20);
    expect(lines.at(-1)).toBe('<6>wrong password nth=20');
    clock.advance(9_999);
    expect(lines).toHaveLength(20);
    clock.advance(1);
    expect(lines.at(-1)).toBe('<6>wrong password, again and again more=980 seconds=10');
    guess(1);
    expect(lines.at(-1)).toBe('<6>wrong password nth=1');
    expect(clock.pending).toBe(0);
  });

  test('leaves all else alone', () => {
    const { lines, log, guess } = logged();
    guess(100);
    log.error('the disk is full');
    expect(lines.at(-1)).toBe('<3>the disk is full');
  });

  test('is all said where it comes now and then', () => {
    const { clock, lines, guess } = logged();
    for (let round = 0; round < 10; round++) {
      guess(20);
      clock.advance(10_000);
    }
    expect(lines).toHaveLength(200);
  });

  test('is all said to who asks for debug, and not counted while it is not said', () => {
    const all = logged('debug');
    all.guess(100);
    expect(all.lines).toHaveLength(100);
    const few = logged('warn');
    few.guess(100);
    few.clock.advance(20_000);
    expect(few.lines).toEqual([]);
  });
});
