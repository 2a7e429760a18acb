/** Opening a data directory: made where missing, one parley at a time, and never harmed. */
import { Database } from 'bun:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import {
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
import { checkStore } from '../../src/backend/embedded/check.ts';
import { MIGRATIONS, type Migration, migrate, versionOf } from '../../src/backend/embedded/migrations.ts';
import { openStore } from '../../src/backend/embedded/open.ts';
import { Refusal } from '../../src/chat/errors.ts';
import { fold } from '../../src/chat/names.ts';
import { join as joins, said, toOne } from '../contract/backend.ts';
import { enter, keep, startEmbedded, UNBOUNDED } from '../contract/harness.ts';
import { token } from '../contract/operators.ts';
import { FakeClock } from '../helper/clock.ts';

let dir: string;
let file: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-test-'));
  file = join(dir, 'parley.db');
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function refusalOf(run: () => unknown): Refusal {
  try {
    run();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Every file of the directory with its bytes. */
function contents(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(dir)
      .sort()
      .map(name => [name, readFileSync(join(dir, name)).toString('base64')]),
  );
}

/** A closed store with something of everything in it. */
async function makeStore(): Promise<void> {
  const opened = await startEmbedded(dir, UNBOUNDED, new FakeClock());
  await enter(opened, 'alice', 'account');
  await enter(opened, 'bob', 'guest');
  await keep(opened, joins('ops', 'alice', { account: true, operator: true }));
  for (let i = 0; i < 300; i++) opened.backend.post(said('ops', 'alice', `line ${i} of a longer text`), null);
  await keep(opened, toOne('alice', 'bob', 'hello'));
  await opened.pass(5000);
  await opened.backend.stop();
}

const refused = (): string => {
  const before = contents();
  const refusal = refusalOf(() => openStore(dir, 'normal'));
  expect(contents()).toEqual(before);
  return refusal.code;
};

describe('opening', () => {
  test('makes a missing directory and a file that only its owner can read', () => {
    const deep = join(dir, 'var', 'parley');
    openStore(deep, 'normal').close();
    expect(statSync(deep).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(deep)) expect(statSync(join(deep, name)).mode & 0o777).toBe(0o600);
    expect(readdirSync(deep)).toContain('parley.db');
  });

  test('a second parley on the directory is refused, until the first is gone', () => {
    const first = openStore(dir, 'normal');
    expect(refusalOf(() => openStore(dir, 'normal')).code).toBe('data-in-use');
    first.close();
    openStore(dir, 'normal').close();
  });

  test('the lock goes with the process that had it, however it ends', async () => {
    const script = `
      import { openStore } from ${JSON.stringify(join(import.meta.dir, '../../src/backend/embedded/open.ts'))};
      globalThis.store = openStore(${JSON.stringify(dir)}, 'normal');
      console.log('open');
      setInterval(() => {}, 1000);`;
    const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' });
    try {
      await child.stdout.getReader().read();
      expect(refusalOf(() => openStore(dir, 'normal')).code).toBe('data-in-use');
    } finally {
      child.kill('SIGKILL');
      await child.exited;
    }
    openStore(dir, 'normal').close();
  });

  test('a directory that cannot be made or is none is refused, with the way out', () => {
    writeFileSync(join(dir, 'file'), 'not a directory');
    const refusal = refusalOf(() => openStore(join(dir, 'file', 'data'), 'normal'));
    expect(refusal.code).toBe('data-not-writable');
    expect(refusal.message).toContain('--data DIR');
  });

  test('a file of another program is refused and not touched', () => {
    writeFileSync(file, 'these are my notes, do not touch them '.repeat(10));
    expect(refused()).toBe('database-foreign');
  });

  test('another program’s SQLite file is refused and not touched', () => {
    const other = new Database(file);
    other.run('CREATE TABLE mine (x)');
    other.close();
    expect(refused()).toBe('database-foreign');
  });

  test('a newer parley’s file is refused and not touched', async () => {
    await makeStore();
    const db = new Database(file);
    db.run(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    db.close();
    expect(refused()).toBe('database-newer');
  });

  test('a newer file is refused and not touched where only its write-ahead log says so', async () => {
    await makeStore();
    // Killed before anything of it came to the file itself.
    const script = `
      import { Database } from 'bun:sqlite';
      const db = new Database(${JSON.stringify(file)});
      db.run('PRAGMA user_version = 99');
      process.kill(process.pid, 'SIGKILL');`;
    await Bun.spawn([process.execPath, '-e', script]).exited;
    expect(existsSync(`${file}-wal`)).toBe(true);
    expect(refused()).toBe('database-newer');
  });

  test('a file cut short is refused as damaged and not touched', async () => {
    await makeStore();
    truncateSync(file, statSync(file).size - 4096 * 3);
    expect(refused()).toBe('database-corrupt');
    truncateSync(file, 50);
    expect(refused()).toBe('database-corrupt');
  });

  test('a file whose tables are overwritten is refused as damaged and not touched', async () => {
    await makeStore();
    const bytes = readFileSync(file);
    for (let page = 1; page * 4096 < bytes.length; page++) {
      const damaged = Buffer.from(bytes);
      damaged.fill(0xa5, page * 4096, (page + 1) * 4096);
      writeFileSync(file, damaged);
      // Not every page is looked at before anybody is let in; whatever is not, the full check finds.
      const code = await openedOrRefused();
      if (code === null) expect(checkStore(dir).findings, `page ${page}`).not.toEqual([]);
      else expect(code).toBe('database-corrupt');
      if (code !== null) expect(readFileSync(file).equals(damaged)).toBe(true);
      rmSync(`${file}-wal`, { force: true });
      rmSync(`${file}-shm`, { force: true });
    }
  });

  test('a file whose tables are not what they were made as is refused as damaged', async () => {
    await makeStore();
    const db = new Database(file);
    db.run('ALTER TABLE rooms RENAME COLUMN moderated TO quiet');
    db.close();
    const start = startEmbedded(dir, UNBOUNDED, new FakeClock());
    expect(await start.catch(error => error.code)).toBe('database-corrupt');
    expect(readdirSync(dir)).not.toContain('parley.db-wal');
  });

  async function openedOrRefused(): Promise<string | null> {
    try {
      openStore(dir, 'normal').close();
      return null;
    } catch (error) {
      if (error instanceof Refusal) return error.code;
      throw error;
    }
  }

  test('a start that was cut off while making the file is made again', () => {
    writeFileSync(`${file}.new`, 'half a database');
    writeFileSync(file, '');
    openStore(dir, 'normal').close();
    expect(existsSync(`${file}.new`)).toBe(false);
  });

  test('what was killed is all there', async () => {
    const script = `
      import { startEmbedded, keep, UNBOUNDED } from ${JSON.stringify(join(import.meta.dir, '../contract/harness.ts'))};
      import { FakeClock } from ${JSON.stringify(join(import.meta.dir, '../helper/clock.ts'))};
      const opened = await startEmbedded(${JSON.stringify(dir)}, UNBOUNDED, new FakeClock());
      for (let i = 0; i < 50; i++) {
        await keep(opened, { type: 'message', room: 'ops', from: 'alice', text: 'line ' + i });
      }
      process.kill(process.pid, 'SIGKILL');`;
    const child = Bun.spawn([process.execPath, '-e', script]);
    await child.exited;
    const opened = await startEmbedded(dir, UNBOUNDED, new FakeClock());
    const lines = await opened.backend.history({ scope: { room: fold('ops') }, only: 'said', limit: 100 });
    expect(lines).toHaveLength(50);
    await opened.backend.stop();
  });
});

describe('migrations', () => {
  const first: Migration = { version: 1, what: 'a table', run: db => db.run('CREATE TABLE lines (text)') };
  const second: Migration = {
    version: 2,
    what: 'a column',
    run: db => {
      db.run("INSERT INTO lines VALUES ('kept')");
      db.run('ALTER TABLE lines ADD COLUMN said_at');
    },
  };
  const failing: Migration = {
    version: 3,
    what: 'something wrong',
    run: db => {
      db.run('DELETE FROM lines');
      db.run('NOT SQL');
    },
  };

  test('run in order from where the file stands, each once', () => {
    const db = new Database(file);
    expect(migrate(db, file, [first]).map(({ version }) => version)).toEqual([1]);
    expect(migrate(db, file, [second, first]).map(({ version }) => version)).toEqual([2]);
    expect(migrate(db, file, [first, second])).toEqual([]);
    expect(versionOf(db)).toBe(2);
    db.close();
  });

  test('one that fails leaves the file as the step before it did', () => {
    const db = new Database(file);
    const refusal = refusalOf(() => migrate(db, file, [first, second, failing]));
    expect(refusal.code).toBe('migration-failed');
    expect(refusal.message).toContain('something wrong');
    expect(versionOf(db)).toBe(2);
    expect(db.query('SELECT text FROM lines').values()).toEqual([['kept']]);
    db.close();
  });

  test('a file of version 1 opens with everything in it', async () => {
    const db = new Database(file);
    db.run(readFileSync(join(import.meta.dir, 'fixtures/version-1.sql'), 'utf8'));
    db.close();
    const { backend, settle } = await startEmbedded(dir, UNBOUNDED, new FakeClock());
    const ops = { room: fold('ops') };
    expect(await backend.history({ scope: ops, only: 'all', limit: 10 })).toEqual([
      { type: 'join', room: 'ops', from: 'Alice', account: true, operator: true, id: 1, at: 1767225600000 },
      { type: 'message', room: 'ops', from: 'Alice', text: 'the deploy is done', id: 2, at: 1767225601000 },
      { type: 'topic', room: 'ops', from: 'Alice', text: 'deploys', id: 3, at: 1767225602000 },
      { type: 'action', room: 'ops', from: 'bob', text: 'cheers', id: 5, at: 1767225604000 },
    ]);
    expect(await backend.openRoom('ops')).toEqual({
      name: 'ops',
      exists: true,
      topic: { text: 'deploys', from: 'Alice', at: 1767225602000 },
      key: 'sesame',
      moderated: true,
      unlisted: false,
      members: [{ name: 'Alice', rank: 'operator' }],
      bans: [{ kind: 'address', what: '10.0.0.0/8', label: 'ban-1', reason: 'noise' }],
      lastId: 5,
    });
    expect(await backend.account(fold('alice'))).toEqual({
      name: 'Alice',
      passwordHash: 'hash of alice',
      created: 1767225599999,
      settings: { time: false },
      memberships: [{ room: 'ops', rank: 'operator', read: 3 }],
      operator: false,
    });
    expect(await backend.waiting(fold('bob'))).toEqual([
      { type: 'private', from: 'Alice', to: 'bob', text: 'are you there?', id: 4, at: 1767225603000 },
    ]);
    const search = { rooms: [fold('ops')], mine: { name: fold('alice'), since: 0 }, limit: 10 };
    expect((await backend.search({ ...search, words: 'deploy' })).events.map(({ id }) => id)).toEqual([2]);
    expect((await backend.search({ ...search, words: 'there' })).events.map(({ id }) => id)).toEqual([4]);
    backend.post(said('ops', 'bob', 'next'), null, 'key of 2');
    await settle();
    expect(await backend.countSaid(fold('ops'), 0, 10)).toBe(2);
    await backend.stop();
    expect(checkStore(dir).findings).toEqual([]);
  });

  test('lines that version 1 kept in an index are each room’s and conversation’s as they were', async () => {
    writeFileSync(file, gunzipSync(readFileSync(join(import.meta.dir, 'fixtures/version-1.db.gz'))));
    const old = new Database(file, { readonly: true });
    const lines = old
      .query<{ scope: number; id: number }, []>('SELECT scope, id FROM events WHERE kind < 3 ORDER BY id')
      .all();
    old.close();
    rmSync(`${file}-wal`, { force: true });
    rmSync(`${file}-shm`, { force: true });
    expect(lines).toHaveLength(108);
    expect(checkStore(dir)).toMatchObject({ findings: [], stats: { version: 1 } });
    const { backend, settle } = await startEmbedded(dir, UNBOUNDED, new FakeClock());
    const between = (other: string) => ({ between: [fold('alice'), fold(other)] as const, since: 0 });
    for (const [scope, whose] of [
      [1, { room: fold('ops') }],
      [2, { room: fold('Dev') }],
      [3, { room: fold('lunch') }],
      [-1, between('bob')],
      [-2, between('carol')],
    ] as const) {
      const kept = await backend.history({ scope: whose, only: 'said', limit: 1000 });
      expect(kept.map(({ id }) => id)).toEqual(
        lines.filter(line => line.scope === scope).map(({ id }) => id),
      );
      expect(kept.length).toBeGreaterThan(5);
    }
    backend.post(said('ops', 'bob', 'next'), null);
    await settle();
    expect(await backend.countSaid(fold('ops'), 0, 1000)).toBe(49);
    await backend.stop();
    expect(checkStore(dir)).toMatchObject({ findings: [], stats: { version: 3 } });
    const now = new Database(file, { readonly: true });
    expect(now.query('SELECT scope, id FROM said ORDER BY id').all().slice(0, -1)).toEqual(lines);
    expect(now.query("SELECT name FROM sqlite_schema WHERE name = 'events_said'").all()).toEqual([]);
    now.close();
  });
});

test('a file of version 2 opens with everything in it, and takes tokens, operators and bans', async () => {
  writeFileSync(file, gunzipSync(readFileSync(join(import.meta.dir, 'fixtures/version-2.db.gz'))));
  expect(checkStore(dir)).toMatchObject({ findings: [], stats: { version: 2, accounts: 2, waiting: 1 } });
  const opened = await startEmbedded(dir, UNBOUNDED, new FakeClock());
  const { backend } = opened;
  const settled = async <T>(ask: Promise<T>): Promise<T> => {
    await opened.settle();
    return ask;
  };
  expect(await backend.account(fold('alice'))).toEqual({
    name: 'Alice',
    passwordHash: 'hash of Alice',
    created: 1767225600001,
    settings: { time: false },
    memberships: [{ room: 'ops', rank: 'operator', read: 1 }],
    operator: false,
  });
  expect(await backend.openRoom('ops')).toMatchObject({
    topic: { text: 'deploys' },
    members: [{ name: 'Alice' }, { name: 'carol' }],
    bans: [{ kind: 'name', what: 'mallory', label: 'mallory', reason: 'noise' }],
  });
  expect(await backend.countSaid(fold('ops'), 0, 100)).toBe(20);
  expect(await backend.countSaid(fold('dev'), 0, 100)).toBe(6);
  expect(await backend.waiting(fold('bob'))).toMatchObject([{ text: 'are you there?' }]);
  expect([await backend.tokens(), await backend.serverBans()]).toEqual([[], []]);
  expect(await settled(backend.setOperator(fold('alice'), true))).toBe('set');
  expect(await settled(backend.addToken(token({ name: 'carol' }), 'hash'))).toBe('owned');
  expect(await settled(backend.addToken(token(), 'hash'))).toBe('added');
  const ban = { kind: 'name', what: 'bob', label: 'bob', reason: '' } as const;
  expect(await settled(backend.addServerBan(ban))).toBe('set');
  await backend.stop();
  expect(checkStore(dir)).toMatchObject({ findings: [], stats: { version: 3 } });
});

describe('checking', () => {
  test('a sound store has no findings, and is counted', async () => {
    await makeStore();
    const before = contents();
    const { findings, stats } = checkStore(dir);
    expect(findings).toEqual([]);
    expect(stats).toMatchObject({
      version: MIGRATIONS.length,
      events: 302,
      rooms: 1,
      accounts: 1,
      waiting: 1,
      unindexed: 0,
    });
    expect(stats?.bytes).toBe(statSync(file).size);
    expect(contents()).toEqual(before);
  });

  test('works on a store that is running', async () => {
    const opened = await startEmbedded(dir, UNBOUNDED, new FakeClock());
    await keep(opened, said('ops', 'alice', 'hello'));
    expect(checkStore(dir)).toMatchObject({ findings: [], stats: { events: 1 } });
    await keep(opened, said('ops', 'alice', 'and on'));
    await opened.backend.stop();
  });

  test('says what does not belong together', async () => {
    await makeStore();
    const db = new Database(file);
    db.run('DELETE FROM rooms');
    db.run("UPDATE names SET settings = '{' WHERE folded = 'alice'");
    db.close();
    expect(checkStore(dir).findings).toEqual([
      '301 events of no room and no conversation',
      '1 memberships of a room or account that is not there',
      '1 settings that are not JSON',
    ]);
  });

  test('says what is wrong with tokens, operators and bans from the server', async () => {
    await makeStore();
    const db = new Database(file);
    db.run("UPDATE names SET operator = 1 WHERE folded IN ('alice', 'bob')");
    db.run(`INSERT INTO tokens (id, hash, name, folded, rooms, read, write, created) VALUES
      ('1', 'a', 'Alice', 'alice', NULL, 1, 1, 1), ('2', 'b', 'bot', 'bot', '{}', 1, 1, 1),
      ('3', 'c', 'bot', 'bot', 'ops', 1, 1, 1), ('4', 'd', 'bot', 'bot', '["ops"]', 1, 1, 1)`);
    db.run("INSERT INTO server_bans (kind, what, label, reason) VALUES ('dog', 'bob', 'bob', '')");
    db.close();
    expect(checkStore(dir).findings).toEqual([
      '1 operators of the server that are no accounts',
      '1 tokens with the name of an account',
      '2 tokens for rooms that are not a list',
      '1 bans from the server of a kind that does not exist',
    ]);
  });

  test('says what a room has too many and too few of its lines', async () => {
    await makeStore();
    const db = new Database(file);
    db.run('DELETE FROM said WHERE id IN (SELECT id FROM said WHERE scope = 1 LIMIT 2)');
    db.run('INSERT INTO said VALUES (1, 1), (2, 5), (1, 9999)');
    db.close();
    expect(checkStore(dir).findings).toEqual([
      '3 lines of a room or conversation that are not there',
      '2 lines that their room or conversation does not know of',
    ]);
  });

  test('refuses what is no store', () => {
    expect(refusalOf(() => checkStore(dir)).code).toBe('data-not-writable');
    mkdirSync(dir, { recursive: true });
    writeFileSync(file, 'something else');
    expect(refusalOf(() => checkStore(dir)).code).toBe('database-foreign');
    expect(readdirSync(dir)).toEqual(['parley.db']);
  });
});
