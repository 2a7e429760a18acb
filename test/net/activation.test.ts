import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from '../../src/chat/errors.ts';
import { inherit, takePassed } from '../../src/net/activation.ts';
import { formatListen } from '../../src/net/address.ts';
import { boundTo } from '../../src/net/bound.ts';
import { Held } from '../helper/held.ts';
import { World } from './world.ts';

describe('what systemd passes', () => {
  test('is for the process it names, once', () => {
    const env = { LISTEN_PID: '17', LISTEN_FDS: '2', LISTEN_FDNAMES: 'chat:chat-tls', OTHER: 'x' };
    expect(takePassed(env, 17)).toEqual([
      { fd: 3, name: 'chat' },
      { fd: 4, name: 'chat-tls' },
    ]);
    expect(env).toEqual({ OTHER: 'x' } as typeof env);
    expect(takePassed(env, 17)).toEqual([]);
  });

  test('for another process is nothing, and is said to no child', () => {
    const env = { LISTEN_PID: '18', LISTEN_FDS: '1', LISTEN_FDNAMES: 'chat' };
    expect(takePassed(env, 17)).toEqual([]);
    expect(Object.keys(env)).toEqual([]);
  });

  test('may have no names', () => {
    expect(takePassed({ LISTEN_PID: '17', LISTEN_FDS: '1' }, 17)).toEqual([{ fd: 3, name: '' }]);
    for (const LISTEN_FDS of ['', '0', '-1', 'many'])
      expect(takePassed({ LISTEN_PID: '17', LISTEN_FDS }, 17)).toEqual([]);
  });
});

describe('an address of the kernel', () => {
  test('is read as it is written elsewhere', () => {
    const inet = Uint8Array.of(2, 0, 0x1f, 0x90, 127, 0, 0, 1, ...Array<number>(8).fill(0));
    expect(boundTo(inet, false)).toEqual({ kind: 'tcp', host: '127.0.0.1', port: 8080 });
    const any = Uint8Array.of(10, 0, 0x00, 0x50, ...Array<number>(24).fill(0));
    expect(boundTo(any, true)).toEqual({ kind: 'tcp', host: '*', port: 80 });
    expect(boundTo(any, false)).toEqual({ kind: 'tcp', host: '::', port: 80 });
    const six = Uint8Array.from(any);
    six.set([0x20, 0x01, 0x0d, 0xb8], 8);
    six[23] = 1;
    expect(boundTo(six, true)).toEqual({ kind: 'tcp', host: '2001:db8::1', port: 80 });
    const unix = Uint8Array.of(1, 0, ...Buffer.from('/run/x\0'));
    expect(boundTo(unix, false)).toEqual({ kind: 'unix', path: '/run/x' });
    expect(boundTo(unix.subarray(0, 8), false)).toEqual({ kind: 'unix', path: '/run/x' });
    const abstract = Uint8Array.of(1, 0, 0, ...Buffer.from('name'));
    expect(boundTo(abstract, false)).toEqual({ kind: 'unix', path: '@name' });
    expect(boundTo(Uint8Array.of(16, 0, 0, 0), false)).toBeNull();
    expect(boundTo(new Uint8Array(0), false)).toBeNull();
  });
});

describe('a socket that listens already', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.dispose());

  test('is adopted with who waits in its queue, and named as it is bound', async () => {
    const held = Held.tcp();
    const flags = () => /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${held.fd}`, 'utf8'))?.[1];
    expect(flags()).toBe('02');
    const client = world.client({ where: held.where });
    const listener = await world.adopted({ fd: held.fd, name: 'chat' });
    expect(listener.where).toEqual(held.where);
    // O_CLOEXEC: no child has it. O_NONBLOCK: an accept that finds nobody does not wait.
    expect(flags()).toBe('02004002');
    await world.until(() => world.taken.length === 1);
    (await client).send('hello');
    await world.until(() => world.last.received === 'hello');
    expect(world.last.peer).toMatchObject({ address: '127.0.0.1', listener: formatListen(held.where) });
  });

  test('is left to whoever holds it too: what connects meanwhile is served by the next', async () => {
    const held = Held.tcp();
    const first = await world.adopted({ fd: held.duplicate(), name: '' });
    const [before] = await world.pair(first);
    first.close();
    const waiting = await world.client({ where: held.where });
    waiting.send('anybody?');
    expect(world.taken).toHaveLength(1);
    await world.adopted({ fd: held.fd, name: 'chat' });
    await world.until(() => world.last.received === 'anybody?');
    expect(before.closed).toBe(false);
  });

  test('speaks TLS where its name says so, and changes its certificate as any other', async () => {
    const held = Held.tcp();
    const passed = { fd: held.fd, name: 'chat-tls' };
    const listener = await world.adopted(passed, world.certificate('one'));
    expect(listener.where).toEqual({ ...held.where, tls: true });
    const [client] = await world.pair(listener);
    expect(client.commonName).toBe('one');
    expect(await listener.rotate(world.certificate('two'))).toBeNull();
    const [second] = await world.pair(listener);
    expect(second.commonName).toBe('two');
  });

  test('may be a unix socket, whose name stays where it is', async () => {
    const path = join(world.dir, 'passed');
    const held = Held.unix(path);
    const listener = await world.adopted({ fd: held.fd, name: 'chat' });
    expect(listener.where).toEqual({ kind: 'unix', path, tls: false });
    const [, taken] = await world.pair(listener);
    expect(taken.peer).toEqual({ address: '', port: 0, listener: `unix:${path}`, tls: false });
    listener.close();
    expect(existsSync(path)).toBe(true);
  });

  test('is refused where it does not listen, or nobody knows what it is for', async () => {
    const { socket } = await world.client(await world.listen('127.0.0.1:0'));
    const connected = (socket as unknown as { fd: number }).fd;
    for (const fd of [connected, 0, 999_999])
      expect(String(await inherit([{ fd, name: 'chat' }]))).toMatch(
        /^cannot-listen: .*"chat" that systemd passed: it does not listen.*Accept=no/,
      );
    const held = Held.tcp();
    const refused = await inherit([{ fd: held.fd, name: 'parley.socket' }]);
    held.close();
    expect(refused).toBeInstanceOf(Refusal);
    expect(String(refused)).toContain('FileDescriptorName=chat');
  });
});
