/** Starting, reloading and stopping the compiled binary, as a script, systemd or a hasty admin does it. */
import { afterAll, expect, test } from 'bun:test';
import { chmodSync, copyFileSync, existsSync, statSync, writeFileSync } from 'node:fs';
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

/** Runs the binary to its end; what it said and how it ended. */
async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const child = Bun.spawn([BINARY, ...args], { stdin: 'ignore', stdout: 'pipe', stderr: 'pipe', env: {} });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, out, err };
}

/** Makes a certificate with this name, and its key. */
async function openssl(where: string, name: string): Promise<void> {
  const made = Bun.spawn(
    [
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
    ].concat(['-subj', `/CN=${name}`, '-keyout', join(where, 'key.pem'), '-out', join(where, 'cert.pem')]),
    { stdout: 'ignore', stderr: 'ignore' },
  );
  expect(await made.exited).toBe(0);
}

/** The name in the certificate that a TLS port shows. */
async function certificateName(port: number): Promise<string> {
  const { connect } = await import('node:tls');
  return await new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** Signals a reload and resolves once it was answered, as the log tells. */
async function reload(daemon: Daemon, answered: RegExp): Promise<void> {
  daemon.signal('SIGHUP');
  await daemon.logs(answered);
}

test('the binary alone in an empty directory runs there as another user without HOME', async () => {
  const home = dir();
  const binary = join(home, 'parley');
  copyFileSync(BINARY, binary);
  chmodSync(home, 0o777);
  // Only root can become somebody else; anyone else is an ordinary user already.
  const asNobody =
    process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
  const child = Bun.spawn(
    [...asNobody, 'env', '-i', binary, '--host', '127.0.0.1', '--port', '0', '--http-port', 'off'],
    {
      cwd: home,
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'inherit',
    },
  );
  const reader = child.stdout.getReader();
  const said = new TextDecoder().decode((await reader.read()).value);
  const client = await TextClient.signedIn(Number(/:(\d+)\n/.exec(said)?.[1]), 'alice', 'ops');
  client.send('hello');
  expect((await client.asks('/history'))[0]).toContain('alice (in ops): hello');
  child.kill('SIGTERM');
  expect(await child.exited).toBe(0);
  // Its data is beside it, for its eyes only.
  expect(statSync(join(home, 'parley-data', 'parley.db')).mode & 0o777).toBe(0o600);
});

test('SIGTERM tells everyone, sends what is to be sent, and ends with 0', async () => {
  const data = dir();
  const daemon = await Daemon.start('--data', data);
  const alice = await TextClient.signedIn(daemon.port, 'alice', 'ops');
  const bob = await TextClient.signedIn(daemon.port, 'bob', 'ops');
  alice.send('last words');
  await bob.until('last words');
  const code = daemon.stop();
  await bob.until('parley is stopping');
  await bob.ended();
  expect(await code).toBe(0);

  const again = await Daemon.start('--data', data);
  const carol = await TextClient.signedIn(again.port, 'carol');
  carol.send('join ops');
  await carol.until('alice (in ops): last words');
  expect(await again.stop()).toBe(0);
});

test('a client that reads nothing does not keep it from stopping in time', async () => {
  const daemon = await Daemon.start('--memory', '--limits', 'off', '--drain-timeout', '500ms');
  const sleeper = await TextClient.signedIn(daemon.port, 'sleeper', 'ops');
  const alice = await TextClient.signedIn(daemon.port, 'alice', 'ops');
  sleeper.pause();
  const line = 'x'.repeat(4000);
  for (let i = 0; i < 2000; i++) alice.send(line);
  await alice.sync();
  expect(await daemon.stop()).toBe(0);
});

test('a second daemon on the same data or the same port is told what to do', async () => {
  const data = dir();
  const daemon = await Daemon.start('--data', data);
  const sameData = await run('--host', '127.0.0.1', '--port', '0', '--data', data);
  expect(sameData).toMatchObject({ code: 1, out: '' });
  expect(sameData.err).toContain('data-in-use');
  expect(sameData.err).toContain('--data DIR');
  const samePort = await run('--host', '127.0.0.1', '--port', String(daemon.port), '--memory');
  expect(samePort).toMatchObject({ code: 1, out: '' });
  expect(samePort.err).toContain('port-in-use');
  for (const { err } of [sameData, samePort]) expect(err.trimEnd().split('\n')).toHaveLength(1);
  await daemon.kill();
  // The lock goes with the process, however it ended.
  const after = await Daemon.start('--data', data);
  expect(await after.stop()).toBe(0);
});

test('SIGHUP puts a changed file in force for those who are there, or keeps the old settings', async () => {
  const file = join(dir(), 'parley.toml');
  writeFileSync(file, 'name-length = 8\nwelcome = "before"\n');
  const daemon = await Daemon.start('--memory', '--config', file);
  const alice = await TextClient.connect(daemon.port);
  await alice.until('before');

  writeFileSync(file, 'name-length = 4\nwelcome = "after"\n');
  await reload(daemon, /settings reloaded/);
  expect(await alice.asks('register alice')).toEqual([expect.stringContaining('! bad-name')]);

  writeFileSync(file, 'name-length = 20\nwelcome = "never"\nline-rate = "many"\n');
  await reload(daemon, /not reloaded.*line-rate/);
  expect(await alice.asks('register alice')).toEqual([expect.stringContaining('! bad-name')]);
  const bob = await TextClient.connect(daemon.port);
  await bob.until('after');
  expect(await daemon.stop()).toBe(0);
});

test('SIGHUP brings a new certificate without closing anyone; a bad one changes nothing', async () => {
  const files = dir();
  await openssl(files, 'before');
  const [cert, key] = [join(files, 'cert.pem'), join(files, 'key.pem')];
  const daemon = await Daemon.start(
    '--memory',
    '--listen',
    'tls:127.0.0.1:0',
    '--tls-cert',
    cert,
    '--tls-key',
    key,
  );
  const alice = await TextClient.connect({
    hostname: '127.0.0.1',
    port: daemon.port,
    tls: { rejectUnauthorized: false },
  });
  alice.send('register alice', 'join ops');
  await alice.until('You are in ops');
  expect(await certificateName(daemon.port)).toBe('before');

  await openssl(files, 'after');
  await reload(daemon, /settings reloaded/);
  expect(await certificateName(daemon.port)).toBe('after');
  expect(await alice.asks('/users')).toEqual(['* ops: 1 here: @alice']);

  writeFileSync(cert, 'this is no certificate');
  await reload(daemon, /not reloaded.*certificate/);
  expect(await certificateName(daemon.port)).toBe('after');
  expect(await alice.asks('/users')).toEqual(['* ops: 1 here: @alice']);
  expect(await daemon.stop()).toBe(0);
});

test('unix sockets and several listeners serve one chat', async () => {
  const path = join(dir(), 'chat.sock');
  const daemon = await Daemon.start('--memory', '--listen', '127.0.0.1:0', '--listen', `unix:${path}`);
  expect(daemon.addresses[1]).toBe(`unix:${path}`);
  const alice = await TextClient.signedIn(daemon.port, 'alice', 'ops');
  const bob = await TextClient.connect({ unix: path });
  bob.send('register bob', 'join ops', 'through the file system');
  await alice.until('bob (in ops): through the file system');
  expect(await daemon.stop()).toBe(0);
  expect(existsSync(path)).toBe(false);
});

test('behind a trusted proxy, an address ban meets the address in the PROXY header', async () => {
  const daemon = await Daemon.start('--memory', '--proxy-from', '127.0.0.1');
  const through = async (address: string, name: string): Promise<TextClient> => {
    const client = await TextClient.connect(daemon.port);
    client.send(`PROXY TCP4 ${address} 192.0.2.1 4711 8080\r`, `register ${name}`);
    await client.sync();
    return client;
  };
  const alice = await through('198.51.100.1', 'alice');
  const bob = await through('203.0.113.7', 'bob');
  const carol = await through('203.0.113.8', 'carol');
  alice.send('join ops', '/ban 203.0.113.7');
  await alice.until('Banned from ops: 203.0.113.7');
  expect(await bob.asks('join ops')).toEqual([expect.stringContaining('! banned')]);
  expect((await carol.asks('join ops'))[0]).toContain('You are in ops');
  expect(await daemon.stop()).toBe(0);
});
