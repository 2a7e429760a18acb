import { describe, expect, test } from 'bun:test';
import { Broadcast } from '../../src/http/broadcast.ts';
import { FakeClock } from '../helper/clock.ts';
import { Reader, streamAsk } from '../helper/sse.ts';

interface Events {
  hello: { readonly sum: number };
  add: number;
  resync: string;
  bye: string;
}

/** A sum that watchers keep up with. */
class Sum {
  readonly clock: FakeClock;
  readonly broadcast: Broadcast<Events>;
  hellos = 0;
  private sum = 0;

  constructor(boot = 'b00t', clock = new FakeClock()) {
    this.clock = clock;
    this.broadcast = new Broadcast<Events>({
      clock,
      boot,
      hello: () => {
        this.hellos++;
        return ['hello', { sum: this.sum }];
      },
      resync: why => ['resync', why],
    });
  }

  add(...numbers: number[]): void {
    for (const number of numbers) {
      this.sum += number;
      this.broadcast.publish('add', number);
    }
    this.broadcast.flush();
  }

  watch(lastId?: string): Reader {
    return new Reader(this.broadcast.watch(streamAsk(lastId)));
  }
}

async function adds(reader: Reader, count: number): Promise<unknown[]> {
  const seen = [];
  while (seen.length < count) seen.push(await reader.expect('add'));
  return seen;
}

describe('a broadcast', () => {
  test('begins with how things are, then tells everybody everything in order', async () => {
    const sum = new Sum();
    const first = sum.watch();
    expect(await first.expect('hello')).toEqual({ sum: 0 });
    sum.add(1, 2);
    const second = sum.watch();
    expect(await second.expect('hello')).toEqual({ sum: 3 });
    sum.add(3);
    expect(await adds(first, 3)).toEqual([1, 2, 3]);
    expect(await adds(second, 1)).toEqual([3]);
  });

  test('hands all watchers the very same bytes, in one piece a flush', async () => {
    const sum = new Sum();
    const bodies = [1, 2, 3].map(() => sum.broadcast.watch(streamAsk()).body?.getReader());
    sum.add(1, 2, 3);
    const last = await Promise.all(
      bodies.map(async body => {
        await body?.read();
        await body?.read();
        return (await body?.read())?.value;
      }),
    );
    expect(last[0]?.toString()).toContain('data: 3');
    expect(last[1]).toBe(last[0]);
    expect(last[2]).toBe(last[0]);
    expect(sum.hellos).toBe(1);
  });

  test('says when to come back, not the same to all', async () => {
    const sum = new Sum();
    const retries = new Set<number | null>();
    for (let at = 0; at < 10; at++) {
      const reader = sum.watch();
      await reader.next();
      retries.add(reader.parser.retry);
      expect(reader.parser.retry).toBeWithin(1000, 2000);
    }
    expect(retries.size).toBe(10);
  });

  test('sends a heartbeat every 15 s to those who are there', async () => {
    const sum = new Sum();
    const reader = sum.watch();
    await reader.next();
    sum.clock.advance(30_000);
    await reader.read();
    await reader.read();
    expect(reader.parser.comments).toEqual(['beat', 'beat']);
    await reader.leave();
    sum.clock.advance(15_000);
    expect(sum.clock.pending).toBe(0);
  });
});

