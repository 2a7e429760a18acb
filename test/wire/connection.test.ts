import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { Counters, type LinkEnd } from '../../src/chat/counters.ts';
import { Refusal } from '../../src/chat/errors.ts';
import { Connection, type LineListener, Wire, type WireSettings } from '../../src/wire/connection.ts';
import { Flusher } from '../../src/wire/flusher.ts';
import { FakeClock } from '../helper/clock.ts';
import { FakeLink } from '../helper/link.ts';
import { awkwardBytes, cut, packetSizes } from '../helper/packets.ts';
import { ManualTurn } from '../helper/turn.ts';

const SETTINGS: WireSettings = {
  lineBytes: 100,
  outbox: { soft: 10_000, hard: 20_000 },
  rate: { perSecond: 0, burst: 1 },
  floodClose: 0,
  drain: 1000,
};

/**
 * A connection and a listener that writes down what it is told. A line `slow …` is worked on until `finish`;
 * `ask` asks a question at once and writes down its answer; `ask twice` asks two; `close` closes.
 */
class Bench implements LineListener {
  readonly clock = new FakeClock();
  readonly turn = new ManualTurn();
  readonly link = new FakeLink();
  readonly counters = new Counters();
  readonly wire: Wire;
  readonly connection: Connection;
  readonly told: string[] = [];
  private working: (() => void)[] = [];

  constructor(settings: Partial<WireSettings> = {}) {
    this.wire = new Wire({ ...SETTINGS, ...settings }, this.clock, new Flusher(this.turn), this.counters);
    this.connection = new Connection(this.link, this.wire);
    this.connection.listen(this);
  }

  line(line: string | Refusal): void | Promise<void> {
    this.told.push(line instanceof Refusal ? `! ${line.code}` : line);
    if (line instanceof Refusal) return;
    if (line.startsWith('slow')) return new Promise(resolve => this.working.push(resolve));
    if (line === 'ask') return this.ask(1);
    if (line === 'ask twice') return this.ask(2);
    if (line === 'close') this.connection.close();
  }

  private async ask(times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      const answer = await new Promise<string>(resolve => this.connection.takeLine(resolve));
      this.told.push(`answer: ${answer}`);
    }
  }

  ended(): void {
    this.told.push('ended');
  }

  overflowed(): void {
    this.told.push('overflowed');
    this.connection.close();
  }

  gone(why: LinkEnd): void {
    this.told.push(`gone: ${why}`);
  }

  sends(...lines: string[]): void {
    this.connection.data(Buffer.from(lines.map(line => `${line}\n`).join('')));
  }

  /** The slow line that was begun first is done. */
  async finish(): Promise<void> {
    this.working.shift()?.();
    await this.turn.settle();
  }

  async wait(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.turn.settle();
  }
}

describe('lines', () => {
  test('reach the listener one after the other, the next only when the one before is done', async () => {
    const bench = new Bench();
    bench.sends('one', 'slow two', 'three', 'slow four', 'five');
    expect(bench.told).toEqual(['one', 'slow two']);
    await bench.finish();
    expect(bench.told).toEqual(['one', 'slow two', 'three', 'slow four']);
    await bench.finish();
    expect(bench.told).toEqual(['one', 'slow two', 'three', 'slow four', 'five']);
  });

  test('that arrive while one is worked on wait in order, in whatever packets they come', async () => {
    const bench = new Bench();
    bench.sends('slow one');
    bench.connection.data(Buffer.from('tw'));
    bench.connection.data(Buffer.from('o\nthr'));
    await bench.finish();
    expect(bench.told).toEqual(['slow one', 'two']);
    bench.connection.data(Buffer.from('ee\n'));
    expect(bench.told).toEqual(['slow one', 'two', 'three']);
  });

  test('are not read from a buffer that the link uses again while they wait', async () => {
    const bench = new Bench();
    const buffer = Buffer.from('slow one\ntwo\nthree\n');
    bench.connection.data(buffer);
    buffer.fill('x');
    await bench.finish();
    expect(bench.told).toEqual(['slow one', 'two', 'three']);
  });

  test('stop being read from the link when too much piles up behind a slow one, and are read on after it', async () => {
    const bench = new Bench();
    bench.sends('slow one');
    const many = Array.from({ length: 1000 }, (_, i) => `${i} ${'x'.repeat(90)}`);
    bench.sends(...many.slice(0, 500));
    expect(bench.link.paused).toBe(false);
    bench.sends(...many.slice(500));
    expect(bench.link.paused).toBe(true);
    await bench.finish();
    expect(bench.link.paused).toBe(false);
    expect(bench.told).toEqual(['slow one', ...many]);
  });

  test('stay unread from the link while one slow line follows another', async () => {
    const bench = new Bench();
    bench.sends('slow one', 'slow two', ...Array.from({ length: 1000 }, () => 'x'.repeat(90)));
    expect(bench.link.paused).toBe(true);
    await bench.finish();
    expect(bench.told).toEqual(['slow one', 'slow two']);
    expect(bench.link.paused).toBe(true);
    await bench.finish();
    expect(bench.told).toHaveLength(1002);
    expect(bench.link.paused).toBe(false);
  });

  test('give the same however the bytes were cut into packets', async () => {
    const words = fc.array(
      fc.constantFrom('a', 'slow', 'ask', 'ask twice', '', 'x'.repeat(101), '\b', '\0', 'é'),
      { maxLength: 12 },
    );
    const stream = fc.oneof(
      awkwardBytes(),
      words.map(lines => Buffer.from(lines.map(line => `${line}\n`).join(''))),
    );
    const outcome = async (packets: readonly Uint8Array[]): Promise<string[]> => {
      const bench = new Bench();
      for (const packet of packets) {
        bench.connection.data(packet);
        await bench.turn.settle();
      }
      bench.connection.end();
      for (let i = 0; i < 20; i++) await bench.finish();
      return bench.told;
    };
    await fc.assert(
      fc.asyncProperty(stream, packetSizes, async (bytes, sizes) => {
        const whole = await outcome([bytes]);
        expect(await outcome(cut(bytes, sizes))).toEqual(whole);
        expect(whole.at(-1)).toBe('ended');
      }),
    );
  });
});

