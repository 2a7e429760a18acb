import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { runParley, startParley } from '../helper/run-parley.ts';

const cwd = mkdtempSync(join(tmpdir(), 'parley-serve-'));
afterAll(() => rmSync(cwd, { recursive: true }));

const ANYWHERE = ['--host', '127.0.0.1', '--port', '0', '--http-port', 'off', '--memory'];

describe('a daemon', () => {
  test('says once, on standard output, where it listens; SIGTERM and SIGINT end it with 0', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const { ready, child, rest, logged } = await startParley(ANYWHERE);
      expect(ready).toMatch(
        new RegExp(`^parley ${version.replaceAll('.', '\\.')} listening on 127\\.0\\.0\\.1:[1-9]\\d*$`),
      );
      child.kill(signal);
      expect(await logged('stopping')).toContain(`signal=${signal}`);
      expect(await child.exited).toBe(0);
      expect(await rest()).toBe('');
    }
  });

  test('that cannot listen says why in one line and ends with 1', async () => {
    const taken = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
    const ran = await runParley(['--host', '127.0.0.1', '--port', `${taken.port}`, '--memory']);
    taken.stop(true);
    expect(ran).toMatchObject({ code: 1, out: '' });
    expect(ran.err).toMatch(/^[^\n]* error [^\n]* code=port-in-use\n$/);
  });

  test('warns where it may run out of open files', async () => {
    const { child, logged } = await startParley([...ANYWHERE, '--connections', '1000000']);
    expect(await logged('open files')).toContain('too few for 1000000 connections. Raise it');
    child.kill('SIGTERM');
    expect(await child.exited).toBe(0);
  });

  test('outlives the readers of its output', async () => {
    const { child, ready } = await startParley(ANYWHERE);
    await Promise.all([child.stdout.cancel(), child.stderr.cancel()].map(gone => gone.catch(() => {})));
    // Each of these writes to the log.
    for (let i = 0; i < 3; i++) child.kill('SIGHUP');
    const port = Number(/\d+$/.exec(ready)?.[0]);
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data() {} } });
    socket.end();
    child.kill('SIGTERM');
    expect(await child.exited).toBe(0);
  });
});

describe('SIGHUP', () => {
  const file = join(cwd, 'reload.toml');
  const start = (text: string) => {
    writeFileSync(file, text);
    return startParley([...ANYWHERE, '--config', file]);
  };

  test('puts new settings in force and names those that need a restart', async () => {
    const { child, logged } = await start('line-rate = 1\n');
    writeFileSync(file, 'line-rate = 2\nlisten = ":9"\nlog-format = "json"\n');
    child.kill('SIGHUP');
    expect(JSON.parse(await logged('need a restart'))).toMatchObject({
      level: 'warn',
      settings: 'listen',
    });
    expect(JSON.parse(await logged('settings reloaded'))).toMatchObject({ level: 'info' });
    child.kill('SIGTERM');
    expect(await child.exited).toBe(0);
  });

  test('keeps the settings in force where the new ones are wrong, and says why', async () => {
    const { child, logged } = await start('line-rate = 1\n');
    writeFileSync(file, 'log-format = "json"\nline-rate = -1\n');
    child.kill('SIGHUP');
    const line = await logged('not reloaded');
    expect(line).toContain(`line-rate, from ${file}:2: "-1" is not a whole number.`);
    expect(line).toEndWith('code=bad-setting');
    // Mended, it is taken.
    writeFileSync(file, 'line-rate = 3\n');
    child.kill('SIGHUP');
    expect(await logged('settings reloaded')).toContain(' info ');
    child.kill('SIGTERM');
    expect(await child.exited).toBe(0);
  });
});

describe('a bug', () => {
  const preload = join(cwd, 'bug.ts');
  writeFileSync(
    preload,
    "process.on('SIGUSR2', () => { throw new TypeError('first line\\nsecond line'); });\n",
  );
  const crash = async (...argv: string[]) => {
    const { child, logged } = await startParley([...ANYWHERE, ...argv], { preload });
    child.kill('SIGUSR2');
    const line = await logged('internal error');
    return { line, code: await child.exited, stack: await logged('bug.ts').catch(() => null) };
  };

  test('ends the process with 70 and one line that says what to do', async () => {
    const { line, code, stack } = await crash();
    expect(code).toBe(70);
    expect(line).toContain('please report it');
    expect(line).toContain('TypeError: first line\ufffdsecond line');
    expect(stack).toBeNull();
  });

  test('shows its stack at log-level debug', async () => {
    expect((await crash('--log-level', 'debug')).stack).toContain('bug.ts:1');
  });
});

test('a second signal to stop does not wait for the first', async () => {
  const source = (file: string) => JSON.stringify(new URL(`../../src/cli/${file}`, import.meta.url).pathname);
  const script = `const { catchSignals } = await import(${source('signals.ts')});
    const { Requests } = await import(${source('requests.ts')});
    const requests = new Requests();
    catchSignals(requests);
    console.log('ready');
    for (;;) console.log(JSON.stringify(await requests.next()));`;
  const child = Bun.spawn([process.execPath, '-e', script], { stdout: 'pipe' });
  const reader = child.stdout.getReader();
  const read = async () => new TextDecoder().decode((await reader.read()).value);
  expect(await read()).toBe('ready\n');
  child.kill('SIGHUP');
  expect(await read()).toBe('{"to":"reload","who":{}}\n');
  child.kill('SIGTERM');
  expect(await read()).toBe('{"to":"stop","who":{"signal":"SIGTERM"}}\n');
  child.kill('SIGINT');
  expect(await child.exited).toBe(130);
});
