import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { Refusal } from '../../src/chat/errors.ts';
import { formatListen, parseListen } from '../../src/net/address.ts';

const tcp = (host: string, port: number, tls = false) => ({ kind: 'tcp' as const, host, port, tls });

describe('where to listen', () => {
  test('is read as one would write it', () => {
    expect(parseListen('127.0.0.1:8080')).toEqual(tcp('127.0.0.1', 8080));
    expect(parseListen('chat.example.org:1')).toEqual(tcp('chat.example.org', 1));
    expect(parseListen('*:8080')).toEqual(tcp('*', 8080));
    expect(parseListen(':8080')).toEqual(tcp('*', 8080));
    expect(parseListen('[::]:0')).toEqual(tcp('::', 0));
    expect(parseListen('tls:[2001:db8::1]:6697')).toEqual(tcp('2001:db8::1', 6697, true));
    expect(parseListen('tls::6697')).toEqual(tcp('*', 6697, true));
    expect(parseListen('unix:/run/parley.sock')).toEqual({
      kind: 'unix',
      path: '/run/parley.sock',
      tls: false,
    });
    expect(parseListen('tls+unix:/s')).toEqual({ kind: 'unix', path: '/s', tls: true });
    expect(parseListen('tls:unix:/s')).toEqual({ kind: 'unix', path: '/s', tls: true });
  });

  test('is refused in words where it cannot be read', () => {
    for (const [text, why] of [
      ['', 'HOST:PORT'],
      ['8080', 'HOST:PORT'],
      ['host', 'HOST:PORT'],
      ['host:http', 'HOST:PORT'],
      ['host:65536', '65535'],
      ['::1:8080', 'brackets'],
      ['[1.2.3.4]:80', 'IPv6'],
      ['1.2.3.400:80', 'neither'],
      ['-a-:80', 'neither'],
      ['a b:80', 'neither'],
      ['unix:', 'path'],
      [`unix:/${'x'.repeat(106)}`, 'bytes'],
      ['unix:/a\0b', 'NUL'],
      ['tls+host:80', 'unix'],
    ] as const) {
      const where = parseListen(text);
      expect(where).toBeInstanceOf(Refusal);
      expect(String(where)).toStartWith('bad-setting: ');
      expect(String(where)).toContain(why);
    }
  });

  test('is written the way it is read, and no text makes it fail', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.ipV6().map(ip => `[${ip}]:80`),
          fc.domain().map(d => `${d}:1`),
        ),
        text => {
          const where = parseListen(text);
          if (!(where instanceof Refusal)) expect(parseListen(formatListen(where))).toEqual(where);
        },
      ),
    );
  });
});
