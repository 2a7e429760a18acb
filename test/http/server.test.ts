import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { Refusal } from '../../src/chat/errors.ts';
import type { Log } from '../../src/chat/ports.ts';
import type { Peer } from '../../src/http/peer.ts';
import { route } from '../../src/http/route.ts';
import { Router } from '../../src/http/router.ts';
import { announced, type HttpListener, serve } from '../../src/http/server.ts';
import { parseListen } from '../../src/net/address.ts';
import type { TlsFiles } from '../../src/net/certificate.ts';
import { HTTP_RULES } from '../helper/http.ts';
import { World } from '../net/world.ts';

const QUIET: Log = { debug() {}, info() {}, warn() {}, error() {} };

let world: World;
let listeners: HttpListener[];
let peers: Peer[];
/** The streams that are open: each says a line when told to. */
let streams: ReadableStreamDefaultController<Uint8Array>[];
beforeEach(() => {
  world = new World();
  listeners = [];
  peers = [];
  streams = [];
});
afterEach(async () => {
  await Promise.all(listeners.map(listener => listener.stop()));
  world.dispose();
});

const router = new Router(
  [
    route({
      method: 'GET',
      path: '/stream',
      need: 'anybody',
      summary: '',
      answers: {},
      run: ask => {
        ask.keepOpen();
        return new Response(
          new ReadableStream<Uint8Array>({
            start: controller => {
              streams.push(controller);
              controller.enqueue(Buffer.from('begin\n'));
            },
          }),
        );
      },
    }),
    route({
      method: 'GET',
      path: '/whoami/:name',
      need: 'anybody',
      summary: '',
      answers: {},
      run: ({ address, secure, params }) => Response.json({ address, secure, name: params['name'] }),
    }),
  ],
  {
    log: QUIET,
    count() {},
    callerOf: async () => ({ caller: { kind: 'nobody' }, cookie: false }),
  },
  HTTP_RULES,
);

async function tryServe(text: string, files: TlsFiles | null = null): Promise<HttpListener | Refusal> {
  const where = parseListen(text);
  if (where instanceof Refusal) throw new Error(String(where));
  const listener = await serve(where, files, {
    clock: world.clock,
    log: QUIET,
    handle: (request, peer) => {
      peers.push(peer);
      return router.handle(request, peer);
    },
  });
  if (!(listener instanceof Refusal)) listeners.push(listener);
  return listener;
}

async function serving(text: string, files: TlsFiles | null = null): Promise<HttpListener> {
  const listener = await tryServe(text, files);
  if (listener instanceof Refusal) throw new Error(String(listener));
  return listener;
}

function portOf({ where }: HttpListener): number {
  return where.kind === 'tcp' ? where.port : 0;
}

const TRUSTING = { tls: { rejectUnauthorized: false } };

