/** The compiled binary as systemd runs it: what it tells, the sockets and credentials it is given, its units. */
import { afterAll, afterEach, describe, expect, test } from 'bun:test';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextClient } from '../helper/client.ts';
import { BINARY, remove, scratch } from '../helper/daemon.ts';
import { Held } from '../helper/held.ts';
import { Manager } from '../helper/manager.ts';

const UNITS = join(import.meta.dir, '../../systemd');

const dirs: string[] = [];
function dir(): string {
  const made = scratch();
  dirs.push(made);
  return made;
}
afterAll(() => dirs.forEach(remove));

/** What a test started and is to be gone after it. */
const started: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const each of started.splice(0)) await each.stop();
});

interface Given {
  readonly env?: Record<string, string>;
  /** Passed as descriptors from 3 on, called so. */
  readonly sockets?: readonly (readonly [name: string, held: Held])[];
}

function run(args: readonly string[], { env = {}, sockets = [] }: Given = {}) {
  const passed = sockets.map(([, held]) => held.fd);
  const listen = {
    LISTEN_FDS: String(passed.length),
    LISTEN_FDNAMES: sockets.map(([name]) => name).join(':'),
  };
  // The shell knows the number that the program in its place will have.
  const child = Bun.spawn(
    ['/bin/sh', '-c', 'LISTEN_PID=$$ WATCHDOG_PID=$$ exec "$0" "$@"', BINARY, ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe', ...passed],
      env: { TZ: 'UTC', ...listen, ...env },
    },
  );
  started.push({
    stop: () => {
      child.kill('SIGKILL');
      return child.exited;
    },
  });
  return child;
}

async function manager(address = join(dir(), 'notify')): Promise<Manager> {
  const made = await Manager.start(address);
  started.push(made);
  return made;
}

const QUIET = ['--host', '127.0.0.1', '--port', '0', '--http-port', 'off', '--memory'];

describe('systemd is told', () => {
  test('of a whole life: ready, alive, reloaded or not, stopping', async () => {
    const systemd = await manager();
    const file = join(dir(), 'parley.toml');
    writeFileSync(file, 'welcome = "hello"\n');
    const env = { NOTIFY_SOCKET: systemd.address, WATCHDOG_USEC: '200000' };
    const child = run([...QUIET, '--config', file, '--drain-timeout', '30s'], { env });
    expect(await systemd.next()).toBe('READY=1\nSTATUS=0 people in 0 rooms, 0 messages a second; ok');
    expect(await systemd.until('WATCHDOG')).toBe('WATCHDOG=1');
    const port = Number(/:(\d+)\n/.exec(await line(child.stdout))?.[1]);
    await TextClient.signedIn(port, 'alice', 'ops');
    child.kill('SIGHUP');
    const reloading = await systemd.until('RELOADING');
    const [, microseconds] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)\nSTATUS=/.exec(reloading) ?? [];
    expect(Math.abs(uptime() - Number(microseconds) / 1e6)).toBeLessThan(60);
    expect(await systemd.until('READY=1')).toMatch(
      /^READY=1\nSTATUS=1 person in 1 room, [\d.]+ messages? a second; ok$/,
    );
    writeFileSync(file, 'line-rate = "many"\n');
    child.kill('SIGHUP');
    await systemd.until('RELOADING');
    expect(await systemd.until('READY=1')).toMatch(/; ok; not reloaded: line-rate, from \S+:1: /);
    child.kill('SIGTERM');
    expect(await systemd.until('STOPPING')).toStartWith('STOPPING=1\nEXTEND_TIMEOUT_USEC=40000000\nSTATUS=');
    expect(await child.exited).toBe(0);
  });

  test('at an abstract address too', async () => {
    const systemd = await manager(`@parley-test-${process.pid}`);
    run(QUIET, { env: { NOTIFY_SOCKET: systemd.address } });
    expect(await systemd.next()).toStartWith('READY=1\n');
  });

  test('why it could not start', async () => {
    const systemd = await manager();
    const env = { NOTIFY_SOCKET: systemd.address };
    expect(await run(['--port', 'many'], { env }).exited).toBe(2);
    expect(await systemd.next()).toMatch(/^ERRNO=22\nSTATUS=port, from --port: "many" is not a port\./);
    const held = Held.tcp();
    const port = held.where.kind === 'tcp' ? String(held.where.port) : '';
    expect(await run([...QUIET, '--port', port], { env }).exited).toBe(1);
    expect(await systemd.next()).toMatch(/^ERRNO=98\nSTATUS=127\.0\.0\.1:\d+ is in use by another program/);
    held.close();
  });
});

