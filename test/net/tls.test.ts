import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Networks } from '../../src/chat/address.ts';
import { refusal } from '../../src/chat/errors.ts';
import { RULES, World } from './world.ts';

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.dispose());

describe('a TLS connection', () => {
  test('is handed on after its handshake, and carries bytes and half-closes like any other', async () => {
    const listener = await world.listen('tls:127.0.0.1:0', world.certificate('one'));
    const [client, taken] = await world.pair(listener);
    expect(taken.peer.tls).toBe(true);
    expect(client.commonName).toBe('one');
    client.send('hello');
    client.socket.shutdown();
    await world.until(() => taken.ended && taken.received === 'hello');
    taken.say('hello you');
    taken.link.end();
    await world.until(() => client.ended && taken.why !== null);
    expect(client.text).toBe('hello you');
    expect(world.counters.opened.tls).toBe(1);
    expect(world.clock.pending).toBe(0);
  });

  test('takes a long write whole, in parts', async () => {
    const [client, taken] = await world.pair(await world.listen('tls:127.0.0.1:0', world.certificate('one')));
    const long = Buffer.alloc(8 * 1024 * 1024, 'abcdefg');
    let at = taken.link.write(long, 0);
    taken.onDrain = () => {
      if (at < long.length) at += taken.link.write(long, at);
    };
    await world.until(() => client.received.length >= long.length);
    expect(client.received.equals(long)).toBe(true);
  });

  test('that speaks no TLS is closed and counted, and nobody is told', async () => {
    const listener = await world.listen('tls:127.0.0.1:0', world.certificate('one'));
    const client = await world.client(listener, false);
    client.send('NICK alice\r\n');
    await world.until(() => client.closed && world.logged.length > 0);
    expect(world.taken).toEqual([]);
    expect(world.counters.aborted).toEqual({ 'tls-handshake': 1 });
    expect(world.logged[0]).toMatch(/^debug .*127\.0\.0\.1/);
    expect(world.clock.pending).toBe(0);
  });

  test('that never finishes its handshake is closed in time', async () => {
    const listener = await world.listen('tls:127.0.0.1:0', world.certificate('one'));
    const client = await world.client(listener, false);
    await world.pair(listener); // by then the first was accepted as well
    world.clock.advance(10_000);
    await world.until(() => client.closed);
    expect(world.counters.aborted).toEqual({ 'tls-handshake': 1 });
    expect(world.last.why).toBeNull();
  });

  test('is refused while too many of its address wait for their handshake', async () => {
    const rules = { ...RULES, waitingPerAddress: 2 };
    const listener = await world.listen('tls:127.0.0.1:0', world.certificate('one'), rules);
    const idle = [await world.client(listener, false), await world.client(listener, false)];
    const third = await world.client(listener, false);
    await world.until(() => third.closed);
    expect(world.counters.aborted).toEqual({ 'too-many-waiting': 1 });
    const [gone, ...rest] = idle;
    gone?.socket.terminate();
    await world.until(() => world.counters.aborted['tls-handshake'] === 1);
    rest.push(await world.client(listener, false));
    const fifth = await world.client(listener, false);
    await world.until(() => fifth.closed);
    listener.rules = { ...rules, exempt: new Networks(['127.0.0.0/8']) };
    const [, taken] = await world.pair(listener);
    expect(taken.why).toBeNull();
    expect(rest.map(client => client.closed)).toEqual([false, false]);
    listener.close();
    await world.until(() => rest.every(client => client.closed));
    expect(taken.why).toBeNull();
  });
});

