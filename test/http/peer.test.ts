import { describe, expect, test } from 'bun:test';
import { Networks } from '../../src/chat/address.ts';
import { originRefusal } from '../../src/http/origin.ts';
import { clientOf, type PeerRules } from '../../src/http/peer.ts';

const RULES: PeerRules = {
  proxyFrom: new Networks(['10.0.0.0/8', 'fd00::/8', 'unix']),
  exempt: new Networks(['127.0.0.0/8']),
};

function client(address: string, headers: Record<string, string> = {}, tls = false) {
  const request = new Request('http://parley.test/', { headers: { Host: 'inner:8081', ...headers } });
  return clientOf(request, { address, tls, keepOpen: () => {} }, RULES);
}

describe('the address of a client', () => {
  const behind = (forwarded: string, peer = '10.0.0.1') =>
    client(peer, { 'X-Forwarded-For': forwarded }).address;

  test('is its own, whatever it says, unless it is a trusted proxy', () => {
    expect(behind('198.51.100.7', '192.0.2.1')).toBe('192.0.2.1');
    expect(behind('198.51.100.7')).toBe('198.51.100.7');
    expect(behind('198.51.100.7', 'fd00::1')).toBe('198.51.100.7');
  });

  test('is the first from the right that is no proxy of ours', () => {
    expect(behind('1.1.1.1, 198.51.100.7')).toBe('198.51.100.7');
    expect(behind('1.1.1.1, 198.51.100.7, 10.9.9.9')).toBe('198.51.100.7');
    expect(behind('10.2.2.2, 10.3.3.3')).toBe('10.2.2.2');
  });

  test('is one spelling, and never what is no address', () => {
    expect(behind('2001:DB8:0::1')).toBe('2001:db8::1');
    expect(behind('::ffff:198.51.100.7')).toBe('198.51.100.7');
    expect(behind('198.51.100.7:4711')).toBe('198.51.100.7');
    expect(behind('[2001:db8::1]:4711')).toBe('2001:db8::1');
    for (const nonsense of ['', ',', 'unknown', '1.1.1.1, _hidden', '300.1.1.1', '<script>', 'unix'])
      expect([nonsense, behind(nonsense)]).toEqual([nonsense, '10.0.0.1']);
  });

  test('makes the key of its limits, but for those that are exempt and the unix socket', () => {
    expect(client('192.0.2.1').limitKey).toBe('192.0.2.1');
    expect(client('2001:db8::1:2').limitKey).toBe('2001:db8::/64');
    expect(client('127.0.0.1').limitKey).toBeNull();
    expect(client('')).toMatchObject({ address: '', limitKey: null, local: true });
    // Nobody makes themselves exempt, or local.
    expect(client('192.0.2.1', { 'X-Forwarded-For': '127.0.0.1' })).toMatchObject({
      limitKey: '192.0.2.1',
      local: false,
    });
  });
});

test('TLS is what the connection says, or a trusted proxy', () => {
  expect(client('192.0.2.1').secure).toBe(false);
  expect(client('192.0.2.1', {}, true).secure).toBe(true);
  expect(client('192.0.2.1', { 'X-Forwarded-Proto': 'https' }).secure).toBe(false);
  expect(client('10.0.0.1', { 'X-Forwarded-Proto': 'https' }).secure).toBe(true);
  expect(client('10.0.0.1', { 'X-Forwarded-Proto': 'https, http' }).secure).toBe(false);
});

test('the host is what the client asked for, through a trusted proxy too', () => {
  const forwarded = { 'X-Forwarded-Host': 'chat.example' };
  expect(client('192.0.2.1', forwarded).host).toBe('inner:8081');
  expect(client('10.0.0.1', forwarded).host).toBe('chat.example');
  expect(client('10.0.0.1').host).toBe('inner:8081');
});

describe('a request from a page', () => {
  const refused = (
    headers: Record<string, string>,
    { method = 'POST', host = 'here:8081', cookie = true } = {},
  ) => originRefusal(new Request('http://x/', { method, headers }), host, cookie)?.code ?? null;

  test('of our own is run', () => {
    expect(refused({ Origin: 'http://here:8081' })).toBeNull();
    expect(refused({ Origin: 'https://HERE:8081' })).toBeNull();
    expect(refused({ Origin: 'https://here' }, { host: 'here' })).toBeNull();
    expect(refused({ Origin: 'https://here' }, { host: 'here:443' })).toBeNull();
    expect(refused({ 'Sec-Fetch-Site': 'same-origin' })).toBeNull();
    expect(refused({ 'Sec-Fetch-Site': 'same-origin', Origin: 'https://chat.example' })).toBeNull();
  });

  test('of another site is not, cookie or none', () => {
    for (const cookie of [true, false]) {
      for (const headers of [
        { Origin: 'http://evil.test' },
        { Origin: 'http://here:9090' },
        { Origin: 'http://here' },
        { Origin: 'null' },
        { Origin: '' },
        { Origin: 'http://here:8081.evil.test' },
        { Origin: 'http://evil.test', Authorization: 'Basic eDp5' },
        { 'Sec-Fetch-Site': 'cross-site' },
        { 'Sec-Fetch-Site': 'same-site' },
        { 'Sec-Fetch-Site': 'none' },
      ] as Record<string, string>[])
        expect([headers, refused(headers, { cookie })]).toEqual([headers, 'bad-origin']);
    }
  });

  test('with a cookie has to say where it comes from', () => {
    expect(refused({})).toBe('bad-origin');
    expect(refused({}, { cookie: false })).toBeNull();
    for (const method of ['PUT', 'DELETE', 'PATCH']) expect(refused({}, { method })).toBe('bad-origin');
  });

  test('that only reads is run', () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      expect(refused({ Origin: 'http://evil.test' }, { method })).toBeNull();
  });

  test('is measured by a host that may be anything', () => {
    for (const host of ['', '/', 'a b', '[', 'here:8081/../x', '@', 'x@here:8081'])
      expect([host, refused({ Origin: 'http://evil.test' }, { host })]).toEqual([host, 'bad-origin']);
  });
});
