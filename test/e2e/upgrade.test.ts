/** Replacing the program while people talk: what they notice is nothing, or that it took a moment. */
import { afterAll, expect, test } from 'bun:test';
import { chmodSync, copyFileSync, existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TextClient } from '../helper/client.ts';
import { BINARY, Daemon, remove, scratch } from '../helper/daemon.ts';

const dirs: string[] = [];
function dir(): string {
  const made = scratch();
  dirs.push(made);
  return made;
}
afterAll(() => dirs.forEach(remove));

/** A parley that runs from a file of its own. */
async function installed(...args: string[]): Promise<{ daemon: Daemon; path: string }> {
  const home = dir();
  const path = join(home, 'parley');
  copyFileSync(BINARY, path);
  const daemon = await Daemon.run(path, '--data', join(home, 'data'), '--limits', 'off', ...args);
  return { daemon, path };
}

/** Puts another file in the place of the program, as a package manager does. */
function replace(path: string, by: string | null = null): void {
  const beside = `${path}.new`;
  if (by === null) copyFileSync(BINARY, beside);
  else writeFileSync(beside, by);
  chmodSync(beside, 0o755);
  renameSync(beside, path);
}

async function upgrade(daemon: Daemon, path: string): Promise<void> {
  replace(path);
  daemon.signal('SIGHUP');
  await daemon.logs(/ upgraded /);
}

/** Says numbered lines, each when it has come back, until told to stop. */
class Talker {
  said = 0;
  /** ms that the slowest line took to come back. */
  longest = 0;
  private done = false;

  constructor(
    readonly name: string,
    readonly client: TextClient,
  ) {}

  async talk(): Promise<void> {
    while (!this.done) {
      const began = performance.now();
      const line = `${this.name} says ${++this.said}`;
      this.client.send(line);
      await this.client.until(line);
      this.longest = Math.max(this.longest, performance.now() - began);
    }
  }

  stop(): void {
    this.done = true;
  }
}

test('two hundred people talk through five upgrades: nobody is lost, no line is, and none comes twice', async () => {
  const { daemon, path } = await installed();
  const { pid } = daemon;
  const rooms = Array.from({ length: 10 }, (_, at) => `room${at}`);
  const talkers: Talker[] = [];
  for (let at = 0; at < 200; at++) {
    const name = `t${at}`;
    const client = await TextClient.signedIn(daemon.port, name, rooms[at % rooms.length] ?? '');
    client.send('/set echo on', '/set time off');
    await client.sync();
    talkers.push(new Talker(name, client));
  }
  // Whoever came is seen coming; from here on there is nothing but what is said.
  for (const { client } of talkers) await client.sync();
  const starts = talkers.map(({ client }) => client.received.length);
  const talking = talkers.map(talker => talker.talk());
  for (let round = 0; round < 5; round++) await upgrade(daemon, path);
  for (const talker of talkers) talker.stop();
  await Promise.all(talking);
  for (const { client } of talkers) await client.sync();

  for (const [at, { client }] of talkers.entries()) {
    const heard = client.received.slice(starts[at]).filter(line => !line.includes('unknown-command'));
    const mates = talkers.filter((_, other) => other % rooms.length === at % rooms.length);
    for (const mate of mates) {
      const from = `${mate.name} (in room${at % rooms.length}): `;
      const lines = heard.filter(line => line.startsWith(from)).map(line => line.slice(from.length));
      expect(lines).toEqual(Array.from({ length: mate.said }, (_, line) => `${mate.name} says ${line + 1}`));
    }
    expect(heard.length).toBe(mates.reduce((sum, { said }) => sum + said, 0));
  }
  expect(daemon.pid).toBe(pid);
  const longest = Math.max(...talkers.map(talker => talker.longest));
  expect(longest).toBeLessThan(10_000);
  expect(await daemon.stop()).toBe(0);
}, 120_000);

test('what was in the middle goes on: half a line, a question, a slow reader, who is an account', async () => {
  const { daemon, path } = await installed('--outbox-soft', '100M', '--outbox-hard', '200M');
  const alice = await TextClient.signedIn(daemon.port, 'alice', 'ops');
  const bob = await TextClient.connect(daemon.port);
  bob.send('register bob correct-horse', '/join ops');
  await bob.sync();
  const sleeper = await TextClient.signedIn(daemon.port, 'sleeper', 'ops');
  sleeper.pause();
  const long = 'x'.repeat(4000);
  for (let line = 0; line < 3000; line++) alice.send(`${line} ${long}`);
  await alice.sync();
  await bob.until('2999 x');
  bob.send('/message');
  bob.send('alice');
  alice.write(Buffer.from('one half '));
  await upgrade(daemon, path);

  alice.write(Buffer.from('and the other\n'));
  await bob.until('alice (in ops): one half and the other');
  bob.send('for your eyes only', 'for all');
  expect((await alice.until('bob (in ops): for all')).join('\n')).toContain(
    'bob (private): for your eyes only',
  );
  sleeper.resume();
  const heard = (await sleeper.until('bob (in ops): for all')).filter(line =>
    line.includes('alice (in ops): '),
  );
  expect(heard.map(line => line.replace(/^.*\(in ops\): /, ''))).toEqual([
    ...Array.from({ length: 3000 }, (_, line) => `${line} ${long}`),
    'one half and the other',
  ]);
  // An account goes on as one, and a name is still taken.
  const other = await TextClient.connect(daemon.port);
  other.send('register alice', 'register bob');
  await other.until('! name-taken');
  await other.until('! name-owned');
  expect(await daemon.stop()).toBe(0);
}, 60_000);

