import { expect, test } from 'bun:test';
import { loadSettings } from '../../src/config/load.ts';
import { fakeWorld } from '../helper/world.ts';

const CREDENTIALS_DIRECTORY = '/run/credentials/parley.service';

function load(argv: string, credentials: Record<string, string | Error>, files: Record<string, string> = {}) {
  const given = Object.fromEntries(
    Object.entries(credentials).map(([name, text]) => [`${CREDENTIALS_DIRECTORY}/${name}`, text]),
  );
  const world = fakeWorld({ env: { CREDENTIALS_DIRECTORY }, files: { ...given, ...files } });
  return loadSettings(argv === '' ? [] : argv.split(' '), world);
}

test('certificate and key are where systemd put them, the operator is what stands in the file', () => {
  const { config, origins, problems } = load('--tls-port auto', {
    'tls-cert': 'CERTIFICATE',
    'tls-key': 'KEY',
    oper: 'root:a: b\n',
  });
  expect(problems).toEqual([]);
  expect(config.tlsCert).toBe(`${CREDENTIALS_DIRECTORY}/tls-cert`);
  expect(config.tlsKey).toBe(`${CREDENTIALS_DIRECTORY}/tls-key`);
  expect(config.oper).toEqual({ name: 'root', password: 'a: b' });
  expect(origins.oper).toBe('the credential oper');
});

test('whatever else says something comes first; what nobody loads is none', () => {
  const files = { 'c.pem': '', 'parley.toml': 'oper = "file:secret"' };
  const { config } = load('--tls-cert c.pem', { 'tls-cert': 'CERTIFICATE', oper: 'root:secret' }, files);
  expect(config.tlsCert).toBe('c.pem');
  expect(config.oper?.name).toBe('file');
  expect(config.tlsKey).toBeNull();
});

test('one that is wrong or cannot be read is named, and a password in it is not repeated', () => {
  const wrong = load('', { oper: 'hunter2' }).problems.map(({ message }) => message);
  expect(wrong).toEqual([
    expect.stringMatching(/^oper, from the credential oper: it is not NAME:PASSWORD\./),
  ]);
  expect(wrong[0]).not.toContain('hunter2');
  const denied = new Error("EACCES: permission denied, open 'x'");
  expect(load('', { 'tls-cert': denied }).problems.map(({ message }) => message)).toEqual([
    `tls-cert, from the credential tls-cert: cannot read "${CREDENTIALS_DIRECTORY}/tls-cert": permission denied.`,
  ]);
});

test('another setting is no credential', () => {
  expect(load('', { port: '1' }).config.port).toBe(8080);
});