describe('a question', () => {
  test('is answered by the next line', async () => {
    const bench = new Bench();
    bench.sends('ask');
    await bench.turn.settle();
    bench.sends('blue', 'next');
    await bench.turn.settle();
    expect(bench.told).toEqual(['ask', 'answer: blue', 'next']);
  });

  test('and its answer may come in one packet with what follows, which waits for the command to end', async () => {
    const bench = new Bench();
    bench.sends('ask twice', 'blue', 'green', 'slow', 'next');
    await bench.turn.settle();
    expect(bench.told).toEqual(['ask twice', 'answer: blue', 'answer: green', 'slow']);
    await bench.finish();
    expect(bench.told.at(-1)).toBe('next');
  });

  test('stays open over a line that could not be read', async () => {
    const bench = new Bench();
    bench.sends('ask', 'x'.repeat(101), 'blue', 'next');
    await bench.turn.settle();
    expect(bench.told).toEqual(['ask', '! line-too-long', 'answer: blue', 'next']);
  });

  test('is answered with nothing when the client hangs up, and then the connection has ended', async () => {
    const bench = new Bench();
    bench.sends('ask twice', 'blue');
    bench.connection.end();
    await bench.turn.settle();
    expect(bench.told).toEqual(['ask twice', 'answer: blue', 'answer: ', 'ended']);
  });

  test('is answered with nothing when the link breaks, also one that is asked only then', async () => {
    const bench = new Bench();
    bench.sends('ask twice');
    bench.connection.gone('reset');
    await bench.turn.settle();
    expect(bench.told).toEqual(['ask twice', 'gone: reset', 'answer: ', 'answer: ']);
  });

  test('has the link read again, also after a line was slowed by the rate', async () => {
    const bench = new Bench({ rate: { perSecond: 1, burst: 1 } });
    bench.sends('ask twice', 'blue');
    expect(bench.link.paused).toBe(true);
    await bench.wait(1000);
    expect(bench.told).toEqual(['ask twice', 'answer: blue']);
    expect(bench.link.paused).toBe(false);
    bench.sends('green');
    await bench.wait(1000);
    expect(bench.told).toEqual(['ask twice', 'answer: blue', 'answer: green']);
  });
});

describe('a client that closes its half', () => {
  test('has every line run, the last one without its end too, and the listener told then', async () => {
    const bench = new Bench();
    bench.connection.data(Buffer.from('one\nslow two\nthree\nlast'));
    bench.connection.end();
    expect(bench.told).toEqual(['one', 'slow two']);
    await bench.finish();
    expect(bench.told).toEqual(['one', 'slow two', 'three', 'last', 'ended']);
  });

  test('ends after the line that is being worked on', async () => {
    const bench = new Bench();
    bench.sends('slow one');
    bench.connection.end();
    expect(bench.told).toEqual(['slow one']);
    await bench.finish();
    expect(bench.told).toEqual(['slow one', 'ended']);
  });

  test('has its lines run at the rate, and the listener told after the last', async () => {
    const bench = new Bench({ rate: { perSecond: 2, burst: 1 } });
    bench.sends('one', 'two', 'three');
    bench.connection.end();
    expect(bench.told).toEqual(['one']);
    await bench.wait(500);
    expect(bench.told).toEqual(['one', 'two']);
    await bench.wait(500);
    expect(bench.told).toEqual(['one', 'two', 'three', 'ended']);
  });
});