test('a program that is none, ends at once or hands over otherwise changes nothing', async () => {
  const { daemon, path } = await installed();
  const alice = await TextClient.signedIn(daemon.port, 'alice', 'ops');
  const others = [
    'garbage',
    '#!/bin/sh\nexit 1\n',
    '#!/bin/sh\nexit 0\n',
    '#!/bin/sh\necho "takes over from hand-over 2: parley 9.0"\n',
    '#!/bin/sh\necho "parley: a library is missing" >&2\nexit 1\n',
  ];
  for (const other of others) {
    replace(path, other);
    daemon.signal('SIGHUP');
    await daemon.logs(/not upgraded, the program that runs goes on/);
    // The settings are read again all the same.
    await daemon.logs(/settings reloaded/);
    expect(await alice.asks('/who alice')).toEqual([expect.stringContaining('ops')]);
  }
  await upgrade(daemon, path);
  expect(await alice.asks('/who alice')).toEqual([expect.stringContaining('ops')]);
  expect(await daemon.stop()).toBe(0);
}, 60_000);

test('where the new program is gone the moment it is to start, the old one goes on, and can be upgraded yet', async () => {
  const { daemon, path } = await installed();
  const alice = await TextClient.signedIn(daemon.port, 'alice', 'ops');
  const { pid } = daemon;
  replace(path, '#!/bin/sh\nrm -f "$0"\necho "takes over from hand-over 1: parley 9.0"\n');
  daemon.signal('SIGHUP');
  await daemon.logs(/ upgraded /);
  expect(await alice.asks('/who alice')).toEqual([expect.stringContaining('ops')]);
  await upgrade(daemon, path);
  expect(await alice.asks('/who alice')).toEqual([expect.stringContaining('ops')]);
  expect(daemon.pid).toBe(pid);
  expect(await daemon.stop()).toBe(0);
}, 30_000);

test('without a store it refuses; SIGUSR2 and parley upgrade start the same program anew', async () => {
  const forgotten = join(dir(), 'parley');
  copyFileSync(BINARY, forgotten);
  const forgetful = await Daemon.run(forgotten, '--memory');
  forgetful.signal('SIGUSR2');
  await forgetful.logs(/not upgraded.*--memory/);
  expect(await forgetful.stop()).toBe(0);

  const { daemon, path } = await installed();
  const alice = await TextClient.signedIn(daemon.port, 'alice', 'ops');
  daemon.signal('SIGUSR2');
  await daemon.logs(/ upgraded /);
  // Over the socket beside the store, it is said what comes of it.
  const asked = Bun.spawn([path, 'upgrade', '--data', join(path, '../data')], { stderr: 'pipe', env: {} });
  expect([await asked.stderr.text(), await asked.exited]).toEqual([
    expect.stringMatching(/^parley: parley \S+ takes over; /),
    0,
  ]);
  await daemon.logs(/ upgraded /);
  replace(path, 'garbage');
  const refused = Bun.spawn([BINARY, 'upgrade', '--data', join(path, '../data')], {
    stderr: 'pipe',
    env: {},
  });
  expect([await refused.stderr.text(), await refused.exited]).toEqual([
    expect.stringContaining('it is no program for this machine'),
    1,
  ]);
  expect(await alice.asks('/who alice')).toEqual([expect.stringContaining('ops')]);
  expect(await daemon.stop()).toBe(0);
}, 30_000);

test('HTTP is back on its port, unix sockets are kept, TLS is told to come back', async () => {
  const home = dir();
  const [cert, key] = [join(home, 'cert.pem'), join(home, 'key.pem')];
  const made = Bun.spawnSync([
    ...['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '2', '-subj', '/CN=here', '-keyout', key, '-out', cert],
  ]);
  expect(made.exitCode).toBe(0);
  const socket = join(home, 'chat.sock');
  const { daemon, path } = await installed(
    ...['--http-port', 'auto', '--tls-port', 'auto', '--tls-cert', cert, '--tls-key', key],
    ...['--listen', '127.0.0.1:0', '--listen', `unix:${socket}`],
  );
  const alice = await TextClient.signedIn(daemon.port, 'alice', 'ops');
  const bob = await TextClient.connect({ unix: socket });
  bob.send('register bob', '/join ops');
  await bob.sync();
  const tlsPort = Number(/tls:127\.0\.0\.1:(\d+)/.exec(daemon.addresses.join(' '))?.[1]);
  const where = { hostname: '127.0.0.1', port: tlsPort, tls: { rejectUnauthorized: false } };
  const carol = await TextClient.connect(where);
  carol.send('register carol', '/join ops');
  await carol.sync();
  await upgrade(daemon, path);

  await carol.until('parley is being upgraded');
  await carol.ended();
  await alice.until('carol left ops');
  bob.send('still here');
  await alice.until('bob (in ops): still here');
  const again = await TextClient.connect(where);
  again.send('register carol');
  await again.until('carol');
  const late = await TextClient.connect({ unix: socket });
  await late.sync();
  expect((await fetch(`${daemon.http}/livez`)).status).toBe(200);
  // What it announced still holds.
  await upgrade(daemon, path);
  expect((await fetch(`${daemon.http}/livez`)).status).toBe(200);
  await alice.sync();
  expect(await daemon.stop()).toBe(0);
  // Its file is still its own.
  expect(existsSync(socket)).toBe(false);
}, 60_000);
