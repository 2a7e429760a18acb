/** Searching a large store: beside the conversation, in pieces, and the same as if at once. */
import { afterEach, describe, expect, test } from 'bun:test';
import { existsSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { checkStore } from '../../src/backend/embedded/check.ts';
import type { SearchBounds } from '../../src/backend/embedded/search.ts';
import { fold } from '../../src/chat/names.ts';
import type { SearchQuery } from '../../src/chat/ports.ts';
import { said, toOne } from '../contract/backend.ts';
import {
  enter,
  keep,
  type Opened,
  type OpenedEmbedded,
  openEmbedded,
  openMemory,
} from '../contract/harness.ts';
import { FakeClock } from '../helper/clock.ts';

/** Everything indexed is asked of a thread; two lines a slice. */
const PIECES: SearchBounds = { atOnce: 0, slice: 2, pass: 5 };
const ROOMS = ['ops', 'dev'] as const;
const WORDS = ['deploy', 'done', 'lunch', 'depot'] as const;

let opened: OpenedEmbedded;

afterEach(async () => {
  await opened.close();
});

const ask = (words: string, limit = 5): SearchQuery => ({ words, rooms: [fold('ops')], mine: null, limit });

/** A clock on which looking at it takes a ms: one slice fills a pass of 2 ms. */
class CostlyClock extends FakeClock {
  private looks = 0;

  override now(): number {
    return super.now() + this.looks++;
  }
}

const text = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 3 })
  .map(words => words.join(' '));
const line = fc.record({ to: fc.constantFrom(...ROOMS, 'bob'), text });
const query = fc.record({
  words: fc.constantFrom('deploy', 'done lunch', '"lunch done"', 'dep*', 'lunch dep*', 'done done', 'absent'),
  rooms: fc.subarray(ROOMS.map(fold)),
  mine: fc.constantFrom(null, { name: fold('bob'), since: 0 }),
  limit: fc.integer({ min: 1, max: 6 }),
});

test('in pieces and by a thread, the same is found as by reading everything', async () => {
  opened = await openEmbedded({}, undefined, PIECES);
  const memory = await openMemory();
  for (const each of [opened, memory]) for (const name of ['alice', 'bob']) await enter(each, name, 'guest');
  const say = async (each: Opened, lines: readonly { to: string; text: string }[], ms: number) => {
    for (const { to, text: what } of lines)
      each.backend.post(to === 'bob' ? toOne('alice', to, what) : said(to, 'alice', what), null);
    await each.settle();
    await each.pass(ms);
  };
  await fc.assert(
    fc.asyncProperty(
      fc.array(line, { maxLength: 8 }),
      fc.constantFrom(0, 1000),
      fc.array(query, { minLength: 1, maxLength: 4 }),
      async (lines, ms, queries) => {
        const [found, expected] = await Promise.all(
          [opened, memory].map(async each => {
            await say(each, lines, ms);
            return Promise.all(queries.map(one => each.backend.search(one)));
          }),
        );
        expect(found?.map(({ events }) => events.map(({ id }) => id))).toEqual(
          expected?.map(({ events }) => events.map(({ id }) => id)) ?? [],
        );
      },
    ),
    { numRuns: 60 },
  );
  expect(opened.log.lines).toEqual([]);
  await memory.close();
});

describe('while lines are looked through', () => {
  test('the conversation goes on, and what it brings changes nothing in the answer', async () => {
    opened = await openEmbedded({}, undefined, { atOnce: 1000, slice: 2, pass: 2 }, new CostlyClock());
    for (let i = 0; i < 9; i++) await keep(opened, said('ops', 'alice', `deploy ${i}`));
    let answered = false;
    const search = opened.backend.search(ask('deploy', 100)).then(found => {
      answered = true;
      return found;
    });
    await opened.settle();
    expect(answered).toBe(false);
    // Said meanwhile, and indexed meanwhile with all the others.
    await keep(opened, said('ops', 'alice', 'deploy later'));
    await opened.pass(1000);
    expect(checkStore(opened.dir).stats?.unindexed).toBe(0);
    expect(answered).toBe(false);
    for (let passes = 0; !answered && passes < 20; passes++) await opened.pass(10);
    const { events, complete } = await search;
    expect(complete).toBe(true);
    expect(events.map(event => 'text' in event && event.text)).toEqual(
      Array.from({ length: 9 }, (_, i) => `deploy ${i}`),
    );
  });

  test('stopping answers with what was found so far, and says that it is not all', async () => {
    opened = await openEmbedded({}, undefined, { atOnce: 1000, slice: 2, pass: 2 }, new CostlyClock());
    for (let i = 0; i < 9; i++) await keep(opened, said('ops', 'alice', `deploy ${i}`));
    const search = opened.backend.search(ask('deploy', 100));
    opened = await opened.reopen();
    const { events, complete } = await search;
    expect(complete).toBe(false);
    expect(events.map(event => 'text' in event && event.text)).toEqual(['deploy 7', 'deploy 8']);
  });
});

describe('the thread', () => {
  const start = async (): Promise<void> => {
    opened = await openEmbedded({}, undefined, PIECES);
    await keep(opened, said('ops', 'alice', 'a needle'));
    await opened.pass(5000);
  };
  const needle = { events: [{ text: 'a needle' }], complete: true };

  test('is in the program that is built', async () => {
    await start();
    const { scripts } = await Bun.file(join(import.meta.dir, '../../package.json')).json();
    expect(scripts.build).toContain(' src/main.ts src/backend/embedded/search-worker.ts --compile ');
    const source = join(import.meta.dir, '../../src/backend/embedded/search-worker.ts');
    expect(existsSync(source)).toBe(true);
  });

  test('is let go when nobody asks for a minute, and comes back', async () => {
    await start();
    expect(await opened.backend.search(ask('needle'))).toMatchObject(needle);
    await opened.pass(10);
    const pending = opened.clock.pending;
    await opened.pass(60_000);
    // Until it has said that it closed the file; purging waits for its next round as before.
    while (opened.clock.pending >= pending) await new Promise(resolve => setImmediate(resolve));
    expect(await opened.backend.search(ask('needle'))).toMatchObject(needle);
  });

  test('asked as the backend stops, answers that it is not complete and lets go of the file', async () => {
    await start();
    const search = opened.backend.search(ask('needle'));
    await Promise.resolve();
    await opened.backend.stop();
    expect(await search).toEqual({ events: [], complete: false });
    // SQLite takes its log away when the last connection is closed.
    expect(existsSync(join(opened.dir, 'parley.db-wal'))).toBe(false);
  });

  test('that cannot read the file is done without, and the log says so once', async () => {
    await start();
    const file = join(opened.dir, 'parley.db');
    renameSync(file, `${file}.away`);
    for (let i = 0; i < 2; i++) expect(await opened.backend.search(ask('needle'))).toMatchObject(needle);
    expect(opened.log.lines).toEqual(['warn searching beside the conversation failed']);
    renameSync(`${file}.away`, file);
    expect(await opened.backend.search(ask('needle'))).toMatchObject(needle);
  });
});
