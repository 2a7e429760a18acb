import { expect, test } from 'bun:test';
import fc from 'fast-check';
import {
  addressInRange,
  addressKey,
  canonicalAddress,
  Networks,
  parseRange,
} from '../../src/chat/address.ts';

test('an address has one spelling, and IPv4 within IPv6 is IPv4', () => {
  expect(canonicalAddress('::ffff:1.2.3.4')).toBe('1.2.3.4');
  expect(canonicalAddress('::ffff:102:304')).toBe('1.2.3.4');
  expect(canonicalAddress('2001:DB8:0:0:0:0:0:1')).toBe('2001:db8::1');
  expect(canonicalAddress('fe80::1%eth0')).toBe('fe80::1');
  expect(canonicalAddress('')).toBe('');
  expect(canonicalAddress('who knows')).toBe('who knows');
});

test('limits count IPv4 whole and IPv6 by its /64', () => {
  expect(addressKey('192.0.2.7')).toBe('192.0.2.7');
  expect(addressKey('::ffff:192.0.2.7')).toBe('192.0.2.7');
  expect(addressKey('2001:db8:1:2::1')).toBe(addressKey('2001:db8:1:2:ffff:ffff:ffff:ffff'));
  expect(addressKey('2001:db8:1:2::1')).not.toBe(addressKey('2001:db8:1:3::1'));
  expect(addressKey('')).toBe('');
});

test('a range has one spelling, and what is none is null', () => {
  expect(parseRange('10.1.2.3/8')).toBe('10.0.0.0/8');
  expect(parseRange('10.1.2.3')).toBe('10.1.2.3');
  expect(parseRange('10.1.2.3/32')).toBe('10.1.2.3');
  expect(parseRange('2001:DB8::5/33')).toBe('2001:db8::/33');
  expect(parseRange('::ffff:10.1.2.3/104')).toBe('10.0.0.0/8');
  expect(parseRange('::/0')).toBe('::/0');
  const none = [
    '',
    '/8',
    '10.1',
    '010.0.0.1',
    '0x7f.0.0.1',
    '10.1.2.3/33',
    '10.1.2.3/',
    '::1/129',
    'fe80::1%eth0',
  ];
  for (const text of [...none, '10.0.0.0/8/8', '10.0.0.0/-1', 'alice', 'room.name']) {
    expect({ text, range: parseRange(text) }).toEqual({ text, range: null });
  }
});

test('an address is in a range that it was masked to, of any length, and its spelling does not matter', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat({ max: 128 }), (address, length) => {
      // A mapped address is IPv4, so what is wider than the mapped ones is about somebody else.
      const least = canonicalAddress(address).includes(':') ? 0 : address.includes(':') ? 96 : 0;
      const most = address.includes(':') ? 128 : 32;
      const range = parseRange(`${address}/${least + (length % (most - least + 1))}`);
      expect(range).not.toBeNull();
      expect(addressInRange(address, range ?? '')).toBe(true);
      expect(parseRange(range ?? '')).toBe(range);
    }),
  );
  expect(addressInRange('::ffff:10.9.9.9', '10.0.0.0/8')).toBe(true);
  expect(addressInRange('11.0.0.0', '10.0.0.0/8')).toBe(false);
  expect(addressInRange('10.0.0.1', '::/0')).toBe(false);
  expect(addressInRange('::1', '0.0.0.0/0')).toBe(false);
  expect(addressInRange('', '0.0.0.0/0')).toBe(false);
  expect(addressInRange('nonsense', 'nonsense')).toBe(false);
});

test('networks hold what lies in any of them, and unix peers only by that name', () => {
  const networks = new Networks(['10.0.0.0/8', '::1']);
  expect(['10.2.3.4', '::ffff:10.2.3.4', '::1'].map(address => networks.has(address))).toEqual([
    true,
    true,
    true,
  ]);
  expect(['11.0.0.1', '::2', '', 'x'].map(address => networks.has(address))).toEqual([
    false,
    false,
    false,
    false,
  ]);
  expect(new Networks(['unix']).has('')).toBe(true);
  expect(new Networks([]).has('')).toBe(false);
});
