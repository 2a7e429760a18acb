import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import type { Skippable } from '../../src/chat/ports.ts';
import { Flusher } from '../../src/wire/flusher.ts';
import { LinkOutbox, type OutboxLimits } from '../../src/wire/outbox.ts';
import { FakeClock } from '../helper/clock.ts';
import { FakeLink } from '../helper/link.ts';
import { ManualTurn } from '../helper/turn.ts';

const NO_LIMITS = { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY };

/** One outbox with all that is around it. */
class Bench {
  readonly turn = new ManualTurn();
  readonly flusher = new Flusher(this.turn);
  readonly clock = new FakeClock();
  readonly link: FakeLink;
  readonly outbox: LinkOutbox;
  overflows = 0;
  /** What the owner does about an overflow. */
  onOverflow = () => {};

  constructor(limits: OutboxLimits = NO_LIMITS, room = Number.POSITIVE_INFINITY) {
    this.link = new FakeLink(room);
    this.outbox = new LinkOutbox(this.link, limits, this.flusher, {
      onOverflow: () => {
        this.overflows++;
        this.onOverflow();
      },
    });
  }

  /** Pushes lines of a room that may be skipped. */
  said(text: string, after: number, room = 'ops'): void {
    this.outbox.push(Buffer.from(text), { room, lines: text.split('\n').length - 1, after });
  }

  /** The link has room for this many bytes, and says so. */
  drain(room = Number.POSITIVE_INFINITY): void {
    this.link.room = room;
    this.outbox.onDrain();
    this.turn.end();
  }

  get total(): number {
    return this.flusher.totals.bytes;
  }
}

function render(skips: readonly Skippable[]): string {
  return skips.map(skip => `* ${skip.lines} of ${skip.room} skipped after ${skip.after}\n`).join('');
}