describe('a connection that is closed', () => {
  test('runs nothing more, and ends its link when everything has left', async () => {
    const bench = new Bench();
    bench.link.room = 3;
    bench.connection.outbox.pushText('goodbye');
    bench.turn.end();
    bench.sends('one', 'close', 'two');
    bench.sends('three');
    expect(bench.told).toEqual(['one', 'close']);
    expect(bench.link.state).toBe('open');
    bench.link.room = 100;
    bench.connection.drain();
    bench.turn.end();
    expect(bench.link.text).toBe('goodbye');
    expect(bench.link.state).toBe('ended');
  });

  test('is cut off at the deadline where the peer does not read', async () => {
    const bench = new Bench({ drain: 5000 });
    bench.link.room = 0;
    bench.connection.outbox.pushText('goodbye');
    bench.connection.close();
    bench.turn.end();
    await bench.wait(4999);
    expect(bench.link.state).toBe('open');
    await bench.wait(1);
    expect(bench.link.state).toBe('terminated');
  });

  test('drops what still arrives instead of keeping it, once it listens no more', async () => {
    const bench = new Bench();
    bench.sends('slow one', ...Array.from({ length: 1000 }, () => 'x'.repeat(90)));
    expect(bench.link.paused).toBe(true);
    bench.connection.stopListening();
    expect(bench.link.paused).toBe(false);
    bench.sends(...Array.from({ length: 10_000 }, () => 'x'.repeat(90)));
    expect(bench.link.paused).toBe(false);
    await bench.finish();
    expect(bench.told).toEqual(['slow one']);
  });

  test('leaves no timer behind once its link is gone', async () => {
    const bench = new Bench({ rate: { perSecond: 1, burst: 1 } });
    bench.sends('one', 'two');
    bench.link.room = 0;
    bench.connection.outbox.pushText('goodbye');
    bench.turn.end();
    bench.connection.close();
    expect(bench.clock.pending).toBe(1);
    bench.connection.gone('closed');
    expect(bench.clock.pending).toBe(0);
    expect(bench.told).toEqual(['one', 'gone: closed']);
  });

  test('tells its listener of an overflow after the turn that brought it', () => {
    const bench = new Bench({ outbox: { soft: 10, hard: 20 } });
    bench.link.room = 0;
    bench.connection.outbox.pushText('x'.repeat(21));
    bench.turn.end();
    bench.turn.end();
    expect(bench.told).toEqual(['overflowed']);
  });
});

