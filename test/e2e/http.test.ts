/** HTTP of the compiled binary, over real sockets: where it is spoken, by whom, and how it ends. */
import { afterAll, expect, test } from 'bun:test';
import { existsSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Daemon, remove, scratch } from '../helper/daemon.ts';
import { basic } from '../helper/http.ts';
import { World } from '../net/world.ts';

const world = new World();
const dirs: string[] = [];
function dir(): string {
  const made = scratch();
  dirs.push(made);
  return made;
}
afterAll(() => {
  dirs.forEach(remove);
  world.dispose();
});

/** The name in the certificate that is shown there. */
function shown(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('an operator signs in on the page, over TCP and TLS; the unix socket needs no password', async () => {
  const data = dir();
  const { cert, key } = world.certificate('one');
  const tls = ['--https-port', 'auto', '--tls-cert', cert, '--tls-key', key];
  const oper = ['--oper', 'root:a good password'];
  const daemon = await Daemon.start('--data', data, '--http-port', 'auto', ...tls, ...oper);
  expect(daemon.addresses).toEqual([
    expect.stringMatching(/^127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^http on 127\.0\.0\.1:\d+$/),
    expect.stringMatching(/^https on 127\.0\.0\.1:\d+$/),
  ]);

  const body = JSON.stringify({ name: 'root', password: 'a good password' });
  const headers = { 'Content-Type': 'application/json' };
  for (const url of [daemon.http, daemon.https]) {
    const answer = await fetch(`${url}/api/session`, {
      method: 'POST',
      body,
      headers: { ...headers, Origin: url },
      tls: { rejectUnauthorized: false },
    });
    expect(await answer.json()).toEqual({ name: 'root', operator: true });
    expect(answer.headers.get('set-cookie')?.includes('Secure')).toBe(url === daemon.https);
  }
  const wrong = await fetch(`${daemon.http}/api/session`, {
    headers: basic('root', 'wrong'),
    method: 'DELETE',
  });
  expect([wrong.status, await wrong.json()]).toEqual([
    401,
    expect.objectContaining({ code: 'wrong-password' }),
  ]);

  const socket = join(data, 'parley.sock');
  expect(statSync(socket).mode & 0o777).toBe(0o600);
  const local = await fetch('http://parley/nothing', { unix: socket });
  expect(await local.json()).toMatchObject({ code: 'not-found' });

  // A new certificate takes effect on a reload, for HTTPS too.
  expect(await shown(daemon.https)).toBe('one');
  const two = world.certificate('two');
  renameSync(two.cert, cert);
  renameSync(two.key, key);
  daemon.signal('SIGHUP');
  await daemon.logs(/settings reloaded/);
  expect(await shown(daemon.https)).toBe('two');

  expect(await daemon.stop()).toBe(0);
  expect(existsSync(socket)).toBe(false);
});

test('a browser at the port of the chat is sent to the page', async () => {
  const daemon = await Daemon.start('--memory', '--http-port', 'auto');
  const answer = await fetch(`http://127.0.0.1:${daemon.port}/anything`);
  expect([answer.url, answer.status, answer.headers.get('content-type')]).toEqual([
    `${daemon.http}/`,
    200,
    'text/html; charset=utf-8',
  ]);
  expect(await daemon.stop()).toBe(0);
});

test('stopping ends streams that are watched, at once', async () => {
  const daemon = await Daemon.start('--memory', '--http-port', 'auto');
  const reader = (await fetch(`${daemon.http}/events`)).body?.getReader();
  expect((await reader?.read())?.done).toBe(false);
  const stopped = daemon.stop();
  let text = '';
  for (;;) {
    const next = await reader?.read();
    if (!next || next.done) break;
    text += Buffer.from(next.value).toString();
  }
  expect(text).toContain('event: bye\n');
  expect(await stopped).toBe(0);
});

test('a socket that a crash left behind is taken over; a port in use is told of', async () => {
  const data = dir();
  const first = await Daemon.start('--data', data, '--http-port', 'auto');
  const socket = join(data, 'parley.sock');
  const port = new URL(first.http).port;
  const refused = await Daemon.start('--memory', '--http-port', port).catch(error => String(error));
  expect(refused).toContain(
    `127.0.0.1:${port} is in use by another program. Stop it, or choose another: --http-port`,
  );
  await first.kill();
  expect(existsSync(socket)).toBe(true);
  const second = await Daemon.start('--data', data, '--http-port', port);
  expect((await fetch('http://parley/nothing', { unix: socket })).status).toBe(404);
  expect((await fetch(`${second.http}/nothing`)).status).toBe(404);
  expect(await second.stop()).toBe(0);
});

test('where HTTP is off there is nothing', async () => {
  const data = dir();
  const daemon = await Daemon.start('--data', data, '--http-socket', 'off');
  expect(daemon.addresses).toHaveLength(1);
  expect(existsSync(join(data, 'parley.sock'))).toBe(false);
  expect(await daemon.stop()).toBe(0);
});
