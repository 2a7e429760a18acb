/** backup, restore, export and import as a shell sees them, beside a parley that is talked in and after it. */

import { Database } from 'bun:sqlite';
import { afterAll, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseWhen } from '../../src/cli/when.ts';
import { TextClient } from '../helper/client.ts';
import { type Ran, runParley, startParley } from '../helper/run-parley.ts';

const cwd = mkdtempSync(join(tmpdir(), 'parley-backup-'));
afterAll(() => rmSync(cwd, { recursive: true }));

const parley = (...args: string[]): Promise<Ran> => runParley(args, { cwd });
const start = async (data: string) => {
  const started = await startParley(
    ['--host', '127.0.0.1', '--port', '0', '--http-port', 'off', '--limits', 'off', '--data', data],
    { cwd },
  );
  const port = Number(/:(\d+)/.exec(started.ready)?.[1]);
  const stop = async () => {
    started.child.kill('SIGTERM');
    await started.child.exited;
  };
  return { port, stop };
};

/** The newest id of a store, and how many events there are up to it. */
function reach(file: string): { last: number; events: number } {
  const db = new Database(file, { readonly: true });
  const row = db
    .query<{ last: number; events: number }, []>('SELECT max(id) AS last, count(*) AS events FROM events')
    .get();
  db.close();
  return row ?? { last: 0, events: 0 };
}

test('a backup under full load is of one moment, and restores to a parley that has every message up to it', async () => {
  const data = join(cwd, 'load');
  const { port, stop } = await start(data);
  const people = await Promise.all(
    ['ann', 'ben', 'cat', 'dan'].map(name => TextClient.signedIn(port, name, 'ops')),
  );
  let over = false;
  const underWay = Promise.withResolvers<void>();
  const talking = people.map(async (person, who) => {
    for (let n = 0; !over; n++) {
      for (let i = 0; i < 20; i++) person.send(`line ${who}-${n * 20 + i}`);
      await person.sync();
      if (n === 20) underWay.resolve();
    }
  });
  await underWay.promise;

  const store = join(data, 'parley.db');
  const rounds: { before: number; after: number; file: string }[] = [];
  for (let round = 0; round < 2; round++) {
    const file = join(cwd, `under-load-${round}.db`);
    const before = reach(store).last;
    const { code, err } = await parley('backup', file, '--data', data);
    expect(err).toContain('; sound');
    expect(code).toBe(0);
    rounds.push({ before, after: reach(store).last, file });
  }
  over = true;
  await Promise.all(talking);
  await stop();

  for (const { before, after, file } of rounds) {
    const { last, events } = reach(file);
    expect(before).toBeGreaterThan(0);
    expect(after).toBeGreaterThan(before);
    expect(last).toBeGreaterThanOrEqual(before);
    expect(last).toBeLessThanOrEqual(after);
    // Ids are given out without a hole in a store that nothing was deleted from.
    expect(events).toBe(last);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  }

  const [{ file } = { file: '' }] = rounds;
  const restored = join(cwd, 'restored');
  expect(await parley('restore', file, '--data', restored)).toMatchObject({ code: 0, out: '' });
  const again = await start(restored);
  const reader = await TextClient.signedIn(again.port, 'eve', 'ops');
  const shown = await reader.asks('/history ops 10000000 after #0');
  const said = shown.filter(line => / line \d-\d+$/.test(line));
  expect(new Set(said.map(line => line.slice(line.indexOf(' line ')))).size).toBe(said.length);
  // Of each speaker, every line from the first to the last that was kept.
  for (const who of [0, 1, 2, 3]) {
    const numbers = said
      .flatMap(line => new RegExp(` line ${who}-(\\d+)$`).exec(line)?.[1] ?? [])
      .map(Number);
    expect(numbers).toEqual(numbers.map((_, n) => n));
  }
  const joins = 4;
  expect(said.length).toBe(reach(file).last - joins);
  await again.stop();
}, 60_000);

