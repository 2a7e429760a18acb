import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { Networks } from '../../src/chat/address.ts';
import { type ProxyHeader, parseProxy } from '../../src/net/proxy.ts';
import { RULES, World } from './world.ts';

const bytes = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'));

interface Flow {
  readonly address: string;
  readonly port: number;
}

function encodeV1(family: 'TCP4' | 'TCP6', from: Flow, to: Flow): Uint8Array {
  return bytes(`PROXY ${family} ${from.address} ${to.address} ${from.port} ${to.port}\r\n`);
}

/** `rest`: what comes after the fixed part. */
function encodeV2(command: number, family: number, rest: Uint8Array): Uint8Array {
  const signature = bytes('\r\n\r\n\0\r\nQUIT\n');
  return Buffer.concat([signature, Uint8Array.of(command, family, rest.length >> 8, rest.length), rest]);
}

function flowV2(from: readonly number[], to: readonly number[], port: number, tlvs: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(...from, ...to, port >> 8, port & 255, 0, 80), tlvs]);
}

const tlv = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.uint8Array({ maxLength: 40 }))
  .map(([type, value]) => Buffer.concat([Uint8Array.of(type, 0, value.length), value]));
const tlvs = fc.array(tlv, { maxLength: 4 }).map(list => Buffer.concat(list));
const port = fc.nat({ max: 65_535 });
const octets = (length: number) => fc.array(fc.nat({ max: 255 }), { minLength: length, maxLength: length });

/** Headers that are good, nearly good, and nothing of the sort. */
const input = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.uint8Array({ maxLength: 200 }).map(rest => Buffer.concat([bytes('PROXY '), rest])),
  fc.string({ maxLength: 120 }).map(text => bytes(`PROXY TCP4 ${text}\r\n`)),
  fc.string({ maxLength: 120 }).map(text => bytes(`PROXY UNKNOWN${text}\r\nhello`)),
  fc
    .tuple(
      fc.constantFrom(0x20, 0x21, 0x22, 0x11),
      fc.constantFrom(0, 0x11, 0x12, 0x21, 0x31),
      fc.uint8Array(),
    )
    .map(([command, family, rest]) => encodeV2(command, family, rest)),
  fc
    .tuple(octets(4), port, tlvs)
    .map(([ip, from, more]) =>
      Buffer.concat([encodeV2(0x21, 0x11, flowV2(ip, ip, from, more)), bytes('hi\n')]),
    ),
);

describe('a PROXY header', () => {
  test('of version 1 tells the source, for any address and port', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), port, port, (a, b, from, to) => {
        const header = encodeV1('TCP4', { address: a, port: from }, { address: b, port: to });
        expect(parseProxy(Buffer.concat([header, bytes('hello\n')]))).toEqual({
          state: 'done',
          length: header.length,
          source: { address: a, port: from },
        });
      }),
    );
    const six = encodeV1('TCP6', { address: '2001:DB8:0:0::1', port: 5 }, { address: '::1', port: 6 });
    expect(parseProxy(six)).toMatchObject({ source: { address: '2001:db8::1', port: 5 } });
    const mapped = encodeV1('TCP6', { address: '::ffff:1.2.3.4', port: 5 }, { address: '::1', port: 6 });
    expect(parseProxy(mapped)).toMatchObject({ source: { address: '1.2.3.4', port: 5 } });
  });

  test('of version 2 tells the source, for any address, port and TLVs', () => {
    fc.assert(
      fc.property(octets(4), octets(4), port, tlvs, (a, b, from, more) => {
        const header = encodeV2(0x21, 0x11, flowV2(a, b, from, more));
        expect(parseProxy(header)).toEqual({
          state: 'done',
          length: header.length,
          source: { address: a.join('.'), port: from },
        });
      }),
    );
    const six = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9];
    const header = encodeV2(0x21, 0x21, flowV2(six, six, 7, new Uint8Array(0)));
    expect(parseProxy(header)).toMatchObject({ source: { address: '2001:db8::9', port: 7 } });
  });

  test('that speaks for the proxy itself, or of no address, leaves the peer as it is', () => {
    const nothing = new Uint8Array(0);
    for (const header of [
      bytes('PROXY UNKNOWN\r\n'),
      bytes('PROXY UNKNOWN ffff:f::1 ffff::1 65535 65535\r\n'),
      encodeV2(0x20, 0x00, nothing),
      encodeV2(0x20, 0x11, flowV2([1, 2, 3, 4], [1, 2, 3, 4], 1, nothing)),
      encodeV2(0x21, 0x00, bytes('whatever')),
      encodeV2(0x21, 0x31, new Uint8Array(216)),
    ])
      expect(parseProxy(header)).toEqual({ state: 'done', length: header.length, source: null });
  });

  test('says the same however it is split, and never fails on any bytes', () => {
    fc.assert(
      fc.property(input, whole => {
        const verdict = parseProxy(whole);
        for (let length = 0; length < whole.length; length++) {
          const early = parseProxy(whole.subarray(0, length));
          if (early.state !== 'more') expect<ProxyHeader>(early).toEqual(verdict);
        }
        if (verdict.state === 'done')
          expect(parseProxy(whole.subarray(0, verdict.length - 1)).state).toBe('more');
      }),
      { numRuns: 300 },
    );
  });

  test('is bad wherever it is not exactly right', () => {
    const long = `PROXY UNKNOWN ${'x'.repeat(92)}`;
    for (const text of [
      'hello\r\n',
      'proxy TCP4 1.2.3.4 1.2.3.4 1 2\r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n',
      'PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n',
      'PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n',
      'PROXY TCP4 1.2.3.04 1.2.3.4 1 2\r\n',
      'PROXY TCP4 ::1 ::1 1 2\r\n',
      'PROXY TCP6 1.2.3.4 ::1 1 2\r\n',
      'PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n',
      'PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n',
      'PROXY UNKNOWNS\r\n',
      'PROXY UNKNOWN a\rb\r\n',
      `${long}\r\n`,
      long.padEnd(107, 'x'),
    ])
      expect({ text, ...parseProxy(bytes(text)) }).toMatchObject({ text, state: 'bad' });
    for (const header of [
      encodeV2(0x22, 0x11, new Uint8Array(12)),
      encodeV2(0x11, 0x11, new Uint8Array(12)),
      encodeV2(0x21, 0x12, new Uint8Array(12)),
      encodeV2(0x21, 0x11, new Uint8Array(11)),
      encodeV2(0x21, 0x21, new Uint8Array(12)),
      encodeV2(0x21, 0x11, new Uint8Array(13)),
      encodeV2(0x21, 0x00, new Uint8Array(4097)).subarray(0, 16),
    ])
      expect(parseProxy(header).state).toBe('bad');
    expect(parseProxy(encodeV2(0x21, 0x00, new Uint8Array(4096))).state).toBe('done');
    expect(parseProxy(bytes('PROXY UNKNOWN '.padEnd(105, 'x').concat('\r\n'))).state).toBe('done');
  });
});