describe('a certificate', () => {
  test('is changed for new connections while old ones live on', async () => {
    const listener = await world.listen('tls:127.0.0.1:0', world.certificate('one'));
    const { where } = listener;
    const [old, taken] = await world.pair(listener);
    for (const name of ['two', 'three']) {
      expect(await listener.rotate(world.certificate(name))).toBeNull();
      expect(listener.where).toEqual(where);
      const [client, fresh] = await world.pair(listener);
      expect(client.commonName).toBe(name);
      fresh.say(name);
      await world.until(() => client.text === name);
      old.send(name);
      await world.until(() => taken.received.endsWith(name));
      taken.say(name);
      await world.until(() => old.text.endsWith(name));
    }
    expect(old.commonName).toBe('one');
    expect(taken.why).toBeNull();
    listener.close();
    expect(world.client(listener)).rejects.toThrow();
    old.send('still');
    await world.until(() => taken.received.endsWith('still'));
  });

  test('is changed on a unix socket too, which keeps its name', async () => {
    const listener = await world.listen(`tls:unix:${join(world.dir, 'sock')}`, world.certificate('one'));
    expect(await listener.rotate(world.certificate('two'))).toBeNull();
    const [client] = await world.pair(listener);
    expect(client.commonName).toBe('two');
  });

  test('is changed without refusing anyone who comes meanwhile', async () => {
    const files = [world.certificate('one'), world.certificate('two')] as const;
    const listener = await world.listen('tls:127.0.0.1:0', files[0]);
    for (let i = 0; i < 30; i++) {
      const coming = [world.client(listener), world.client(listener)];
      expect(await listener.rotate(files[i % 2 === 0 ? 1 : 0])).toBeNull();
      for (const client of await Promise.all(coming)) expect(['one', 'two']).toContain(client.commonName);
    }
    await world.until(() => world.taken.length === 60);
  });

  test('that is bad is refused, and the old one goes on', async () => {
    const good = world.certificate('good');
    const other = world.certificate('other');
    const garbage = join(world.dir, 'garbage.pem');
    writeFileSync(garbage, '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n');
    const missing = join(world.dir, 'missing.pem');
    const listener = await world.listen('tls:127.0.0.1:0', good);
    const bad = (why: string) => refusal('bad-certificate', why);
    expect(await listener.rotate({ cert: missing, key: good.key })).toEqual(bad(`${missing} does not exist`));
    expect(await listener.rotate({ cert: garbage, key: good.key })).toEqual(
      bad(`${garbage} has a damaged certificate in it`),
    );
    expect(await listener.rotate({ cert: good.key, key: good.key })).toEqual(
      bad(`${good.key} has no certificate in PEM in it`),
    );
    expect(await listener.rotate({ cert: good.cert, key: good.cert })).toEqual(
      bad(`${good.cert} has no private key in PEM in it`),
    );
    expect(await listener.rotate({ cert: good.cert, key: other.key })).toEqual(
      bad(`${other.key} is not the key of ${good.cert}`),
    );
    expect(await listener.rotate({ cert: world.dir, key: good.key })).toEqual(
      bad(`${world.dir} is a directory`),
    );
    const [client] = await world.pair(listener);
    expect(client.commonName).toBe('good');
  });

  test('that is bad stops a start, as none does', async () => {
    const good = world.certificate('good');
    rmSync(good.key);
    expect(await world.tryListen('tls:127.0.0.1:0', good)).toEqual(
      refusal('bad-certificate', `${good.key} does not exist`),
    );
    expect(await world.tryListen('tls:127.0.0.1:0')).toEqual(refusal('bad-certificate', 'none is given'));
  });

  test('may share a file with its key', async () => {
    const { cert, key } = world.certificate('one');
    const both = join(world.dir, 'both.pem');
    writeFileSync(both, (await Bun.file(cert).text()) + (await Bun.file(key).text()));
    const [client] = await world.pair(await world.listen('tls:127.0.0.1:0', { cert: both, key: both }));
    expect(client.commonName).toBe('one');
  });

  test('that has expired is used, with a warning', async () => {
    const expired = world.certificate('old', '-days', '1');
    world.clock.advance(2 * 86_400_000);
    await world.listen('tls:127.0.0.1:0', expired);
    expect(world.logged[0]).toMatch(/^warn .*old\.pem expired on /);
  });
});
