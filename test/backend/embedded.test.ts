/** What only the embedded backend does: an index that lags behind, a file that grows and shrinks. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedBackend } from '../../src/backend/embedded/backend.ts';
import { checkStore } from '../../src/backend/embedded/check.ts';
import { fold } from '../../src/chat/names.ts';
import { said, toOne } from '../contract/backend.ts';
import { enter, keep, type OpenedEmbedded, openEmbedded, UNBOUNDED } from '../contract/harness.ts';
import { ManualTurn } from '../helper/turn.ts';

let opened: OpenedEmbedded;

afterEach(async () => {
  await opened.close();
});

/** Says so many lines to `ops`, of some 100 bytes, in turns of 500. */
async function sayMany(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const text = `line ${i} of many, with words such as alpha${i % 7} beta${i % 11} and some more to make a hundred bytes`;
    opened.backend.post(said('ops', 'alice', text), null);
    if (i % 500 === 499) await opened.settle();
  }
  await opened.settle();
}

const find = (words: string) => opened.backend.search({ words, rooms: [fold('ops')], mine: null, limit: 5 });

describe('the search index', () => {
  beforeEach(async () => {
    opened = await openEmbedded();
  });

  test('says it is not complete while it is too far behind, and is when it has caught up', async () => {
    await keep(opened, said('ops', 'alice', 'a needle'));
    await sayMany(21_000);
    expect(await find('needle')).toEqual({ events: [], complete: false });
    // What is new is found all the same.
    expect((await find('alpha1')).events).toHaveLength(5);
    await opened.pass(10_000);
    expect(await find('needle')).toMatchObject({ events: [{ text: 'a needle' }], complete: true });
    expect(checkStore(opened.dir)).toMatchObject({ findings: [], stats: { unindexed: 0 } });
  });

  test('goes on after a restart where it stood, and has each line once', async () => {
    await sayMany(1000);
    await opened.pass(210);
    expect(checkStore(opened.dir).stats?.unindexed).toBe(744);
    opened = await opened.reopen();
    await opened.pass(5000);
    expect(checkStore(opened.dir).stats?.unindexed).toBe(0);
    const found = await opened.backend.search({
      words: 'line',
      rooms: [fold('ops')],
      mine: null,
      limit: 5000,
    });
    expect(found.events).toHaveLength(1000);
    expect(new Set(found.events.map(({ id }) => id)).size).toBe(1000);
  });

  test('waits while another program is writing, and catches up', async () => {
    await sayMany(10);
    opened.stall();
    await opened.pass(5000);
    opened.unstall();
    await opened.pass(5000);
    expect(checkStore(opened.dir).stats?.unindexed).toBe(0);
  });
});

describe('retention by bytes', () => {
  test('keeps the file within bounds, lets the oldest go and gives space back', async () => {
    opened = await openEmbedded();
    await enter(opened, 'bob', 'guest');
    await keep(opened, toOne('alice', 'bob', 'waits'));
    await sayMany(20_000);
    await opened.pass(10_000);
    const most = 2_000_000;
    expect(sizeNow()).toBeGreaterThan(most * 1.5);
    opened.backend.setOptions({
      ...UNBOUNDED,
      sync: 'normal',
      retention: { age: 0, lines: 0, bytes: most },
    });
    await opened.pass(130_000);
    expect(sizeNow()).toBeLessThan(most * 1.1);
    const kept = await opened.backend.history({
      scope: { room: fold('ops') },
      only: 'said',
      limit: 100_000,
    });
    expect(kept.length).toBeGreaterThan(4000);
    expect(kept.at(-1)).toMatchObject({ text: expect.stringContaining('line 19999 ') });
    expect(await opened.backend.waiting(fold('bob'))).toHaveLength(1);
    expect((await find('"line 3 of"')).events).toEqual([]);
    expect((await find('"line 19998 of"')).events).toHaveLength(1);
    expect(checkStore(opened.dir).findings).toEqual([]);
  });

  /** Of the database file, with everything in it that the log still holds. */
  function sizeNow(): number {
    opened.backend.db?.run('PRAGMA wal_checkpoint(TRUNCATE)');
    return statSync(join(opened.dir, 'parley.db')).size;
  }
});

test('each transaction is timed once it is safe, and none that came to nothing', async () => {
  opened = await openEmbedded();
  await opened.backend.stop();
  let time = 0;
  const took: number[] = [];
  const turn = new ManualTurn();
  const backend = new EmbeddedBackend({
    ...UNBOUNDED,
    dir: opened.dir,
    sync: 'normal',
    turn,
    clock: opened.clock,
    log: opened.log,
    meter: { now: () => (time += 2), committed: ms => took.push(ms), delivered: () => {} },
  });
  await backend.start(opened.sink);
  for (const text of ['one', 'two']) backend.post(said('ops', 'alice', text), null);
  await turn.settle();
  expect(took).toEqual([2]);
  backend.db?.run('PRAGMA query_only = ON');
  backend.post(said('ops', 'alice', 'lost'), null);
  await turn.settle();
  expect(took).toEqual([2]);
  backend.db?.run('PRAGMA query_only = OFF');
  await backend.stop();
});
