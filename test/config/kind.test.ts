import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  Bad,
  bytes,
  choice,
  duration,
  host,
  integer,
  type Kind,
  line,
  list,
  onOff,
  optional,
  path,
  port,
  serverName,
} from '../../src/config/kind.ts';
import { listener } from '../../src/config/listen.ts';
import { network } from '../../src/config/network.ts';
import { KEYS, rowOf } from '../../src/config.ts';
import type { Listen } from '../../src/net/address.ts';

const MOST = 2 ** 40;
const whole = { least: 0, most: MOST };

function why(kind: Kind<unknown>, text: string): string {
  const value = kind.parse(text);
  return value instanceof Bad ? value.why : `parsed: ${JSON.stringify(value)}`;
}

describe('a whole number', () => {
  const kind = integer({ least: 5, most: 10, zero: 'no limit' });

  test('is taken within its range, and 0 where 0 means something', () => {
    expect(kind.parse('5')).toBe(5);
    expect(kind.parse('10')).toBe(10);
    expect(kind.parse('0')).toBe(0);
    expect(why(integer({ least: 5, most: 10 }), '0')).toBe('"0" is less than 5');
  });

  test('is refused out of range and in any other writing', () => {
    expect(why(kind, '4')).toBe('"4" is less than 5');
    expect(why(kind, '11')).toBe('"11" is more than 10');
    for (const text of ['', ' 7', '7.5', '-7', '+7', '0x7', '7e0', '７', 'seven', 'NaN', 'Infinity']) {
      expect(why(kind, text)).toEndWith('is not a whole number');
    }
  });
});

describe('a size', () => {
  test('is plain bytes or has a unit in powers of 1024', () => {
    const kind = bytes(whole);
    expect(kind.parse('4096')).toBe(4096);
    expect(kind.parse('4096B')).toBe(4096);
    for (const text of ['256K', '256k', '256KB', '256kb', '256KiB']) expect(kind.parse(text)).toBe(262_144);
    expect(kind.parse('10MB')).toBe(10 * 1024 ** 2);
    expect(kind.parse('3G')).toBe(3 * 1024 ** 3);
  });

  test('is refused in any other writing', () => {
    for (const text of ['', 'K', '1.5M', '-1K', '1 K', '1T', '1KK', '10 MB', '1iB']) {
      expect(why(bytes(whole), text)).toEndWith('is not a size');
    }
    expect(why(bytes({ least: 512, most: 64 * 1024 }), '1M')).toBe('"1M" is more than 64K');
  });
});

describe('a time span', () => {
  test('has a unit, save for 0', () => {
    const kind = duration(whole);
    expect(kind.parse('500ms')).toBe(500);
    expect(kind.parse('30s')).toBe(30_000);
    expect(kind.parse('5m')).toBe(300_000);
    expect(kind.parse('2h')).toBe(7_200_000);
    expect(kind.parse('30d')).toBe(2_592_000_000);
    expect(kind.parse('0')).toBe(0);
    expect(why(kind, '30')).toBe('"30" lacks a unit');
  });

  test('is refused in any other writing', () => {
    for (const text of ['', 's', '1.5s', '-1s', '1 s', '1w', '1m30s', '5M']) {
      expect(why(duration(whole), text)).toEndWith('is not a time span');
    }
    expect(why(duration({ least: 1000, most: 60_000 }), '2m')).toBe('"2m" is more than 1m');
    expect(why(duration({ least: 1000, most: 60_000 }), '0')).toBe('"0" is less than 1s');
  });
});

test('a switch is on, true or yes; off, false or no', () => {
  for (const text of ['on', 'true', 'yes', 'ON']) expect(onOff().parse(text)).toBe(true);
  for (const text of ['off', 'false', 'no', 'Off']) expect(onOff().parse(text)).toBe(false);
  for (const text of ['', '1', '0', 'maybe']) expect(why(onOff(), text)).toEndWith('is neither on nor off');
});

test('a choice is one of its words', () => {
  const kind = choice('open', 'required');
  expect(kind.parse('open')).toBe('open');
  expect(kind.parse('Required')).toBe('required');
  expect(why(kind, 'closed')).toBe('"closed" is not one of them');
  expect(kind.allowed).toBe('open or required');
});

test('a line of text is one line, within its bytes', () => {
  const kind = line('TEXT', 6);
  expect(kind.parse('')).toBe('');
  expect(kind.parse('héllo')).toBe('héllo');
  expect(why(kind, 'héllo!')).toBe('it is longer than 6 bytes');
  for (const text of ['a\nb', 'a\x1bb', 'a\u2028b', 'a\x9bb'])
    expect(why(kind, text)).toStartWith('it has a control');
});

test('a server name is one that IRC and a greeting can show', () => {
  for (const name of ['chat', 'irc.example.org', 'a-1', '9lives'])
    expect(serverName().parse(name)).toBe(name);
  for (const name of ['', '-a', '.a', 'a b', 'a\n', 'ä', 'x'.repeat(64)]) {
    expect(why(serverName(), name)).toEndWith('is not a server name');
  }
});

test('a path is anything but nothing', () => {
  expect(path('FILE').parse('/a b/ü')).toBe('/a b/ü');
  expect(why(path('FILE'), '')).toBe('it is empty');
  expect(why(path('FILE'), 'a\0b')).toStartWith('it has a NUL');
});

