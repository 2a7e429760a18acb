import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../../src/chat/errors.ts';
import { formatListen, type Listen } from '../../src/net/address.ts';
import { listenRefusal } from '../../src/net/failure.ts';
import { World } from './world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.dispose());

describe('a connection', () => {
  test('is handed on with the true address and port of its peer', async () => {
    const listener = await world.listen('127.0.0.1:0');
    const [client, taken] = await world.pair(listener);
    expect(taken.peer).toEqual({
      address: '127.0.0.1',
      port: client.socket.localPort,
      listener: formatListen(listener.where),
      tls: false,
    });
    expect(world.counters.opened).toEqual({ tcp: 1, tls: 0, unix: 0 });
  });

  test('carries bytes both ways', async () => {
    const [client, taken] = await world.pair(await world.listen('127.0.0.1:0'));
    client.send('hello\n');
    await world.until(() => taken.received === 'hello\n');
    taken.say('hello you\n');
    await world.until(() => client.text === 'hello you\n');
  });

  test('may close its sending half and still be answered, also later', async () => {
    const listener = await world.listen('127.0.0.1:0');
    const [client, taken] = await world.pair(listener);
    client.send('last words\n');
    client.socket.shutdown();
    await world.until(() => taken.ended);
    expect(taken.received).toBe('last words\n');
    // A whole other conversation passes in between.
    const [other, second] = await world.pair(listener);
    other.send('hello');
    await world.until(() => second.received === 'hello');
    expect(taken.why).toBeNull();
    taken.say('an answer\n');
    taken.link.end();
    await world.until(() => client.ended && taken.why !== null);
    expect(client.text).toBe('an answer\n');
    expect(taken.why).toBe('closed');
  });

  test('is not read while paused, neither bytes nor the end, and misses nothing', async () => {
    const [client, taken] = await world.pair(await world.listen('127.0.0.1:0'));
    taken.link.pause();
    // More than the kernel holds on both sides: if it goes nowhere, nobody reads.
    const much = Buffer.alloc(32 * 1024 * 1024, 'x');
    let sent = client.socket.write(much);
    expect(sent).toBeLessThan(much.length);
    // A second connection goes through the event loop meanwhile.
    const other = await world.client(await world.listen('127.0.0.1:0'));
    other.send('tick');
    await world.until(() => world.last.received === 'tick');
    expect(taken.received).toBe('');
    taken.link.resume();
    await world.until(() => taken.received.length === sent);
    taken.link.pause();
    sent += client.socket.write('end');
    client.socket.shutdown();
    other.send('tock');
    await world.until(() => world.last.received === 'ticktock');
    expect(taken.ended).toBe(false);
    taken.link.resume();
    await world.until(() => taken.ended);
    expect(taken.received.length).toBe(sent);
  });

  test('takes part of a long write, and drains when the rest may come', async () => {
    const [client, taken] = await world.pair(await world.listen('127.0.0.1:0'));
    client.socket.pause();
    const long = Buffer.alloc(24 * 1024 * 1024, 'y');
    let at = taken.link.write(long, 0);
    expect(at).toBeLessThan(long.length);
    taken.onDrain = () => {
      if (at < long.length) at += taken.link.write(long, at);
    };
    client.socket.resume();
    await world.until(() => client.received.length === long.length);
  });

  test('that the peer resets is gone, not an error', async () => {
    const [client, taken] = await world.pair(await world.listen('127.0.0.1:0'));
    client.socket.terminate();
    await world.until(() => taken.why !== null);
    expect(taken.why).toBe('reset');
    expect(taken.link.write(Buffer.from('x'), 0)).toBe(-1);
    taken.link.pause();
    taken.link.resume();
    taken.link.end();
    taken.link.terminate();
    expect(world.logged).toEqual([]);
    expect(world.clock.pending).toBe(0);
  });

  test('that is ended delivers its last bytes to a peer that is still sending', async () => {
    const [client, taken] = await world.pair(await world.listen('127.0.0.1:0'));
    client.send('unread');
    taken.say('goodbye\n');
    taken.link.end();
    for (let i = 0; i < 20; i++) client.send('more and more');
    await world.until(() => client.ended);
    expect(client.text).toBe('goodbye\n');
    client.socket.shutdown();
    await world.until(() => taken.why !== null);
    expect(taken.why).toBe('closed');
    expect(taken.received).toBe('');
    expect(world.clock.pending).toBe(0);
  });

  test('that is ended waits only so long for a peer that does not close', async () => {
    const [client, taken] = await world.pair(await world.listen('127.0.0.1:0'));
    taken.link.end();
    await world.until(() => client.ended);
    expect(taken.why).toBeNull();
    world.clock.advance(2000);
    await world.until(() => taken.why !== null);
  });

  test('that is turned away reads why, and is closed', async () => {
    world.greet = link => {
      link.write(Buffer.from('! full\n'), 0);
      return false;
    };
    const [client, taken] = await world.pair(await world.listen('127.0.0.1:0'));
    await world.until(() => client.ended);
    expect(client.text).toBe('! full\n');
    client.send('please');
    world.clock.advance(2000);
    await world.until(() => client.closed);
    expect(taken.received).toBe('');
    expect(world.counters.opened.tcp).toBe(0);
  });

  test('that the acceptor terminates at once is told so, once', async () => {
    world.greet = link => {
      link.terminate();
      return true;
    };
    const [client, taken] = await world.pair(await world.listen('127.0.0.1:0'));
    await world.until(() => taken.why !== null && client.closed);
    expect(taken.why).toBe('closed');
  });

  test('whose handler has a bug is closed and logged, and the others go on', async () => {
    const listener = await world.listen('127.0.0.1:0');
    const [client, broken] = await world.pair(listener);
    broken.data = () => {
      throw new Error('a bug');
    };
    client.send('x');
    await world.until(() => client.closed && broken.why !== null);
    expect(world.logged.filter(line => line.startsWith('error'))).toHaveLength(1);
    const [other, whole] = await world.pair(listener);
    other.send('still here');
    await world.until(() => whole.received === 'still here');
  });

  test('with a TLS hello on the plain port brings its bytes to the handler', async () => {
    const listener = await world.listen('127.0.0.1:0');
    const hello = world.client(listener, true);
    await world.until(() => (world.taken[0]?.received.length ?? 0) > 2);
    expect(world.last.received.slice(0, 2)).toBe('\x16\x03');
    world.last.link.terminate();
    await hello;
  });
});