describe('sockets that systemd passes', () => {
  test('take the place of host and port, and keep who connects while nobody listens', async () => {
    const held = Held.tcp();
    const port = held.where.kind === 'tcp' ? held.where.port : 0;
    const waiting = TextClient.connect(port);
    const data = ['--data', dir(), '--http-port', 'off', '--port', '1'];
    const child = run(data, { sockets: [['chat', held]] });
    expect(await line(child.stdout)).toMatch(new RegExp(` listening on 127\\.0\\.0\\.1:${port}\n`));
    const alice = await waiting;
    alice.send('register alice', 'join ops', 'hello');
    await alice.sync();
    child.kill('SIGTERM');
    await alice.ended();
    expect(await child.exited).toBe(0);
    expect(await child.stderr.text()).toContain('the sockets that systemd passed');

    const between = TextClient.connect(port);
    const again = run(data, { sockets: [['chat', held]] });
    const bob = await between;
    bob.send('register bob', 'join ops');
    await bob.until('alice (in ops): hello');
    again.kill('SIGTERM');
    expect(await again.exited).toBe(0);
    held.close();
  });

  test('may be unix sockets; one for nobody knows what stops the start', async () => {
    const path = join(dir(), 'chat');
    const held = Held.unix(path);
    const child = run(QUIET, { sockets: [['chat', held]] });
    expect(await line(child.stdout)).toEndWith(` listening on unix:${path}\n`);
    const alice = await TextClient.connect({ unix: path });
    alice.send('register alice');
    await alice.sync();
    child.kill('SIGKILL');
    await child.exited;
    const strange = run(QUIET, { sockets: [['parley.socket', held]] });
    expect(await strange.exited).toBe(1);
    expect(await strange.stderr.text()).toContain('FileDescriptorName=chat');
    held.close();
  });
});

test('the password of an operator, from a credential, is on no command line and signs in', async () => {
  const credentials = dir();
  writeFileSync(join(credentials, 'oper'), 'root:correct horse\n');
  const child = run(QUIET, { env: { CREDENTIALS_DIRECTORY: credentials } });
  const port = Number(/:(\d+)\n/.exec(await line(child.stdout))?.[1]);
  const root = await TextClient.connect(port);
  expect(await root.asks('login root correct horse')).toContain('* You are root, signed in to your account.');
});

describe('the units', () => {
  /** The units as they are installed, with these drop-ins, and the binary where it was built. */
  function installed(...dropIns: string[]): string {
    const where = dir();
    for (const name of readdirSync(UNITS))
      if (!name.endsWith('.d')) cpSync(join(UNITS, name), join(where, name));
    mkdirSync(join(where, 'parley.service.d'));
    for (const name of dropIns)
      cpSync(join(UNITS, 'parley.service.d', name), join(where, 'parley.service.d', name));
    const service = join(where, 'parley.service');
    writeFileSync(service, readFileSync(service, 'utf8').replaceAll('/usr/local/bin/parley', BINARY));
    return where;
  }

  async function analyze(...args: string[]): Promise<{ code: number; out: string; err: string }> {
    const child = Bun.spawn(['systemd-analyze', '--no-pager', ...args], {
      stdout: 'pipe',
      stderr: 'pipe',
      env: { ...process.env, SYSTEMD_COLORS: '0' },
    });
    const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { code, out, err };
  }

  async function exposure(where: string): Promise<number> {
    const { out, err } = await analyze('security', '--offline=true', join(where, 'parley.service'));
    const score = Number(/Overall exposure level for parley\.service: ([\d.]+)/.exec(out)?.[1]);
    if (Number.isNaN(score)) throw new Error(`no score: ${out}${err}`);
    return score;
  }

  test('are as systemd wants them', async () => {
    const { out } = await analyze('--version');
    const reloads = Number(/^systemd (\d+)/.exec(out)?.[1]) >= 253 ? [['notify-reload.conf']] : [];
    for (const dropIns of [[], ['low-ports.conf'], ['private-network.conf'], ...reloads]) {
      const where = installed(...dropIns);
      const units = ['parley.service', 'parley.socket', 'parley-tls.socket'].map(unit => join(where, unit));
      expect(await analyze('verify', ...units)).toEqual({ code: 0, out: '', err: '' });
    }
  });

  test('expose next to nothing', async () => {
    expect(await exposure(installed())).toBeLessThanOrEqual(1.2);
    expect(await exposure(installed('private-network.conf'))).toBeLessThanOrEqual(0.6);
    // What the score is worth: without its sandbox the service is at the mercy of whoever breaks in.
    const bare = installed();
    writeFileSync(
      join(bare, 'parley.service.d', 'bare.conf'),
      '[Service]\nProtectSystem=no\nDynamicUser=no\n',
    );
    expect(await exposure(bare)).toBeGreaterThan(1.2);
  });
});

async function line(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  let said = '';
  while (!said.includes('\n')) {
    const { value, done } = await reader.read();
    if (done) break;
    said += new TextDecoder().decode(value);
  }
  reader.releaseLock();
  return said;
}

/** Seconds of CLOCK_MONOTONIC, near enough: those since the machine was started. */
function uptime(): number {
  return Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
}