describe('an outbox', () => {
  test('writes nothing before the end of the turn, then everything in one write', () => {
    const { outbox, link, turn } = new Bench();
    outbox.pushText('one\n');
    outbox.push(Buffer.from('two\n'));
    outbox.pushText('thrée\n');
    expect(link.writes).toEqual([]);
    expect(outbox.empty).toBe(false);
    turn.end();
    expect(link.writes.length).toBe(1);
    expect(link.text).toBe('one\ntwo\nthrée\n');
    expect(outbox.empty).toBe(true);
  });

  test('writes a lone chunk as it is, so that many may share it', () => {
    const { outbox, link, turn } = new Bench();
    const shared = Buffer.from('shared\n');
    outbox.push(shared);
    turn.end();
    expect(link.writes[0]?.bytes).toBe(shared);
  });

  test('asks the turn for one flush, however many there are', () => {
    const turn = new ManualTurn();
    let asked = 0;
    const flusher = new Flusher({
      commit: run => turn.commit(run),
      flush: run => {
        asked++;
        turn.flush(run);
      },
    });
    const links = Array.from({ length: 100 }, () => new FakeLink());
    for (const link of links) {
      const outbox = new LinkOutbox(link, NO_LIMITS, flusher, { onOverflow: () => {} });
      outbox.pushText('hello');
      outbox.pushText(' there');
    }
    turn.end();
    expect(asked).toBe(1);
    expect(links.every(link => link.text === 'hello there' && link.writes.length === 1)).toBe(true);
  });

  test('is flushed although another one met a bug', () => {
    const bench = new Bench();
    bench.flusher.add({
      flush: () => {
        throw new Error('a bug');
      },
    });
    bench.outbox.pushText('hello');
    expect(() => bench.turn.end()).toThrow('a bug');
    expect(bench.link.text).toBe('hello');
  });

  test('waits for the link to drain after a short write, and goes on where it stopped', () => {
    const bench = new Bench(NO_LIMITS, 4);
    bench.outbox.pushText('hello ');
    bench.outbox.pushText('there');
    bench.turn.end();
    bench.outbox.pushText('!');
    bench.turn.end();
    expect(bench.link.text).toBe('hell');
    expect(bench.link.writes.length).toBe(1);
    expect(bench.total).toBe(8);
    bench.drain(3);
    expect(bench.link.text).toBe('hello t');
    bench.drain();
    expect(bench.link.text).toBe('hello there!');
    expect(bench.total).toBe(0);
  });

  test('does not write on a drain before the turn ends', () => {
    const { outbox, link, turn } = new Bench(NO_LIMITS, 0);
    outbox.pushText('hello');
    turn.end();
    link.room = 100;
    outbox.onDrain();
    outbox.pushText(' there');
    expect(link.text).toBe('');
    turn.end();
    expect(link.text).toBe('hello there');
  });

  test('joins no more than 256 KB at once, and writes on while the kernel takes it', () => {
    const { outbox, link, turn } = new Bench();
    const chunk = Buffer.alloc(100_000, 'x');
    for (let i = 0; i < 6; i++) outbox.push(chunk);
    turn.end();
    expect(link.bytes.length).toBe(600_000);
    expect(link.writes.length).toBe(3);
    expect(Math.max(...link.writes.map(write => write.taken))).toBe(256 * 1024);
  });

  test('writes a big chunk as it is although others wait', () => {
    const { outbox, link, turn } = new Bench();
    const big = Buffer.alloc(300_000, 'x');
    outbox.push(big);
    outbox.pushText('end');
    turn.end();
    expect(link.writes.map(write => write.taken)).toEqual([300_000, 3]);
    expect(link.writes[0]?.bytes).toBe(big);
  });

  test('goes through a long queue in small steps without losing its place', () => {
    const bench = new Bench(NO_LIMITS, 0);
    const words = Array.from({ length: 1000 }, (_, index) => `${index} `);
    let passed = 0;
    for (const [index, word] of words.entries()) {
      bench.outbox.pushText(word);
      if (index % 3 === 0) bench.outbox.mark(() => expect(passed++).toBe(index / 3));
    }
    while (!bench.outbox.empty) bench.drain(7);
    expect(bench.link.text).toBe(words.join(''));
    expect(passed).toBe(334);
  });

  test('calls a mark when what was pushed before it is out, not sooner', () => {
    const bench = new Bench(NO_LIMITS, 5);
    const seen: string[] = [];
    bench.outbox.mark(() => seen.push('empty'));
    bench.outbox.pushText('hello');
    bench.outbox.mark(() => seen.push('hello'));
    bench.outbox.pushText('there');
    bench.outbox.mark(() => seen.push('there'));
    expect(seen).toEqual(['empty']);
    bench.turn.end();
    expect(seen).toEqual(['empty', 'hello']);
    bench.drain(4);
    expect(seen).toEqual(['empty', 'hello']);
    bench.drain(1);
    expect(seen).toEqual(['empty', 'hello', 'there']);
    expect(bench.outbox.empty).toBe(true);
  });

  test('lets a mark push more', () => {
    const { outbox, link, turn } = new Bench();
    outbox.pushText('one');
    outbox.mark(() => outbox.pushText(' two'));
    turn.end();
    turn.end();
    expect(link.text).toBe('one two');
  });

  test('has drained when less than a quarter of the soft limit waits', async () => {
    const bench = new Bench({ soft: 40, hard: 1000 }, 0);
    await bench.outbox.drained();
    bench.outbox.pushText('x'.repeat(30));
    let drained = false;
    const waiting = bench.outbox.drained().then(() => {
      drained = true;
    });
    bench.turn.end();
    bench.drain(19);
    await Promise.resolve();
    expect(drained).toBe(false);
    bench.drain(1);
    await waiting;
    expect(bench.outbox.waiting).toBe(10);
  });

  test('is a no-op once the link is gone, and nobody waits for it in vain', async () => {
    const bench = new Bench({ soft: 40, hard: 1000 }, 0);
    let left = false;
    bench.outbox.pushText('x'.repeat(30));
    bench.outbox.mark(() => {
      left = true;
    });
    const drained = bench.outbox.drained();
    bench.turn.end();
    expect(bench.total).toBe(30);
    bench.link.lose();
    bench.drain();
    await drained;
    await bench.outbox.drained();
    bench.outbox.pushText('more');
    bench.outbox.mark(() => {
      left = true;
    });
    bench.outbox.close(1000, bench.clock);
    bench.outbox.dispose();
    bench.turn.end();
    expect(left).toBe(false);
    expect(bench.total).toBe(0);
    expect(bench.clock.pending).toBe(0);
    expect(bench.outbox.empty).toBe(true);
  });

  test('that dies with a backlog leaves the totals', () => {
    const bench = new Bench(NO_LIMITS, 3);
    bench.outbox.pushText('hello');
    bench.turn.end();
    bench.outbox.dispose();
    expect(bench.flusher.totals).toEqual({ bytes: 0, written: 3, writes: 1, skippedLines: 0, overflows: 0 });
  });
});