describe('a client that sends faster than its rate', () => {
  const rate = { perSecond: 10, burst: 5 };

  test('has its burst run at once and the rest at the rate, nothing lost, and is not read meanwhile', async () => {
    const bench = new Bench({ rate });
    const lines = Array.from({ length: 25 }, (_, i) => `line ${i}`);
    bench.sends(...lines);
    expect(bench.told).toEqual(lines.slice(0, 5));
    expect(bench.link.paused).toBe(true);
    for (let run = 6; run <= 25; run++) {
      await bench.wait(99);
      expect(bench.told).toHaveLength(run - 1);
      await bench.wait(1);
      expect(bench.told).toEqual(lines.slice(0, run));
    }
    expect(bench.link.paused).toBe(false);
    expect(bench.counters.throttles['line-rate']).toBe(20);
  });

  test('whatever it sends and whenever: no more than the burst and the rate, all of it, in order', async () => {
    const packets = fc.array(
      fc.record({ lines: fc.integer({ min: 0, max: 12 }), ms: fc.integer({ min: 0, max: 700 }) }),
      { maxLength: 15 },
    );
    await fc.assert(
      fc.asyncProperty(packets, async steps => {
        const bench = new Bench({ rate });
        const began = bench.clock.now();
        const sent: string[] = [];
        for (const { lines, ms } of steps) {
          const batch = Array.from({ length: lines }, (_, i) => `line ${sent.length + i}`);
          sent.push(...batch);
          bench.sends(...batch);
          await bench.wait(ms);
          const most = rate.burst + ((bench.clock.now() - began) * rate.perSecond) / 1000;
          expect(bench.told.length).toBeLessThanOrEqual(most);
          expect(bench.link.paused).toBe(bench.told.length < sent.length);
        }
        await bench.wait(100 * sent.length);
        expect(bench.told).toEqual(sent);
        expect(bench.clock.pending).toBe(0);
      }),
    );
  });

  test('is closed with a code once that has gone on for too long, and not sooner', async () => {
    const bench = new Bench({ rate, floodClose: 3000 });
    for (let i = 0; i < 30; i++) {
      if (!bench.link.paused) bench.sends(...Array.from({ length: 10 }, () => 'x'));
      await bench.wait(100);
    }
    expect(bench.told).not.toContain('! flooding');
    for (let i = 0; i < 3; i++) {
      if (!bench.link.paused) bench.sends(...Array.from({ length: 10 }, () => 'x'));
      await bench.wait(100);
    }
    expect(bench.told).toContain('! flooding');
  });

  test('starts anew after a pause: bursts with quiet between them are no flood', async () => {
    const bench = new Bench({ rate, floodClose: 3000 });
    for (let i = 0; i < 20; i++) {
      bench.sends(...Array.from({ length: 10 }, () => 'x'));
      await bench.wait(2000);
    }
    expect(bench.told).toHaveLength(200);
    expect(bench.told).not.toContain('! flooding');
  });

  test('does not slow anybody else', async () => {
    const flooder = new Bench({ rate });
    const other = new Connection(new FakeLink(), flooder.wire);
    const heard: (string | Refusal)[] = [];
    other.listen({ ...silent, line: line => void heard.push(line) });
    flooder.sends(...Array.from({ length: 100 }, () => 'x'));
    other.data(Buffer.from('one\ntwo\n'));
    expect(heard).toEqual(['one', 'two']);
  });

  test('goes by new limits from the moment they are in force', async () => {
    const bench = new Bench({ rate: { perSecond: 1, burst: 1 } });
    bench.sends('one', 'two', 'three', 'four');
    await bench.wait(1000);
    expect(bench.told).toEqual(['one', 'two']);
    bench.wire.configure({ ...SETTINGS, rate: { perSecond: 0, burst: 1 } });
    await bench.wait(1000);
    expect(bench.told).toEqual(['one', 'two', 'three', 'four']);
    bench.wire.configure({ ...SETTINGS, rate: { perSecond: 1, burst: 1 } });
    bench.sends('five', 'six');
    await bench.turn.settle();
    expect(bench.told.at(-1)).toBe('five');
  });

  test('has outbox limits that a reload changes, too', () => {
    const bench = new Bench();
    bench.wire.configure({ ...SETTINGS, outbox: { soft: 10, hard: 20 } });
    bench.link.room = 0;
    bench.connection.outbox.pushText('x'.repeat(21));
    bench.turn.end();
    bench.turn.end();
    expect(bench.told).toEqual(['overflowed']);
  });
});

const silent: LineListener = { line: () => {}, ended: () => {}, overflowed: () => {}, gone: () => {} };

describe('connections of one wire', () => {
  /** A connection of this wire, and what its listener is told. */
  function another(wire: Wire): { connection: Connection; told: string[] } {
    const told: string[] = [];
    const connection = new Connection(new FakeLink(), wire);
    const nothing = (): void => {};
    connection.listen({
      line: line => {
        told.push(line instanceof Refusal ? `! ${line.code}` : line);
        // As every dialect does: what follows a TLS hello is no text.
        if (line instanceof Refusal && line.code === 'tls-on-plain') connection.stopListening();
      },
      ended: nothing,
      overflowed: nothing,
      gone: nothing,
    });
    return { connection, told };
  }

  test('have each its own bytes, in whatever order the packets of all come', () => {
    fc.assert(
      fc.property(
        fc.array(awkwardBytes(10), { minLength: 2, maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        (streams, order) => {
          const { wire } = new Bench();
          const together = streams.map(() => another(wire));
          const left = streams.map(bytes => cut(bytes, [1, 3, 2]));
          for (const which of order) {
            const waiting = left.flatMap((packets, at) => (packets.length > 0 ? [at] : []));
            const at = waiting[which % Math.max(1, waiting.length)];
            if (at === undefined) break;
            const packet = left[at]?.shift();
            if (packet) together[at]?.connection.data(packet);
          }
          for (const [at, bytes] of streams.entries()) {
            const alone = another(new Bench().wire);
            alone.connection.data(Uint8Array.from(bytes));
            expect(together[at]?.told).toEqual(alone.told);
          }
        },
      ),
    );
  });

  test('take up a new limit on lines between two of them', () => {
    const { wire } = new Bench();
    const one = another(wire);
    const long = `${'x'.repeat(150)}\n`;
    one.connection.data(Buffer.from(`${long}half`));
    wire.configure({ ...SETTINGS, lineBytes: 200 });
    one.connection.data(Buffer.from(` a line\n${long}`));
    expect(one.told).toEqual(['! line-too-long', 'half a line', '! line-too-long']);
    one.connection.data(Buffer.from(long));
    expect(one.told.at(-1)).toHaveLength(150);
    const other = another(wire);
    other.connection.data(Buffer.from(long));
    expect(other.told.at(-1)).toHaveLength(150);
  });
});
