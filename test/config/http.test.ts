import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { Bad, credentials, portOrOff } from '../../src/config/kind.ts';
import { httpPlacesOf } from '../../src/config/listen.ts';
import { loadSettings } from '../../src/config/load.ts';
import { formatListen } from '../../src/net/address.ts';
import { runParley } from '../helper/run-parley.ts';
import { fakeWorld } from '../helper/world.ts';

function load(argv: string, env: Record<string, string> = {}) {
  const files = { 'cert.pem': '', 'parley.toml': '' };
  return loadSettings(argv === '' ? [] : argv.split(' '), fakeWorld({ env, files }));
}

function places(argv: string, env: Record<string, string> = {}): string[] {
  const { config, problems } = load(argv, env);
  expect(problems).toEqual([]);
  return httpPlacesOf(config).map(formatListen);
}

describe('HTTP is spoken', () => {
  test('on 8081 of the same host, and on a socket beside the database', () => {
    expect(places('')).toEqual(['*:8081', 'unix:parley-data/parley.sock']);
    expect(places('--host 127.0.0.1 --http-port auto --data /d')).toEqual([
      '127.0.0.1:0',
      'unix:/d/parley.sock',
    ]);
    expect(places('--http-host ::1 --http-port 80 --memory')).toEqual(['[::1]:80']);
  });

  test('nowhere where it is off', () => {
    expect(places('--http-port off --memory')).toEqual([]);
    expect(places('--http-port 0 --http-socket off')).toEqual([]);
  });

  test('over TLS too, with the certificate of the chat', () => {
    expect(places('--https-port 443 --tls-cert cert.pem --memory')).toEqual(['*:8081', 'tls:*:443']);
    expect(load('--https-port 443').problems.map(({ message }) => message)).toEqual([
      'https-port, from --https-port: it needs a certificate. Give tls-cert (and tls-key).',
    ]);
  });

  test('on a socket in the directory that systemd gives, or where it is told', () => {
    const env = { RUNTIME_DIRECTORY: '/run/parley:/run/other' };
    expect(places('--memory', env)).toEqual(['*:8081', 'unix:/run/parley/parley.sock']);
    expect(places('--http-socket /run/x.sock', env)).toEqual(['*:8081', 'unix:/run/x.sock']);
    // One that does not fit into the kernel's hands is none, unless somebody asks for it.
    expect(places(`--data /${'d'.repeat(100)}`)).toEqual(['*:8081']);
  });

  test('not where the chat is', () => {
    expect(load('--port 8081').problems.map(({ message }) => message)).toEqual([
      'http-port, from default: *:8081 is there twice.',
    ]);
    expect(load('--port auto --http-port auto').problems).toEqual([]);
  });
});

test('a port may be off, and a free one auto', () => {
  const kind = portOrOff();
  for (const text of ['0', 'off', 'OFF']) expect(kind.parse(text)).toBeNull();
  for (const text of ['auto', 'Auto']) expect(kind.parse(text)).toBe(0);
  expect(kind.parse('-1')).toBeInstanceOf(Bad);
  fc.assert(fc.property(fc.option(fc.nat(65_535)), port => expect(kind.parse(kind.show(port))).toBe(port)));
});

describe('a name and its password', () => {
  test('stand with a colon between them; a password may have more of them', () => {
    expect(credentials().parse('root:a:b c')).toEqual({ name: 'root', password: 'a:b c' });
  });

  test('are not repeated where they are wrong', () => {
    for (const text of ['hunter2', ':hunter2', 'hunter2:']) {
      const bad = credentials().parse(text);
      expect(bad instanceof Bad ? bad.why : '').toBe('it is not NAME:PASSWORD');
    }
    expect(load('--oper hunter2').problems.join()).not.toContain('hunter2');
  });

  test('are not shown by parley config', async () => {
    for (const more of [[], ['--json']]) {
      const { out, code } = await runParley(['config', '--oper', 'root:hunter2', ...more]);
      expect([code, out.includes('(not shown)'), out.includes('hunter2')]).toEqual([0, true, false]);
    }
  });
});