describe('closing an outbox', () => {
  test('ends the link once all is written, and takes no more', () => {
    const bench = new Bench(NO_LIMITS, 2);
    bench.outbox.pushText('bye');
    bench.outbox.close(1000, bench.clock);
    let left = false;
    bench.outbox.pushText('late');
    bench.outbox.mark(() => {
      left = true;
    });
    bench.turn.end();
    expect(bench.link.state).toBe('open');
    bench.drain();
    expect(bench.link.state).toBe('ended');
    expect(bench.link.text).toBe('bye');
    expect(left).toBe(false);
  });

  test('ends the link at once when nothing waits', () => {
    const bench = new Bench();
    bench.outbox.close(1000, bench.clock);
    expect(bench.link.state).toBe('ended');
  });

  test('terminates the link when the deadline passes first, or when it ended and lives on', () => {
    for (const room of [0, 100]) {
      const bench = new Bench(NO_LIMITS, room);
      bench.outbox.pushText('bye');
      bench.outbox.close(1000, bench.clock);
      bench.turn.end();
      bench.clock.advance(999);
      expect(bench.link.state).toBe(room === 0 ? 'open' : 'ended');
      bench.clock.advance(1);
      expect(bench.link.state).toBe('terminated');
    }
  });

  test('leaves no timer once the link is gone', () => {
    const bench = new Bench();
    bench.outbox.close(1000, bench.clock);
    bench.outbox.dispose();
    expect(bench.clock.pending).toBe(0);
  });
});

