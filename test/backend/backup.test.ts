/** Copies of a store: taken while it is written to, verified, and put back. */
import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { backUp, type CopyOptions, restore } from '../../src/backend/embedded/backup.ts';
import { checkFile } from '../../src/backend/embedded/check.ts';
import { NEWEST_VERSION } from '../../src/backend/embedded/migrations.ts';
import { Refusal } from '../../src/chat/errors.ts';
import { fold } from '../../src/chat/names.ts';
import { join as joins, said, toOne } from '../contract/backend.ts';
import { enter, keep, type OpenedEmbedded, startEmbedded, UNBOUNDED } from '../contract/harness.ts';
import { FakeClock } from '../helper/clock.ts';

let home: string;
let dir: string;
let target: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'parley-test-'));
  dir = join(home, 'data');
  target = join(home, 'backup.db');
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const QUIET: CopyOptions = { force: false, tell: () => {} };
const FORCE: CopyOptions = { force: true, tell: () => {} };

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  return 'nothing was refused';
}

/** Every file of a directory with its bytes. */
function contents(of: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(of)
      .sort()
      .map(name => [name, readFileSync(join(of, name)).toString('base64')]),
  );
}

async function open(where = dir): Promise<OpenedEmbedded> {
  return await startEmbedded(where, UNBOUNDED, new FakeClock());
}

/** A store with something of everything in it, still open. */
async function opened(): Promise<OpenedEmbedded> {
  const store = await open();
  await enter(store, 'alice', 'account');
  await enter(store, 'bob', 'guest');
  await keep(store, joins('ops', 'alice', { account: true, operator: true }));
  for (let i = 0; i < 300; i++) store.backend.post(said('ops', 'alice', `line ${i}`), null);
  await keep(store, toOne('alice', 'bob', 'hello'));
  return store;
}

async function closed(): Promise<void> {
  const store = await opened();
  await store.pass(5000);
  await store.backend.stop();
}

async function linesIn(where: string): Promise<number> {
  const store = await open(where);
  const room = { room: fold('ops') };
  const lines = await store.backend.history({ scope: room, only: 'said', limit: 1000 });
  await store.backend.stop();
  return lines.length;
}

describe('a backup', () => {
  test('of a store that is open has everything that was committed, and is for its owner only', async () => {
    const store = await opened();
    const { stats, file } = backUp(dir, target, QUIET);
    expect(file).toBe(target);
    expect(stats).toMatchObject({ events: 302, lastId: 302, rooms: 1, accounts: 1, waiting: 1 });
    expect(statSync(target).mode & 0o777).toBe(0o600);
    expect(checkFile(target)).toMatchObject({ findings: [], stats: { events: 302 } });
    expect(readdirSync(home).sort()).toEqual(['backup.db', 'data']);
    // It goes on, and is sound.
    await keep(store, said('ops', 'alice', 'after it'));
    await store.backend.stop();
    expect(await linesIn(dir)).toBe(301);
  });

  test('keeps what makes the file a parley’s', async () => {
    await closed();
    backUp(dir, target, QUIET);
    const pragmas = (file: string) => {
      const db = new Database(file, { readonly: true });
      const names = ['application_id', 'user_version', 'auto_vacuum', 'encoding'];
      const values = names.map(name => db.query(`PRAGMA ${name}`).get());
      db.close();
      return values;
    };
    expect(pragmas(target)).toEqual(pragmas(join(dir, 'parley.db')));
  });

  test('of a store that nobody has open leaves nothing behind and changes nothing', async () => {
    await closed();
    const before = contents(dir);
    backUp(dir, target, QUIET);
    expect(contents(dir)).toEqual(before);
  });

  test('has what only the write-ahead log of a killed parley has, and leaves that as it is', async () => {
    const store = await opened();
    const killed = join(home, 'killed');
    mkdirSync(killed);
    for (const part of ['', '-wal'])
      copyFileSync(join(dir, `parley.db${part}`), join(killed, `parley.db${part}`));
    await store.backend.stop();
    const before = contents(killed);
    expect(backUp(killed, target, QUIET).stats.events).toBe(302);
    expect(contents(killed)).toEqual(before);
  });

  test('of an older store is as old, and restores to one that is brought up to date', async () => {
    mkdirSync(dir);
    const fixture = readFileSync(join(import.meta.dir, 'fixtures/version-1.db.gz'));
    writeFileSync(join(dir, 'parley.db'), gunzipSync(fixture));
    const { stats } = backUp(dir, target, QUIET);
    expect(stats.version).toBe(1);
    restore(target, join(home, 'other'), 'T', QUIET);
    const store = await open(join(home, 'other'));
    await store.backend.stop();
    expect(checkFile(join(home, 'other', 'parley.db'))).toMatchObject({
      findings: [],
      stats: { version: NEWEST_VERSION, events: stats.events },
    });
  });

  test('replaces a file only where it is told to, and never the store', async () => {
    await closed();
    writeFileSync(target, 'mine');
    expect(codeOf(() => backUp(dir, target, QUIET))).toBe('file-exists');
    expect(readFileSync(target, 'utf8')).toBe('mine');
    expect(codeOf(() => backUp(dir, join(dir, 'parley.db'), FORCE))).toBe('file-exists');
    expect(codeOf(() => backUp(dir, home, FORCE))).toBe('file-exists');
    backUp(dir, target, FORCE);
    expect(checkFile(target).findings).toEqual([]);
  });

  test('that cannot be written leaves nothing', async () => {
    await closed();
    expect(codeOf(() => backUp(dir, '/dev/null', FORCE))).toBe('file-exists');
    expect(codeOf(() => backUp(dir, join(home, 'no', 'where'), QUIET))).toBe('cannot-write');
    expect(readdirSync(home)).toEqual(['data']);
  });

  test('is not made of what is no store', async () => {
    mkdirSync(dir);
    expect(codeOf(() => backUp(dir, target, QUIET))).toBe('no-store');
    writeFileSync(join(dir, 'parley.db'), 'these are my notes'.repeat(20));
    expect(codeOf(() => backUp(dir, target, QUIET))).toBe('database-foreign');
    expect(existsSync(target)).toBe(false);
  });

  test('of a damaged store is refused', async () => {
    await closed();
    const file = join(dir, 'parley.db');
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 8192, 40_000);
    writeFileSync(file, bytes);
    expect(['cannot-write', 'copy-differs', 'database-corrupt']).toContain(
      codeOf(() => backUp(dir, target, QUIET)),
    );
    expect(readdirSync(home)).toEqual(['data']);
  });
});

