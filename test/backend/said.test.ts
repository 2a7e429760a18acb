/**
 * Lines of a room or conversation, of which some are filed and some are not yet: asked for in any way they
 * are one history, whatever happens to the process or the store on the way.
 */
import { Database } from 'bun:sqlite';
import { afterEach, describe, expect, test } from 'bun:test';
import { copyFileSync, existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { checkStore } from '../../src/backend/embedded/check.ts';
import type { Filing } from '../../src/backend/embedded/said.ts';
import { fold } from '../../src/chat/names.ts';
import type { Scope } from '../../src/chat/ports.ts';
import { describeBackend, said, toOne } from '../contract/backend.ts';
import {
  enter,
  keep,
  type OpenedEmbedded,
  openEmbedded,
  RecordingOrigin,
  startEmbedded,
  UNBOUNDED,
} from '../contract/harness.ts';
import { FakeClock } from '../helper/clock.ts';

/** Few enough that a test has lines filed, lines being filed and lines that are neither. */
const EARLY: Filing = { after: 20, slice: 2 };
/** Nothing is ever filed but on stopping. */
const NEVER: Filing = { after: 1_000_000, slice: 1 };

const OPS: Scope = { room: fold('ops') };
const DEV: Scope = { room: fold('dev') };
const PRIVATE: Scope = { between: [fold('alice'), fold('bob')], since: 0 };

let opened: OpenedEmbedded;

const closeAfterEach = (): void => {
  afterEach(async () => {
    await opened.close();
  });
};

describeBackend('the embedded backend that files every line soon', bounds =>
  openEmbedded(bounds, { after: 1, slice: 1 }),
);

async function idsOf(scope: Scope): Promise<number[]> {
  const events = await opened.backend.history({ scope, only: 'said', limit: 10_000 });
  return events.map(({ id }) => id);
}

/** Says so many lines in turns of their own, in two rooms and a conversation; answers the ids of each. */
async function talk(count: number): Promise<Record<'ops' | 'dev' | 'private', number[]>> {
  const ids = { ops: [] as number[], dev: [] as number[], private: [] as number[] };
  for (let i = 0; i < count; i++) {
    const where = i % 5 === 4 ? 'private' : i % 3 === 2 ? 'dev' : 'ops';
    const draft =
      where === 'private' ? toOne('alice', 'bob', `line ${i}`) : said(where, 'alice', `line ${i}`);
    ids[where].push((await keep(opened, draft)).id);
  }
  return ids;
}

async function openFor(filing: Filing): Promise<void> {
  opened = await openEmbedded({}, filing);
  await enter(opened, 'bob', 'guest');
}

interface Counts {
  readonly filed: number;
  readonly lines: number;
  /** The id up to which every line is filed, and the newest there is. */
  readonly until: number;
  readonly newest: number;
}

function counts(dir: string): Counts {
  const db = new Database(joinPath(dir, 'parley.db'));
  try {
    const found = db
      .query<Counts, []>(
        `SELECT (SELECT count(*) FROM said) AS filed, (SELECT count(*) FROM events WHERE kind < 3) AS lines,
         (SELECT value FROM meta WHERE key = 'said') AS until, (SELECT max(id) FROM events) AS newest`,
      )
      .get();
    if (!found) throw new Error('nothing was counted');
    return found;
  } finally {
    db.close();
  }
}

/** Some lines are filed, some of the same age are not, and newer ones are not. */
function expectHalfFiled(): void {
  const { filed, lines, until, newest } = counts(opened.dir);
  expect(filed).toBeGreaterThan(until);
  expect(filed).toBeLessThan(lines);
  expect(until).toBeGreaterThan(0);
  expect(newest).toBeGreaterThan(until + EARLY.after);
}

describe('lines half of which are filed', () => {
  closeAfterEach();

  test('are one history from every side, counted as one', async () => {
    await openFor(EARLY);
    const ids = await talk(45);
    expectHalfFiled();
    const last = ids.ops.at(-1) ?? 0;
    for (const [scope, all] of [
      [OPS, ids.ops],
      [DEV, ids.dev],
      [PRIVATE, ids.private],
    ] as const) {
      expect(await idsOf(scope)).toEqual(all);
      for (let after = 0; after <= last; after += 3) {
        for (let before = after; before <= last + 1; before += 4) {
          const inside = all.filter(id => id > after && id < before);
          for (const limit of [1, 4, 100]) {
            const range = { scope, only: 'said', after, before, limit } as const;
            const oldest = await opened.backend.history(range);
            const newest = await opened.backend.history({ ...range, newest: true });
            expect(oldest.map(({ id }) => id)).toEqual(inside.slice(0, limit));
            expect(newest.map(({ id }) => id)).toEqual(inside.slice(-limit));
          }
        }
      }
    }
    for (let after = 0; after <= last; after++)
      for (const most of [1, 5, 100])
        expect(await opened.backend.countSaid(fold('ops'), after, most)).toBe(
          Math.min(most, ids.ops.filter(id => id > after).length),
        );
    expect(checkStore(opened.dir).findings).toEqual([]);
  });

  test('are what a room’s newest event is, in every state', async () => {
    await openFor(EARLY);
    await keep(opened, said('ops', 'alice', 'hello'));
    const newest = await keep(opened, said('dev', 'alice', 'hello'));
    const states = new Set<string>();
    for (let i = 0; i < 40; i++) {
      await keep(opened, said('ops', 'alice', 'hello'));
      expect((await opened.backend.openRoom('dev')).lastId).toBe(newest.id);
      const filed = opened.backend.db?.query('SELECT * FROM said WHERE id = ?').all(newest.id).length === 1;
      states.add(filed ? 'filed' : i < EARLY.after - 2 ? 'new' : 'being filed');
    }
    expect([...states]).toEqual(['new', 'being filed', 'filed']);
  });

  test('are filed by a stop, and a start goes on from there', async () => {
    await openFor(EARLY);
    const ids = await talk(45);
    await opened.backend.stop();
    expect(counts(opened.dir)).toEqual({ filed: 45, lines: 45, until: 45, newest: 45 });
    opened = await opened.reopen();
    expect(await idsOf(OPS)).toEqual(ids.ops);
    expect(await idsOf(PRIVATE)).toEqual(ids.private);
  });

  test('are all filed in the end, whatever a turn has of them', async () => {
    await openFor(EARLY);
    for (let turn = 0; turn < 40; turn++) {
      for (let i = 0; i < 30; i++) opened.backend.post(said(`room${i}`, 'alice', 'hello'), null);
      await opened.settle();
    }
    const { lines, until } = counts(opened.dir);
    expect(lines - until).toBeLessThan(100);
    expect(checkStore(opened.dir).findings).toEqual([]);
  });
});

describe('lines that are not filed', () => {
  closeAfterEach();

  test('are what a room’s newest event is, listed so after it was forgotten', async () => {
    await openFor(NEVER);
    await keep(opened, said('dev', 'alice', 'one'));
    const two = await keep(opened, said('ops', 'alice', 'two'));
    // A turn that fails has everything known of rooms forgotten.
    await fail(() => opened.backend.post(said('ops', 'alice', 'lost'), null));
    expect((await opened.backend.openRoom('ops')).lastId).toBe(two.id);
    expect(await opened.backend.listedRooms()).toMatchObject([
      { name: 'ops', lastAt: two.at },
      { name: 'dev' },
    ]);
  });

  test('keep a room that everybody has left', async () => {
    await openFor(NEVER);
    await keep(opened, { type: 'join', room: 'ops', from: 'bob', account: false, operator: false });
    opened.backend.post(said('ops', 'bob', 'hello'), null);
    await keep(opened, { type: 'leave', room: 'ops', from: 'bob', reason: '' });
    await opened.pass(61_000);
    expect(await idsOf(OPS)).toHaveLength(1);
  });

  test('of a turn that failed are nobody’s, and their ids go to others', async () => {
    await openFor(NEVER);
    await talk(1);
    await fail(() => {
      for (const room of ['dev', 'dev', 'ops']) opened.backend.post(said(room, 'alice', 'lost'), null);
    });
    const ids = await talk(6);
    expect(ids.ops[0]).toBe(2);
    expect(await idsOf(OPS)).toEqual([1, ...ids.ops]);
    expect(await idsOf(DEV)).toEqual(ids.dev);
    expect(await opened.backend.countSaid(fold('dev'), 0, 100)).toBe(ids.dev.length);
    expect(await opened.backend.countSaid(fold('ops'), 0, 100)).toBe(ids.ops.length + 1);
  });

  test('said beside a wrong one are there once', async () => {
    await openFor(NEVER);
    opened.backend.db?.run(`CREATE TEMP TRIGGER wrong BEFORE INSERT ON main.events WHEN NEW.text = 'wrong'
      BEGIN SELECT RAISE(ABORT, 'made wrong by a test'); END`);
    for (const text of ['one', 'two', 'wrong', 'three'])
      opened.backend.post(said('ops', 'alice', text), null);
    await opened.settle();
    expect(await idsOf(OPS)).toEqual([1, 2, 3]);
    expect(await opened.backend.countSaid(fold('ops'), 0, 100)).toBe(3);
  });

  /** One turn that the store takes nothing of. */
  async function fail(post: () => void): Promise<void> {
    opened.backend.db?.run('PRAGMA query_only = ON');
    post();
    await opened.settle();
    opened.backend.db?.run('PRAGMA query_only = OFF');
    await opened.pass(300);
  }
});

describe('after a crash', () => {
  closeAfterEach();

  for (const [what, filing, lines] of [
    ['with nothing filed', NEVER, 30],
    ['in the middle of filing', EARLY, 45],
  ] as const)
    test(`${what} every line is there once, and filed by the next stop`, async () => {
      await openFor(filing);
      const ids = await talk(lines);
      if (filing === EARLY) expectHalfFiled();
      const dir = copyNow();
      await opened.close();
      opened = await startEmbedded(dir, UNBOUNDED, new FakeClock(), filing);
      expect(await idsOf(OPS)).toEqual(ids.ops);
      expect(await idsOf(DEV)).toEqual(ids.dev);
      expect(await idsOf(PRIVATE)).toEqual(ids.private);
      expect(await opened.backend.countSaid(fold('ops'), 0, 1000)).toBe(ids.ops.length);
      const next = await keep(opened, said('ops', 'alice', 'next'));
      expect(await idsOf(OPS)).toEqual([...ids.ops, next.id]);
      await opened.backend.stop();
      expect(counts(dir)).toEqual({ filed: lines + 1, lines: lines + 1, until: next.id, newest: next.id });
      expect(checkStore(dir).findings).toEqual([]);
    });

  test('a start that can write nothing shows every line all the same', async () => {
    await openFor(NEVER);
    const ids = await talk(30);
    const dir = copyNow();
    await opened.close();
    const other = new Database(joinPath(dir, 'parley.db'));
    other.run('BEGIN IMMEDIATE');
    opened = await startEmbedded(dir, UNBOUNDED, new FakeClock(), NEVER);
    expect(await idsOf(OPS)).toEqual(ids.ops);
    other.run('ROLLBACK');
    other.close();
  });

  /** The files as a process leaves them that is killed now. */
  function copyNow(): string {
    const dir = mkdtempSync(joinPath(tmpdir(), 'parley-test-'));
    for (const name of ['parley.db', 'parley.db-wal']) {
      const from = joinPath(opened.dir, name);
      if (existsSync(from)) copyFileSync(from, joinPath(dir, name));
    }
    return dir;
  }
});

describe('retention', () => {
  closeAfterEach();

  const keeping = (retention: Partial<typeof UNBOUNDED.retention>): void =>
    opened.backend.setOptions({
      ...UNBOUNDED,
      sync: 'normal',
      retention: { ...UNBOUNDED.retention, ...retention },
    });

  for (const [what, filing] of [
    ['half filed', EARLY],
    ['not filed', NEVER],
  ] as const) {
    test(`by lines counts lines that are ${what}, and leaves nothing of those that go`, async () => {
      await openFor(filing);
      const ids = await talk(45);
      for (const lines of [25, 9, 2]) {
        keeping({ lines });
        await opened.pass(70_000);
        expect(await idsOf(OPS)).toEqual(ids.ops.slice(-lines));
        expect(await idsOf(DEV)).toEqual(ids.dev.slice(-lines));
        expect(await opened.backend.countSaid(fold('ops'), 0, 100)).toBe(Math.min(lines, ids.ops.length));
        expect(checkStore(opened.dir).findings).toEqual([]);
      }
      await expectAllFiledOnStopping();
    });

    test(`by age takes rooms and conversations with the last of lines that are ${what}`, async () => {
      await openFor(filing);
      await talk(45);
      await opened.pass(1000);
      const kept = await keep(opened, said('dev', 'alice', 'young'));
      keeping({ age: 59_500 });
      await opened.pass(62_000);
      expect(await idsOf(OPS)).toEqual([]);
      expect(await idsOf(DEV)).toEqual([kept.id]);
      expect(await idsOf(PRIVATE)).toEqual([]);
      expect((await opened.backend.openRoom('ops')).exists).toBe(false);
      const db = opened.backend.db;
      expect(db?.query('SELECT count(*) AS count FROM conversations').get()).toEqual({ count: 0 });
      expect(checkStore(opened.dir).findings).toEqual([]);
      await expectAllFiledOnStopping();
    });

    test(`that fails half way leaves lines that are ${what} as they were`, async () => {
      await openFor(filing);
      const ids = await talk(45);
      opened.backend.db?.run(`CREATE TEMP TRIGGER wrong BEFORE DELETE ON main.events
        WHEN OLD.id = ${ids.ops.at(-5)} BEGIN SELECT RAISE(ABORT, 'made wrong by a test'); END`);
      keeping({ lines: 2 });
      await opened.pass(70_000);
      expect(await idsOf(OPS)).toEqual(ids.ops);
      expect(await opened.backend.countSaid(fold('ops'), 0, 100)).toBe(ids.ops.length);
      opened.backend.db?.run('DROP TRIGGER temp.wrong');
      await opened.pass(70_000);
      expect(await idsOf(OPS)).toEqual(ids.ops.slice(-2));
      await expectAllFiledOnStopping();
    });
  }

  async function expectAllFiledOnStopping(): Promise<void> {
    await opened.backend.stop();
    const { filed, lines } = counts(opened.dir);
    expect(filed).toBe(lines);
    expect(checkStore(opened.dir).findings).toEqual([]);
  }
});

describe('a store that takes no filing', () => {
  closeAfterEach();

  test('has every line kept and shown all the same, and filed when it can be', async () => {
    await openFor(EARLY);
    opened.backend.db?.run(`CREATE TEMP TRIGGER wrong BEFORE INSERT ON main.said
    BEGIN SELECT RAISE(ABORT, 'made wrong by a test'); END`);
    const before = await talk(50);
    expect(counts(opened.dir)).toMatchObject({ filed: 0, lines: 50, until: 0 });
    expect(await idsOf(OPS)).toEqual(before.ops);
    expect(opened.log.lines).toEqual(['warn filing lines stopped for now']);
    opened.backend.db?.run('DROP TRIGGER temp.wrong');
    const origin = new RecordingOrigin();
    for (let i = 0; i < 100; i++) {
      opened.backend.post(said('ops', 'alice', 'more'), origin);
      await opened.settle();
    }
    const { lines, until } = counts(opened.dir);
    expect(until).toBeGreaterThan(50);
    expect(lines).toBe(150);
    expect(await idsOf(OPS)).toHaveLength(before.ops.length + 100);
    expect(checkStore(opened.dir).findings).toEqual([]);
  });
});