describe('a listener', () => {
  test('on * is there for IPv6 and IPv4, and knows an IPv4 peer by its IPv4 address', async () => {
    const listener = await world.listen('*:0');
    const [, six] = await world.pair(listener);
    expect(six.peer.address).toBe('::1');
    const { where } = listener;
    if (where.kind !== 'tcp') throw new Error('not tcp');
    const four = await Bun.connect({ hostname: '127.0.0.1', port: where.port, socket: { data() {} } });
    await world.until(() => world.taken.length === 2);
    expect(world.last.peer.address).toBe('127.0.0.1');
    four.terminate();
  });

  test('reports the true port where a free one was asked for', async () => {
    const { where } = await world.listen('[::1]:0');
    expect(formatListen(where)).toMatch(/^\[::1\]:[1-9]\d+$/);
  });

  test('says that a port is in use', async () => {
    const { where } = await world.listen('127.0.0.1:0');
    expect(await world.tryListen(formatListen(where))).toEqual(refusal('port-in-use', formatListen(where)));
  });

  test('says in words why it cannot listen', async () => {
    expect(String(await world.tryListen('203.0.113.5:0'))).toMatch(/^cannot-listen: .*no such address/);
    expect(String(await world.tryListen('no.such.host.invalid:0'))).toMatch(/host name has no address/);
    const low: Listen = { kind: 'tcp', host: '*', port: 80, tls: false };
    const denied = Object.assign(new Error('denied'), { code: 'EACCES' });
    expect(String(listenRefusal(low, denied))).toContain('CAP_NET_BIND_SERVICE');
  });

  test('that is closed accepts nobody, and keeps whom it has', async () => {
    const listener = await world.listen('127.0.0.1:0');
    const [client, taken] = await world.pair(listener);
    listener.close();
    expect(world.client(listener)).rejects.toThrow();
    client.send('still here');
    await world.until(() => taken.received === 'still here');
    taken.say('so am I');
    await world.until(() => client.text === 'so am I');
  });
});

describe('a unix socket', () => {
  test('is for owner and group, has no address, and goes when the listener closes', async () => {
    const path = join(world.dir, 'sock');
    const listener = await world.listen(`unix:${path}`);
    expect(lstatSync(path).mode & 0o777).toBe(0o660);
    const [client, taken] = await world.pair(listener);
    expect(taken.peer).toEqual({ address: '', port: 0, listener: `unix:${path}`, tls: false });
    client.send('hello');
    client.socket.shutdown();
    await world.until(() => taken.ended && taken.received === 'hello');
    taken.say('hello you');
    taken.link.end();
    await world.until(() => client.ended && client.text === 'hello you');
    expect(world.counters.opened.unix).toBe(1);
    listener.close();
    expect(existsSync(path)).toBe(false);
  });

  test('that nobody listens on is replaced', async () => {
    const path = join(world.dir, 'stale');
    const script = `Bun.listen({ unix: ${JSON.stringify(path)}, socket: { data() {} } }); process.kill(process.pid, 'SIGKILL')`;
    await Bun.spawn([process.execPath, '-e', script]).exited;
    expect(lstatSync(path).isSocket()).toBe(true);
    const [client, taken] = await world.pair(await world.listen(`unix:${path}`));
    client.send('x');
    await world.until(() => taken.received === 'x');
  });

  test('that somebody listens on stays theirs', async () => {
    const path = join(world.dir, 'live');
    const listener = await world.listen(`unix:${path}`);
    expect(await world.tryListen(`unix:${path}`)).toEqual(refusal('port-in-use', `unix:${path}`));
    const [client, taken] = await world.pair(listener);
    client.send('x');
    await world.until(() => taken.received === 'x');
  });

  test('never replaces an ordinary file, nor removes what came in its place', async () => {
    const path = join(world.dir, 'file');
    writeFileSync(path, 'precious');
    expect(String(await world.tryListen(`unix:${path}`))).toMatch(/^cannot-listen: .*left alone/);
    expect(readFileSync(path, 'utf8')).toBe('precious');

    const mine = join(world.dir, 'mine');
    const listener = await world.listen(`unix:${mine}`);
    rmSync(mine);
    writeFileSync(mine, 'precious too');
    listener.close();
    expect(readFileSync(mine, 'utf8')).toBe('precious too');
  });

  test('that was closed does not take a later one of its name away', async () => {
    const path = join(world.dir, 'twice');
    const first = await world.listen(`unix:${path}`);
    first.close();
    await world.listen(`unix:${path}`);
    first.close();
    expect(lstatSync(path).isSocket()).toBe(true);
  });

  test('where there is no directory, or where one is, is refused in words', async () => {
    const gone = join(world.dir, 'no', 'sock');
    expect(String(await world.tryListen(`unix:${gone}`))).toMatch(/^cannot-listen: .*does not exist/);
    mkdirSync(join(world.dir, 'directory'));
    expect(String(await world.tryListen(`unix:${join(world.dir, 'directory')}`))).toMatch(/^cannot-listen/);
  });
});