describe('restoring', () => {
  test('makes a store with everything of the backup', async () => {
    await closed();
    backUp(dir, target, QUIET);
    const other = join(home, 'other');
    const { stats, aside } = restore(target, other, 'T', QUIET);
    expect(stats).toMatchObject({ events: 302, accounts: 1, waiting: 1 });
    expect(aside).toBeNull();
    expect(statSync(other).mode & 0o777).toBe(0o700);
    expect(statSync(join(other, 'parley.db')).mode & 0o777).toBe(0o600);
    expect(await linesIn(other)).toBe(300);
  });

  test('moves a store aside only where it is told to, with its write-ahead log', async () => {
    await closed();
    backUp(dir, target, QUIET);
    const store = await open();
    await keep(store, said('ops', 'alice', 'said since'));
    const log = readFileSync(join(dir, 'parley.db-wal'));
    await store.backend.stop();
    // As a kill leaves it.
    writeFileSync(join(dir, 'parley.db-wal'), log);
    const before = contents(dir);
    expect(codeOf(() => restore(target, dir, 'T', QUIET))).toBe('file-exists');
    expect(contents(dir)).toEqual(before);

    const { aside } = restore(target, dir, 'T', FORCE);
    expect(aside).toBe(join(dir, 'parley.db.before-T'));
    expect(readdirSync(dir).sort()).toEqual([
      'parley.db',
      'parley.db.before-T',
      'parley.db.before-T-wal',
      'parley.lock',
    ]);
    expect(await linesIn(dir)).toBe(300);
  });

  test('is refused while a parley runs there', async () => {
    await closed();
    backUp(dir, target, QUIET);
    const store = await open();
    expect(codeOf(() => restore(target, dir, 'T', FORCE))).toBe('data-in-use');
    await keep(store, said('ops', 'alice', 'goes on'));
    await store.backend.stop();
    expect(await linesIn(dir)).toBe(301);
  });

  test('is refused from what is missing, foreign, newer or damaged, and nothing changes', async () => {
    await closed();
    backUp(dir, target, QUIET);
    const before = contents(dir);
    const refused = () => codeOf(() => restore(target, dir, 'T', FORCE));
    expect(codeOf(() => restore(join(home, 'none.db'), dir, 'T', FORCE))).toBe('cannot-read');
    const newer = new Database(target);
    newer.run('PRAGMA user_version = 999');
    newer.close();
    expect(refused()).toBe('database-newer');
    backUp(dir, target, FORCE);
    truncateSync(target, statSync(target).size - 4096);
    expect(refused()).toBe('database-corrupt');
    writeFileSync(target, 'SQLite it is not'.repeat(20));
    expect(refused()).toBe('database-foreign');
    expect(contents(dir)).toEqual(before);
  });
});
