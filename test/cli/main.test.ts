import { afterAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package.json';
import { COMMANDS } from '../../src/cli/commands.ts';
import { KEYS } from '../../src/config.ts';
import { runParley } from '../helper/run-parley.ts';

const cwd = mkdtempSync(join(tmpdir(), 'parley-cli-'));
afterAll(() => rmSync(cwd, { recursive: true }));

describe('a wrong setting stops the start with one line and exit code 2', () => {
  const cases: readonly (readonly [string, readonly string[], Record<string, string>, string])[] = [
    ['a flag', ['--port', 'http'], {}, 'port, from --port: "http" is not a port. Allowed: '],
    [
      'a variable',
      [],
      { PARLEY_LINE_BYTES: '12' },
      'line-bytes, from PARLEY_LINE_BYTES: "12" is less than 512. Allowed: ',
    ],
    [
      'a line of the file',
      ['--config', 'bad.toml'],
      {},
      'welcome, from bad.toml:2: it is longer than 400 bytes. Allowed: ',
    ],
    [
      'an unknown flag',
      ['--prot', '1'],
      {},
      '--prot, from the command line: there is no such setting. Did you mean --port?',
    ],
    [
      'an unknown variable',
      [],
      { PARLEY_PROT: '1' },
      'PARLEY_PROT, from the environment: there is no such setting. Did you mean PARLEY_PORT?',
    ],
    ['a missing file', ['--config', 'none.toml'], {}, 'config, from --config: there is no file "none.toml".'],
    [
      'a combination',
      ['serve', '--tls-port', '1'],
      {},
      'tls-port, from --tls-port: tls:*:1 needs a certificate.',
    ],
  ];
  test.each(cases)('%s', async (_, argv, env, message) => {
    await Bun.write(join(cwd, 'bad.toml'), `# long\nwelcome = "${'x'.repeat(401)}"\n`);
    const { code, out, err } = await runParley(argv, { cwd, env });
    expect(code).toBe(2);
    expect(out).toBe('');
    expect(err).toMatch(/^\S+ error [^\n]* code=bad-setting\n$/);
    expect(err).toContain(message);
  });

  test('in the format of the log that was asked for', async () => {
    const { err } = await runParley(['--log-format', 'json', '--port', 'x']);
    expect(JSON.parse(err)).toMatchObject({ level: 'error', code: 'bad-setting' });
  });
});

test('an unknown command is answered with the nearest one and exit code 2', async () => {
  expect(await runParley(['srve'])).toEqual({
    code: 2,
    out: '',
    err: 'parley: "srve" is not a command. Did you mean: parley serve?\n',
  });
  const far = await runParley(['frobnicate']);
  expect(far).toMatchObject({
    code: 2,
    err: 'parley: "frobnicate" is not a command. All of them: parley --help\n',
  });
});

test.each([['version'], ['--version'], ['-V']])('%s shows the version', async argument => {
  expect(await runParley([argument])).toEqual({ code: 0, out: `parley ${version}\n`, err: '' });
});

describe('help', () => {
  test('of parley names every command', async () => {
    const { code, out, err } = await runParley(['--help']);
    expect([code, err]).toEqual([0, '']);
    for (const [name, { hidden }] of Object.entries(COMMANDS))
      expect([name, out.includes(`parley ${name}`)]).toEqual([name, hidden !== true]);
    expect(out).toContain('--port PORT');
    expect(out).not.toContain('\x1b');
  });

  test.each(['serve', 'check', 'config'])('of parley %s names every setting', async command => {
    const { code, out, err } = await runParley([command, '-h']);
    expect([code, err]).toEqual([0, '']);
    for (const key of KEYS) expect(out).toContain(`--${key} `);
  });
});

describe('parley config', () => {
  test('shows each value as it would be written, and where it came from', async () => {
    await Bun.write(join(cwd, 'parley.toml'), 'line-rate = 7\n');
    const { code, out, err } = await runParley(['config', '-p', '9000'], {
      cwd,
      env: { PARLEY_SYNC: 'full' },
    });
    await Bun.file(join(cwd, 'parley.toml')).delete();
    expect([code, err]).toEqual([0, '']);
    const rows = new Map(
      out
        .trimEnd()
        .split('\n')
        .map(row => [row.split(/ +/)[0], row.replace(/ +/g, ' ').trim()]),
    );
    expect([...rows.keys()]).toEqual([...KEYS]);
    expect(rows.get('port')).toBe('port 9000 -p');
    expect(rows.get('sync')).toBe('sync full PARLEY_SYNC');
    expect(rows.get('line-rate')).toBe('line-rate 7 parley.toml:1');
    expect(rows.get('outbox-soft')).toBe('outbox-soft 256K default');
    expect(rows.get('config')).toBe('config parley.toml found');
  });

  test('with --json gives bytes and milliseconds', async () => {
    const { code, out } = await runParley(['config', '--json', '--limits', 'off']);
    const shown = JSON.parse(out) as Record<string, unknown>;
    expect(code).toBe(0);
    expect(Object.keys(shown)).toEqual([...KEYS]);
    expect(shown['drain-timeout']).toEqual({ value: 5000, from: 'default' });
    expect(shown['line-rate']).toEqual({ value: 0, from: 'limits = off' });
  });

  test('names every wrong setting and shows nothing', async () => {
    const { code, out, err } = await runParley(['config', '--port', 'x', '--sync', 'x']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^parley: port, from --port: [^\n]*\nparley: sync, from --sync: [^\n]*\n$/);
  });
});