describe('who comes back', () => {
  test('is given exactly what it missed, from whatever event on', async () => {
    const sum = new Sum();
    const steady = sum.watch();
    await steady.expect('hello');
    const ids = [steady.parser.lastId];
    for (let number = 1; number <= 20; number++) {
      sum.add(number);
      await steady.expect('add');
      ids.push(steady.parser.lastId);
    }
    for (const [seen, id] of ids.entries()) {
      const back = sum.watch(id);
      const missed = Array.from({ length: 20 - seen }, (_, at) => seen + 1 + at);
      expect(await adds(back, missed.length)).toEqual(missed);
      await back.leave();
    }
    expect(sum.hellos).toBe(1);
  });

  test('misses nothing either where nobody else watched meanwhile, for a minute', async () => {
    const sum = new Sum();
    const reader = sum.watch();
    await reader.expect('hello');
    await reader.leave();
    sum.add(1);
    sum.clock.advance(59_999);
    sum.add(2);
    expect(await adds(sum.watch(reader.parser.lastId), 2)).toEqual([1, 2]);
  });

  test('begins anew where it was away for too long, and nothing was encoded meanwhile', async () => {
    const sum = new Sum();
    const reader = sum.watch();
    await reader.expect('hello');
    await reader.leave();
    sum.clock.advance(60_000);
    expect(sum.broadcast.wanted).toBe(false);
    sum.broadcast.publish('add', { toJSON: () => expect.unreachable() } as unknown as number);
    const back = sum.watch(reader.parser.lastId);
    expect(await back.expect('resync')).toBe('that was too long ago');
    expect(await back.expect('hello')).toEqual({ sum: 0 });
    sum.add(5);
    expect(await adds(back, 1)).toEqual([5]);
  });

  test.each([1500, 200])('begins anew where %i events are more than are kept', async count => {
    const sum = new Sum();
    const steady = sum.watch();
    await steady.expect('hello');
    const { lastId } = steady.parser;
    const size = count === 1500 ? 1 : 10_000;
    for (let at = 0; at < count; at++) {
      sum.broadcast.publish('add', 'x'.repeat(size) as unknown as number);
      sum.broadcast.flush();
      await steady.next();
    }
    await sum.watch(lastId).expect('resync');
    expect(sum.broadcast.dropped).toBe(0);
  });

  test.each(['other-0', 'b00t-', 'b00t-1', 'b00t--1', 'b00t-0x0', 'b00t-99999999999999999999', ''])(
    'begins anew with the id %j',
    async id => {
      const sum = new Sum();
      const back = sum.watch(id);
      await back.expect('resync');
      await back.expect('hello');
    },
  );

  test('begins anew after a restart, even where the numbers would fit', async () => {
    const before = new Sum('one');
    const reader = before.watch();
    before.add(1);
    await reader.expect('hello');
    await reader.expect('add');
    const after = new Sum('two');
    await after.watch().expect('hello');
    after.add(7);
    const back = after.watch(reader.parser.lastId);
    expect(await back.expect('resync')).toBe('parley was restarted');
    expect(await back.expect('hello')).toEqual({ sum: 7 });
  });
});

describe('watchers', () => {
  test('that do not read are dropped and counted, and nobody else notices', async () => {
    const sum = new Sum();
    const slow = sum.watch();
    const quick = sum.watch();
    await quick.expect('hello');
    while (sum.broadcast.dropped === 0) {
      sum.broadcast.publish('add', 'x'.repeat(100_000) as unknown as number);
      sum.broadcast.flush();
      await quick.expect('add');
    }
    expect(sum.broadcast.watchers).toBe(1);
    while (await slow.next());
    sum.add(1);
    expect(await adds(quick, 1)).toEqual([1]);
  });

  test('are sent to a few at a time, each in order, and all before the end', async () => {
    const sum = new Sum();
    const readers = Array.from({ length: 200 }, () => sum.watch());
    sum.add(1);
    sum.add(2);
    const late = sum.watch();
    // A look at what the last of them has so far, which it had not read.
    const last = readers.at(-1);
    await last?.expect('hello');
    let told = false;
    const next = last?.expect('add').then(() => {
      told = true;
    });
    for (let at = 0; at < 10; at++) await Promise.resolve();
    expect(told).toBe(false);
    sum.clock.advance(0);
    await next;
    sum.add(3);
    sum.broadcast.close('bye', 'stopping');
    expect(sum.clock.pending).toBe(0);
    for (const reader of readers) {
      if (reader !== last) {
        await reader.expect('hello');
        expect(await reader.expect('add')).toBe(1);
      }
      expect(await adds(reader, 2)).toEqual([2, 3]);
      await reader.expect('bye');
    }
    expect(await late.expect('hello')).toEqual({ sum: 3 });
    expect(await adds(late, 1)).toEqual([3]);
  });

  test('are all told when it is over, and come back to nothing they could mistake for it', async () => {
    const sum = new Sum();
    const readers = [sum.watch(), sum.watch()];
    sum.add(1);
    sum.broadcast.close('bye', 'stopping');
    expect(sum.broadcast.watchers).toBe(0);
    expect(sum.clock.pending).toBe(0);
    for (const reader of readers) {
      await reader.expect('hello');
      await reader.expect('add');
      const { lastId } = reader.parser;
      expect(await reader.expect('bye')).toBe('stopping');
      expect(reader.parser.lastId).toBe(lastId);
      expect(await reader.next()).toBeNull();
    }
  });
});