test('a port is 1 to 65535, or auto', () => {
  expect(port().parse('8080')).toBe(8080);
  expect(port().parse('0')).toBe(0);
  expect(port().parse('auto')).toBe(0);
  expect(why(port(), '65536')).toBe('"65536" is more than 65535');
  for (const text of ['', '-1', '80a', 'http', '8 0']) expect(why(port(), text)).toEndWith('is not a port');
});

test('a host is an address, a name, or * for all', () => {
  for (const text of ['*', '127.0.0.1', '::', '::1', 'fe80::1%eth0', 'localhost', 'a.example.org']) {
    expect(host().parse(text)).toBe(text);
  }
  expect(host().parse('[::1]')).toBe('::1');
  for (const text of ['', '127.0.0.256', '1.2.3', 'a b', '::g', 'a..b', '-a', 'a:1']) {
    expect(why(host(), text)).toEndWith('is neither an IP address nor a host name');
  }
});

test('an optional value is none where it is empty, or its word', () => {
  const kind = optional(port(), 'off');
  expect(kind.parse('')).toBeNull();
  expect(kind.parse('off')).toBeNull();
  expect(kind.parse('1')).toBe(1);
  expect(kind.show(null)).toBe('off');
});

test('a list has commas between its values, and names the value that is wrong', () => {
  const kind = list(port());
  expect(kind.parse('1, 2 ,3')).toEqual([1, 2, 3]);
  expect(kind.parse('')).toEqual([]);
  expect(kind.parse('none')).toEqual([]);
  expect(why(kind, '1,x')).toBe('"x" is not a port');
  expect(why(kind, '1,,2')).toBe('it has an empty part between commas');
});

describe('a listener', () => {
  const tcp = (host: string, port: number, tls = false): Listen => ({ kind: 'tcp', host, port, tls });
  const cases: readonly (readonly [string, Listen])[] = [
    ['127.0.0.1:8080', tcp('127.0.0.1', 8080)],
    ['[::]:8080', tcp('::', 8080)],
    ['*:8080', tcp('*', 8080)],
    [':8080', tcp('*', 8080)],
    ['localhost:auto', tcp('localhost', 0)],
    ['tls:chat.example.org:6697', tcp('chat.example.org', 6697, true)],
    ['tls:[::1]:6697', tcp('::1', 6697, true)],
    ['unix:/run/parley/chat.sock', { kind: 'unix', path: '/run/parley/chat.sock', tls: false }],
    ['tls:unix:/run/tls.sock', { kind: 'unix', path: '/run/tls.sock', tls: true }],
  ];
  test.each(cases)('%s', (text, expected) => {
    expect(listener().parse(text)).toEqual(expected);
  });

  test('is refused where it is not whole', () => {
    for (const text of [
      '127.0.0.1',
      '::1:8080',
      'localhost:',
      'localhost:http',
      'a b:1',
      'unix:',
      'x:65536',
    ]) {
      expect(why(listener(), text)).toStartWith(`cannot listen on ${JSON.stringify(text)}: `);
    }
  });
});

test('a network is an address, a range or unix, in one spelling', () => {
  const cases = [
    ['192.0.2.7', '192.0.2.7'],
    ['10.1.2.3/8', '10.0.0.0/8'],
    ['FD00:0::/8', 'fd00::/8'],
    ['::ffff:10.0.0.0/104', '10.0.0.0/8'],
    ['unix', 'unix'],
  ] as const;
  for (const [text, canonical] of cases) expect(network().parse(text)).toBe(canonical);
  for (const text of [
    '10.0.0.0/33',
    '::/129',
    '10.0.0/8',
    '1.2.3.4/8/8',
    'localhost',
    '010.0.0.1',
    'fe80::1%eth0',
  ]) {
    expect(why(network(), text)).toEndWith('is neither an address nor a range');
  }
});

describe('what a kind shows, it reads back as the same value', () => {
  const roundTrip = <T>(kind: Kind<T>, values: fc.Arbitrary<T>) =>
    fc.assert(fc.property(values, value => expect(kind.parse(kind.show(value))).toEqual(value)));

  test('numbers, sizes, spans and ports', () => {
    roundTrip(integer(whole), fc.nat());
    roundTrip(
      bytes(whole),
      fc.oneof(
        fc.nat(),
        fc.nat(1000).map(n => n * 1024 ** 2),
      ),
    );
    roundTrip(
      duration(whole),
      fc.oneof(
        fc.nat(),
        fc.nat(1000).map(n => n * 60_000),
      ),
    );
    roundTrip(port(), fc.nat(65_535));
    roundTrip(optional(port(), 'off'), fc.option(fc.nat(65_535)));
    roundTrip(list(port()), fc.array(fc.nat(65_535)));
  });

  test('networks and listeners', () => {
    const address = fc.oneof(fc.ipV4(), fc.ipV6());
    fc.assert(
      fc.property(address, fc.nat(32), (base, bits) => {
        const canonical = network().parse(`${base}/${bits}`);
        expect(canonical).toBeString();
        expect(network().parse(String(canonical))).toBe(String(canonical));
      }),
    );
    roundTrip(
      listener(),
      fc.record({
        kind: fc.constant('tcp' as const),
        host: fc.oneof(address, fc.constant('*')),
        port: fc.nat(65_535),
        tls: fc.boolean(),
      }),
    );
  });

  test('every default', () => {
    for (const key of KEYS) {
      const { kind, initial } = rowOf(key);
      if (typeof initial !== 'function')
        expect([key, kind.parse(kind.show(initial))]).toEqual([key, initial]);
    }
  });

  test('and no text makes a kind throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        for (const key of KEYS) rowOf(key).kind.parse(text);
      }),
    );
  });
});
