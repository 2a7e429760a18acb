/** Operators' commands of the compiled binary, against a daemon that really runs and on the store it leaves. */
import { afterAll, expect, test } from 'bun:test';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextClient } from '../helper/client.ts';
import { BINARY, Daemon, remove, scratch } from '../helper/daemon.ts';

const dirs: string[] = [];
afterAll(() => dirs.forEach(remove));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A data directory, and the commands on it. */
function world() {
  const data = scratch();
  dirs.push(data);
  const spawn = (argv: readonly string[], stdin: string | null = null) =>
    Bun.spawn([BINARY, ...argv, '--data', data], {
      stdin: stdin === null ? 'ignore' : new Blob([stdin]),
      stdout: 'pipe',
      stderr: 'pipe',
      env: { TZ: 'UTC' },
    });
  const run = async (argv: readonly string[], stdin: string | null = null): Promise<Ran> => {
    const child = spawn(argv, stdin);
    const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { code, out, err };
  };
  return { data, spawn, run };
}

test('an account made before the first start signs in, and is deleted while it is signed in', async () => {
  const { data, run } = world();
  const made = await run(['user', 'add', 'alice'], 'correct horse\n');
  expect(made).toEqual({
    code: 0,
    out: '',
    err: `parley: no parley is running on ${data}: working on its store\nparley: alice is an account now\n`,
  });
  expect((await run(['user', 'promote', 'alice'])).code).toBe(0);

  const daemon = await Daemon.start('--data', data);
  const alice = await TextClient.connect(daemon.port);
  alice.send('login alice correct horse', 'join ops', 'hello');
  await alice.sync();
  const { users } = JSON.parse((await run(['user', 'list', '--json'])).out);
  expect(users).toMatchObject([{ name: 'alice', operator: true, connections: 1 }]);
  expect((await run(['user', 'passwd', 'alice'], 'battery staple')).err).toContain('parley kick alice');
  expect((await run(['user', 'delete', 'alice'])).code).toBe(0);
  await alice.until('! account-gone: the account alice is no more.');
  await alice.ended();
  expect(await run(['user', 'delete', 'alice'])).toEqual({
    code: 1,
    out: '',
    err: 'parley: there is no account called alice. All of them: parley user list\n',
  });
  expect(await daemon.stop()).toBe(0);
  expect(await daemon.log()).toContain('an operator deleted an account by=parley name=alice closed=1');

  expect((await run(['room', 'show', 'ops'])).out).toMatch(/^room +ops$/m);
});

test('status and drain tell how it is, by exit code too', async () => {
  const { data, run } = world();
  const nobody = await run(['status']);
  expect([nobody.code, nobody.out]).toEqual([3, '']);
  expect(nobody.err).toMatch(/^parley: no parley answers on \S+\/parley\.sock\. [^\n]*\n$/);

  const daemon = await Daemon.start('--data', data);
  const alice = await TextClient.signedIn(daemon.port, 'alice', 'ops');
  const { code, out } = await run(['status', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    pid: daemon.pid,
    health: { state: 'ok' },
    connections: { text: 1 },
    listening: [`127.0.0.1:${daemon.port}`, expect.stringContaining('parley.sock')],
  });
  expect((await run(['status'])).out).toMatch(/^people +1 name on 1 connection /m);

  const top = (await run(['top'])).out.split('\n');
  expect(top[1]).toStartWith('1 connection (');
  expect(top.at(-2)).toStartWith('alice');

  alice.until('parley is stopping').then(() => alice.close());
  const drained = await run(['drain']);
  expect(drained.err).toMatch(/^parley: stopping: 1 connection /);
  expect([drained.code, drained.err.split('\n').at(-2)]).toEqual([0, 'parley: parley has stopped']);
  expect(await daemon.process.exited).toBe(0);
  expect(await daemon.log()).toContain('stopping by=parley');
});

test('reload says what came of it, and keeps what is in force where that is refused', async () => {
  const { data, run } = world();
  const file = join(data, 'parley.toml');
  writeFileSync(file, 'line-rate = 20\n');
  const daemon = await Daemon.start('--data', data, '--config', file);
  expect((await run(['reload'])).err).toBe('parley: reloaded: no live setting is another one\n');
  writeFileSync(file, 'line-rate = 30\nlisten = "127.0.0.1:0"\n');
  expect((await run(['reload'])).err).toBe(
    'parley: reloaded: line-rate\nparley: changed too, and waiting for a restart: listen\n',
  );
  writeFileSync(file, 'line-rate = -1\n');
  const refused = await run(['reload']);
  expect(refused.code).toBe(1);
  expect(refused.err).toMatch(/^parley: not reloaded, the settings in force stay: line-rate, from [^\n]*\n$/);
  writeFileSync(file, 'line-rate = 30\nlisten = "127.0.0.1:0"\n');
  expect(JSON.parse((await run(['reload', '--json'])).out)).toEqual({ changed: [], restart: ['listen'] });
  expect(await daemon.stop()).toBe(0);
});

test('the log is followed live, and ends with its reader or the daemon', async () => {
  const { data, run, spawn } = world();
  const daemon = await Daemon.start('--data', data);
  const follower = spawn(['log', '--recent', '0']);
  const reader = follower.stdout.getReader();
  // It listens once a line comes: more are made until one does.
  const first = reader.read();
  let came = false;
  void first.then(() => {
    came = true;
  });
  while (!came) await run(['announce', 'hello']);
  expect(new TextDecoder().decode((await first).value)).toContain(
    'an operator announced something by=parley',
  );
  follower.kill('SIGINT');
  expect(await follower.exited).toBe(0);

  const piped = Bun.spawn(['sh', '-c', `${BINARY} log --data ${data} | head -n 1`], { stdout: 'pipe' });
  const shown = (await piped.stdout.getReader().read()).value;
  expect(new TextDecoder().decode(shown)).toContain('announced');
  // Whose reader has gone, it notices with the next line.
  await run(['announce', 'hello']);
  expect(await piped.exited).toBe(0);

  const other = spawn(['log']);
  await other.stdout.getReader().read();
  expect(await daemon.stop()).toBe(0);
  expect(await other.exited).toBe(1);
});