test('what was said in one parley is exported and imported into another, once', async () => {
  const { port, stop } = await start(join(cwd, 'from'));
  const ann = await TextClient.signedIn(port, 'ann', 'ops');
  ann.send('hello', '/me waves', '/topic the plan');
  await ann.sync();
  // Also while it runs.
  const { out, code } = await parley('export', '--data', 'from');
  expect(code).toBe(0);
  expect(out.split('\n').map(line => line && JSON.parse(line).type)).toEqual([
    'room',
    'message',
    'action',
    'topic',
    '',
  ]);
  writeFileSync(join(cwd, 'said.ndjson'), out);
  expect((await parley('import', 'said.ndjson', '--data', 'from')).err).toContain(
    'another parley is running',
  );
  await stop();

  const first = await parley('import', 'said.ndjson', '--data', 'to');
  expect(first).toMatchObject({ code: 0, err: expect.stringContaining('added 3 events and 1 room ') });
  const second = await parley('import', 'said.ndjson', '--data', 'to');
  expect(second).toMatchObject({ code: 0, err: expect.stringContaining('added 0 events and 0 rooms') });
  expect((await parley('export', '--data', 'to')).out).toBe(out);

  writeFileSync(join(cwd, 'bad.ndjson'), `${out}nonsense\n`);
  const refused = await parley('import', 'bad.ndjson', '--data', 'third');
  expect(refused.code).toBe(1);
  expect(refused.err).toContain('parley: line 5: it is not JSON\n');
  expect(refused.err).toContain('nothing was added');
  const skipped = await parley('import', 'bad.ndjson', '--skip-bad', '--data=third');
  expect(skipped).toMatchObject({ code: 0, err: expect.stringContaining('1 bad line left out') });
}, 30_000);

test('a disk that is too full leaves nothing of a backup', async () => {
  const lines = Array.from({ length: 3000 }, (_, n) => {
    const at = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
    return JSON.stringify({
      type: 'message',
      at,
      room: 'ops',
      from: 'ann',
      text: `line ${n} ${'x'.repeat(200)}`,
    });
  });
  writeFileSync(join(cwd, 'many.ndjson'), lines.join('\n'));
  expect((await parley('import', 'many.ndjson', '--data', 'many')).code).toBe(0);
  // No file may grow beyond 128 KB; the signal that goes with it is ignored.
  const main = join(import.meta.dir, '../../src/main.ts');
  const script = `trap '' XFSZ; ulimit -f 256; exec "$0" ${main} backup full.db --data many`;
  const child = Bun.spawn(['sh', '-c', script, process.execPath], { cwd, stdout: 'ignore', stderr: 'pipe' });
  const [err, code] = await Promise.all([child.stderr.text(), child.exited]);
  expect(code).toBe(1);
  expect(err).toContain(`parley: cannot write ${join(cwd, 'full.db')}: `);
  expect(readdirSync(cwd).filter(name => name.startsWith('full.db'))).toEqual([]);
}, 20_000);

test('says of wrong use what would be right', async () => {
  const wrong: [code: number, words: string, args: string[]][] = [
    [2, 'FILE is missing. Usage: parley backup FILE', ['backup']],
    [2, 'that is more than it takes', ['backup', 'a.db', 'b.db']],
    [
      2,
      '--froce, from the command line: there is no such setting. Did you mean --force?',
      ['backup', 'a.db', '--froce'],
    ],
    [2, '--force takes no value', ['backup', 'a.db', '--force=yes']],
    [2, 'write it to a file', ['backup', '-']],
    [1, 'there is no parley.db in ', ['backup', 'a.db', '--data', 'nowhere']],
    [1, 'there is no such file', ['restore', 'none.db', '--data', 'nowhere']],
    [2, '--since: "tomorrow" is no time', ['export', '--since', 'tomorrow']],
    [2, '--room: ROOM,… is missing', ['export', '--room']],
    [1, 'there is no parley.db in ', ['export', '--data', 'nowhere']],
    [1, 'cannot read none.ndjson: no such file or directory', ['import', 'none.ndjson', '--data', 'nowhere']],
  ];
  for (const [code, words, args] of wrong) {
    const ran = await parley(...args);
    expect([ran.code, ran.out], args.join(' ')).toEqual([code, '']);
    expect(ran.err).toContain(words);
    // No stack.
    expect(ran.err.split('\n').filter(line => !line.startsWith('parley: '))).toEqual(['']);
  }
  expect(existsSync(join(cwd, 'a.db'))).toBe(false);
}, 30_000);

test('settings that these commands do not use do not keep them from working', async () => {
  const toml = join(cwd, 'tls.toml');
  writeFileSync(toml, 'tls-port = 8443\n');
  const ran = await parley('backup', 'tls.db', '--data', 'many', '--config', toml);
  expect(ran).toMatchObject({ code: 0, err: expect.stringContaining('; sound') });
}, 20_000);

test('times are dates, dates with a time, or how long ago', () => {
  const now = Date.UTC(2026, 0, 15);
  expect(parseWhen('7d', now)).toBe(now - 7 * 86_400_000);
  expect(parseWhen('2026-01-02T03:04Z', now)).toBe(Date.UTC(2026, 0, 2, 3, 4));
  expect(parseWhen('2026-01-02', now)).toBe(new Date(2026, 0, 2).getTime());
  for (const wrong of ['', 'now', '7', '2026', '2026-13-01', '2026-01-02T', '-1d', '1y'])
    expect(parseWhen(wrong, now), wrong).toBeNull();
});