describe('a slow reader', () => {
  test('past the soft limit is told how many lines of each room were skipped, and then shown the next', () => {
    const bench = new Bench({ soft: 20, hard: 1000 }, 3);
    bench.outbox.renderSkipped = render;
    bench.said('begun\n', 1);
    bench.turn.end();
    bench.said('a\nb\n', 2);
    bench.outbox.pushText('! yours\n');
    bench.said('c\n', 7, 'lab');
    bench.said('d\n', 4);
    bench.said('', 5);
    bench.outbox.push(Buffer.from('* joins\n'), { room: 'quiet', lines: 0, after: 9 });
    expect(bench.outbox.waiting).toBe(11);
    bench.said('e\n', 8, 'lab');
    expect(bench.outbox.waiting).toBe(11);
    bench.drain(4);
    bench.said('f\n', 9, 'lab');
    expect(bench.flusher.totals.skippedLines).toBe(6);
    bench.drain();
    bench.said('later\n', 10);
    bench.turn.end();
    expect(bench.link.text).toBe(
      'begun\n! yours\n* 3 of ops skipped after 2\n* 3 of lab skipped after 7\nlater\n',
    );
    expect(bench.total).toBe(0);
  });

  test('whose own lines fill the outbox again is still told of all that was skipped', () => {
    const bench = new Bench({ soft: 10, hard: 1000 }, 0);
    bench.outbox.renderSkipped = render;
    bench.said('somebody\n', 1);
    bench.turn.end();
    bench.said('else\n', 2);
    bench.outbox.pushText('! a long answer\n');
    bench.said('more\n', 3);
    bench.drain();
    expect(bench.link.text).toBe('! a long answer\n* 3 of ops skipped after 1\n');
  });

  test('is told of what was skipped although nothing else waited', () => {
    const bench = new Bench({ soft: 5, hard: 1000 }, 0);
    bench.outbox.renderSkipped = render;
    bench.said('one\n', 1);
    bench.turn.end();
    bench.said('two\n', 2);
    expect(bench.outbox.waiting).toBe(0);
    expect(bench.outbox.empty).toBe(false);
    bench.drain();
    expect(bench.link.text).toBe('* 2 of ops skipped after 1\n');
    expect(bench.outbox.empty).toBe(true);
  });

  test('that closes is still told', () => {
    const bench = new Bench({ soft: 5, hard: 1000 }, 0);
    bench.outbox.renderSkipped = render;
    bench.said('one\n', 1);
    bench.turn.end();
    bench.said('two\n', 2);
    bench.outbox.close(1000, bench.clock);
    expect(bench.link.state).toBe('open');
    bench.drain();
    expect(bench.link.text).toBe('* 2 of ops skipped after 1\n');
    expect(bench.link.state).toBe('ended');
  });

  test('who keeps up meets no limit, however much one turn has', () => {
    const bench = new Bench({ soft: 5, hard: 10 });
    bench.outbox.renderSkipped = render;
    for (let i = 0; i < 10; i++) bench.said('hello\n', i);
    bench.turn.end();
    expect(bench.link.text).toBe('hello\n'.repeat(10));
    expect(bench.overflows).toBe(0);
  });

  test('has marks called in order although lines before them were skipped', () => {
    const bench = new Bench({ soft: 5, hard: 1000 }, 0);
    bench.outbox.renderSkipped = render;
    const seen: string[] = [];
    bench.said('one\n', 1);
    bench.outbox.mark(() => seen.push('a'));
    bench.outbox.pushText('mine\n');
    bench.outbox.mark(() => seen.push('b'));
    bench.turn.end();
    expect(seen).toEqual([]);
    bench.drain(2);
    expect(seen).toEqual(['a']);
    bench.drain(3);
    expect(seen).toEqual(['a', 'b']);
  });

  test('past the hard limit is given up once, at the end of the turn, and its memory is freed', async () => {
    const bench = new Bench({ soft: 8, hard: 15 }, 3);
    bench.onOverflow = () => {
      bench.outbox.pushText('! outbox-full\n');
      bench.outbox.close(1000, bench.clock);
    };
    bench.outbox.pushText('hello\n');
    bench.turn.end();
    const drained = bench.outbox.drained();
    let left = false;
    for (let i = 0; i < 10; i++) bench.said('0123456789\n', i);
    bench.outbox.mark(() => {
      left = true;
    });
    expect(bench.overflows).toBe(0);
    expect(bench.outbox.waiting).toBe(3);
    await drained;
    bench.turn.end();
    bench.turn.end();
    expect(bench.overflows).toBe(1);
    expect(bench.link.writes.length).toBe(1);
    expect(bench.link.state).toBe('open');
    bench.drain();
    expect(bench.link.text).toBe('hello\n! outbox-full\n');
    expect(bench.link.state).toBe('ended');
    expect(left).toBe(false);
    expect(bench.flusher.totals).toMatchObject({ bytes: 0, overflows: 1 });
  });

  test('whose owner does nothing about it is sent no more', () => {
    const bench = new Bench({ soft: 20, hard: 30 }, 0);
    bench.outbox.pushText('x'.repeat(31));
    bench.turn.end();
    bench.outbox.pushText('more');
    expect(bench.overflows).toBe(1);
    expect(bench.outbox.empty).toBe(true);
  });
});

/** What may happen to an outbox. */
interface Step {
  readonly do: 'push' | 'said' | 'mark' | 'turn' | 'drain';
  /** Bytes: of what is pushed, or of room in the link. */
  readonly size: number;
}

function step(does: Step['do'], min: number, max: number): fc.Arbitrary<Step> {
  return fc.record({ do: fc.constant(does), size: fc.integer({ min, max }) });
}

const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: step('push', 0, 40) },
    { weight: 4, arbitrary: step('said', 1, 40) },
    { weight: 2, arbitrary: step('mark', 0, 0) },
    { weight: 3, arbitrary: step('turn', 0, 0) },
    { weight: 3, arbitrary: step('drain', 0, 60) },
  ),
  { maxLength: 150 },
);