/** The name in the certificate that is shown there now. */
function shown(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

test('a request says where it comes from', async () => {
  const listener = await serving('127.0.0.1:0');
  const answer = await fetch(`http://127.0.0.1:${portOf(listener)}/whoami/alice`);
  expect(await answer.json()).toEqual({ address: '127.0.0.1', secure: false, name: 'alice' });
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  expect(announced(listener)).toBe(`http on 127.0.0.1:${portOf(listener)}`);
});

test('an IPv4 client of every address is known by its IPv4 address', async () => {
  const listener = await serving('*:0');
  const answer = await fetch(`http://127.0.0.1:${portOf(listener)}/whoami/alice`);
  expect(await answer.json()).toMatchObject({ address: '127.0.0.1' });
});

test('a path, a Host and a method that are odd are answered in order', async () => {
  const listener = await serving('127.0.0.1:0');
  const status = async (head: string) => {
    const client = await world.client(listener);
    client.send(`${head}\r\nConnection: close\r\n\r\n`);
    await world.until(() => client.ended);
    return Number(/^HTTP\/1\.1 (\d+)/.exec(client.text)?.[1]);
  };
  expect(await status('GET /whoami/a HTTP/1.1\r\nHost: x')).toBe(200);
  expect(await status('GET /whoami/a HTTP/1.1\r\nHost: a b<>/..')).toBe(200);
  expect(await status('GET http://evil.test/whoami/a HTTP/1.1\r\nHost: x')).toBe(200);
  expect(await status('GET /whoami/a HTTP/1.0')).toBe(200);
  expect(await status('GET /whoami/../../etc/passwd HTTP/1.1\r\nHost: x')).toBe(404);
  expect(await status('GET /whoami/..%2fb HTTP/1.1\r\nHost: x')).toBe(400);
  expect(await status('GET //whoami/a HTTP/1.1\r\nHost: x')).toBe(400);
  expect(await status('GET /\\whoami HTTP/1.1\r\nHost: x')).toBe(400);
  expect(await status('GET /whoami/%00 HTTP/1.1\r\nHost: x')).toBe(400);
  expect(await status('TRACE /whoami/a HTTP/1.1\r\nHost: x')).toBe(405);
  expect(await status('CONNECT evil.test:80 HTTP/1.1\r\nHost: x')).toBe(400);
  expect(await status(`GET /whoami/a HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}`)).toBe(431);
});

test('a place that is taken, or is not there, is refused in words', async () => {
  const port = portOf(await serving('127.0.0.1:0'));
  const why = async (text: string, files: TlsFiles | null = null) => String(await tryServe(text, files));
  expect(await why(`127.0.0.1:${port}`)).toBe(
    `port-in-use: 127.0.0.1:${port} is in use by another program. Stop it, or choose another: --http-port`,
  );
  expect(await why('192.0.2.1:0')).toStartWith('cannot-listen: cannot listen on 192.0.2.1:0: ');
  expect(await why('tls:127.0.0.1:0')).toStartWith('bad-certificate: ');
  const files = world.certificate('one');
  const tlsPort = portOf(await serving('tls:127.0.0.1:0', files));
  expect(await why(`tls:127.0.0.1:${tlsPort}`, files)).toContain('choose another: --https-port');
});

describe('the unix socket', () => {
  const request = (path: string) => fetch('http://parley/whoami/alice', { unix: path });

  test('is for this user, and its requests have no address', async () => {
    const path = join(world.dir, 'parley.sock');
    const mask = process.umask();
    const listener = await serving(`unix:${path}`);
    expect(process.umask()).toBe(mask);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(await (await request(path)).json()).toEqual({ address: '', secure: false, name: 'alice' });
    listener.close();
    await listener.stop();
    expect(statSync(path, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('takes the place of a stale one, and of nothing else', async () => {
    const path = join(world.dir, 'parley.sock');
    // What a killed process leaves behind.
    const dead = Bun.spawn([
      process.execPath,
      '-e',
      `Bun.listen({unix:${JSON.stringify(path)},socket:{data(){}}});process.kill(process.pid,'SIGKILL')`,
    ]);
    await dead.exited;
    expect(statSync(path).isSocket()).toBe(true);
    await serving(`unix:${path}`);
    expect((await request(path)).status).toBe(200);
    expect(String(await tryServe(`unix:${path}`))).toBe(
      `port-in-use: unix:${path} is in use by another program. Stop it, or choose another: --http-socket`,
    );
    expect((await request(path)).status).toBe(200);
    const file = join(world.dir, 'file');
    writeFileSync(file, 'precious');
    expect(String(await tryServe(`unix:${file}`))).toContain('It was left alone');
    mkdirSync(join(world.dir, 'sub'));
    expect(String(await tryServe(`unix:${join(world.dir, 'none', 'a.sock')}`))).toContain('does not exist');
  });
});

describe('a certificate', () => {
  test('is changed for new connections, while a stream that is open goes on', async () => {
    const one = world.certificate('one');
    const listener = await serving('tls:127.0.0.1:0', one);
    const port = portOf(listener);
    expect(await shown(port)).toBe('one');
    const stream = await fetch(`https://127.0.0.1:${port}/stream`, TRUSTING);
    const reader = stream.body?.getReader();
    const next = async () => Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(await next()).toBe('begin\n');

    expect(await listener.rotate(world.certificate('two'))).toBeNull();
    for (let i = 0; i < 5; i++) expect(await shown(port)).toBe('two');
    streams[0]?.enqueue(Buffer.from('still there\n'));
    expect(await next()).toBe('still there\n');

    // Nobody else gets the port meanwhile, not even with the same trick.
    expect(String(await tryServe(`tls:127.0.0.1:${port}`, one))).toStartWith('port-in-use: ');
    // The stream of the first is ended with everything else.
    await listener.stop();
    expect((await reader?.read().catch(() => ({ done: true })))?.done).toBe(true);
    expect(shown(port)).rejects.toThrow();
  });

  test('that is bad changes nothing', async () => {
    const listener = await serving('tls:127.0.0.1:0', world.certificate('one'));
    const two = world.certificate('two');
    writeFileSync(two.key, 'nonsense');
    expect(String(await listener.rotate(two))).toStartWith('bad-certificate: ');
    expect(await shown(portOf(listener))).toBe('one');
  });
});

test('closing takes nobody new and lets answers go on; stopping ends them', async () => {
  const listener = await serving('127.0.0.1:0');
  const url = `http://127.0.0.1:${portOf(listener)}/stream`;
  const reader = (await fetch(url)).body?.getReader();
  const next = async () => Buffer.from((await reader?.read())?.value ?? []).toString();
  expect(await next()).toBe('begin\n');
  listener.close();
  expect(fetch(url, { keepalive: false })).rejects.toThrow();
  streams[0]?.enqueue(Buffer.from('last words\n'));
  expect(await next()).toBe('last words\n');
  await listener.stop();
  expect((await reader?.read().catch(() => ({ done: true })))?.done).toBe(true);
});