describe('a listener that trusts a proxy', () => {
  const trusting = { ...RULES, proxyFrom: new Networks(['127.0.0.1']) };
  let world: World;
  beforeEach(() => {
    world = new World();
  });
  afterEach(() => world.dispose());

  test('hands on who the proxy speaks for, and the bytes behind the header', async () => {
    const client = await world.client(await world.listen('127.0.0.1:0', null, trusting));
    client.send('PROXY TCP4 192.0.2.7 ');
    client.send('192.0.2.1 4321 8080\r\nhello');
    client.send(' there');
    await world.until(() => world.taken[0]?.received === 'hello there');
    expect(world.last.peer).toMatchObject({ address: '192.0.2.7', port: 4321 });
    const v2 = await world.client(await world.listen('127.0.0.1:0', null, trusting));
    for (const byte of encodeV2(0x21, 0x11, flowV2([192, 0, 2, 8], [1, 2, 3, 4], 5, new Uint8Array(0)))) {
      v2.send(Uint8Array.of(byte));
    }
    await world.until(() => world.taken.length === 2);
    expect(world.last.peer).toMatchObject({ address: '192.0.2.8', port: 5 });
    v2.send('x');
    await world.until(() => world.last.received === 'x');
    expect(world.clock.pending).toBe(0);
  });

  test("keeps the proxy's own address where it speaks for itself", async () => {
    const client = await world.client(await world.listen('127.0.0.1:0', null, trusting));
    client.send('PROXY UNKNOWN\r\n');
    await world.until(() => world.taken.length === 1);
    expect(world.last.peer).toMatchObject({ address: '127.0.0.1', port: client.socket.localPort });
  });

  test('closes a proxy that sends no header, with a log line, and tells nobody', async () => {
    const client = await world.client(await world.listen('127.0.0.1:0', null, trusting));
    client.send('register alice\n');
    await world.until(() => client.closed);
    expect(world.taken).toEqual([]);
    expect(world.counters.aborted).toEqual({ 'proxy-header': 1 });
    expect(world.logged[0]).toMatch(/^warn .*it is missing/);
    expect(world.clock.pending).toBe(0);
  });

  test('closes a proxy whose header does not come in time', async () => {
    const listener = await world.listen('127.0.0.1:0', null, trusting);
    const client = await world.client(listener);
    client.send('PROXY ');
    const other = await world.client(listener);
    other.send('PROXY UNKNOWN\r\n');
    await world.until(() => world.taken.length === 1); // by then the first was accepted as well
    world.clock.advance(5000);
    await world.until(() => client.closed);
    expect(world.counters.aborted).toEqual({ 'proxy-header': 1 });
    expect(world.last.why).toBeNull();
  });

  test('says nothing of a health check, which connects and hangs up', async () => {
    const client = await world.client(await world.listen('127.0.0.1:0', null, trusting));
    client.socket.shutdown();
    await world.until(() => client.closed);
    expect(world.logged).toEqual([]);
    expect(world.clock.pending).toBe(0);
  });

  test('reads no header from anyone else: it is a line like any other', async () => {
    const rules = { ...RULES, proxyFrom: new Networks(['192.0.2.0/24', 'unix']) };
    const client = await world.client(await world.listen('127.0.0.1:0', null, rules));
    client.send('PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n');
    await world.until(() => world.taken[0]?.received === 'PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n');
    expect(world.last.peer.address).toBe('127.0.0.1');
  });

  test('reads it on a unix socket where unix is named, and follows a change of the rules', async () => {
    const rules = { ...RULES, proxyFrom: new Networks(['unix']) };
    const listener = await world.listen(`unix:${world.dir}/sock`, null, rules);
    (await world.client(listener)).send('PROXY TCP6 2001:db8::5 ::1 9 8\r\nx');
    await world.until(() => world.taken[0]?.received === 'x');
    expect(world.last.peer).toMatchObject({ address: '2001:db8::5', port: 9 });
    listener.rules = RULES;
    await world.pair(listener);
    expect(world.last.peer.address).toBe('');
  });
});