describe('whatever happens', () => {
  test('without limits the bytes come out in order, and each mark exactly when its bytes are out', () => {
    fc.assert(
      fc.property(steps, fc.nat(100), (run, room) => {
        const bench = new Bench(NO_LIMITS, room);
        bench.outbox.renderSkipped = render;
        let pushed = '';
        let marks = 0;
        let passed = 0;
        const due: number[] = [];
        const check = () => {
          expect(pushed.startsWith(bench.link.text)).toBe(true);
          expect(passed).toBe(due.filter(at => at <= bench.link.bytes.length).length);
          expect(bench.total).toBe(pushed.length - bench.link.bytes.length);
        };
        for (const [index, step] of run.entries()) {
          if (step.do === 'push' || step.do === 'said') {
            const text = String.fromCharCode(97 + (index % 26)).repeat(step.size);
            pushed += text;
            if (step.do === 'push') bench.outbox.pushText(text);
            else bench.said(text, index);
          } else if (step.do === 'mark') {
            const mine = marks++;
            due.push(pushed.length);
            bench.outbox.mark(() => expect(passed++).toBe(mine));
          } else if (step.do === 'turn') bench.turn.end();
          else bench.drain(step.size);
          check();
        }
        bench.drain();
        bench.turn.end();
        check();
        expect(bench.link.text).toBe(pushed);
        expect(passed).toBe(marks);
        expect(bench.outbox.empty).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  test('past the soft limit each line is shown or counted, and all else goes out in order', () => {
    fc.assert(
      fc.property(steps, fc.nat(100), fc.boolean(), (run, room, dies) => {
        const soft = 100;
        const bench = new Bench({ soft, hard: Number.POSITIVE_INFINITY }, room);
        bench.outbox.renderSkipped = render;
        const own: string[] = [];
        let said = 0;
        let marks = 0;
        let passed = 0;
        for (const [index, step] of run.entries()) {
          if (step.do === 'push') {
            own.push(`own ${index} ${'x'.repeat(step.size)}\n`);
            bench.outbox.pushText(own.at(-1) ?? '');
          } else if (step.do === 'said') {
            bench.said(`said ${index} ${'y'.repeat(step.size)}\n`, index, index % 2 ? 'odd' : 'even');
            said++;
          } else if (step.do === 'mark') {
            marks++;
            bench.outbox.mark(() => passed++);
          } else if (step.do === 'turn') bench.turn.end();
          else bench.drain(step.size);
        }
        if (dies) {
          bench.outbox.dispose();
          expect(bench.total).toBe(0);
          return;
        }
        bench.turn.end();
        bench.drain();
        bench.turn.end();
        const lines = bench.link.text.split(/(?<=\n)/);
        const shown = lines.filter(line => line.startsWith('said '));
        const notices = lines.filter(line => line.startsWith('* '));
        const counted = notices.reduce((sum, line) => sum + Number(line.split(' ')[1]), 0);
        expect(lines.filter(line => line.startsWith('own '))).toEqual(own);
        expect(lines.length).toBe(own.length + shown.length + notices.length + (lines[0] === '' ? 1 : 0));
        expect(shown.length + counted).toBe(said);
        expect(bench.flusher.totals.skippedLines).toBe(counted);
        const order = shown.map(line => Number(line.split(' ')[1]));
        expect(order).toEqual(order.toSorted((a, b) => a - b));
        expect(passed).toBe(marks);
        expect(bench.total).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  test('a reader that sleeps holds no more than its own lines and the soft limit', () => {
    const bench = new Bench({ soft: 100, hard: 1000 }, 3);
    bench.outbox.renderSkipped = render;
    bench.outbox.pushText('mine\n');
    for (let i = 0; i < 100_000; i++) {
      bench.said('somebody said this\n', i);
      if (i % 7 === 0) bench.turn.end();
      if (i > 7) expect(bench.outbox.waiting).toBeLessThanOrEqual(100);
    }
    expect(bench.overflows).toBe(0);
    bench.drain();
    expect(bench.link.text).toStartWith('mine\n');
    expect(bench.link.text).toEndWith('* 100000 of ops skipped after 0\n');
  });
});
