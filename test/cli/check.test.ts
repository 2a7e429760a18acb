import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCertificate } from '../../src/cli/check/certificate.ts';
import { loadWithCredentials } from '../../src/cli/check/credentials.ts';
import { judgeSpace } from '../../src/cli/check/store.ts';
import { runParley, startParley } from '../helper/run-parley.ts';
import { fakeWorld } from '../helper/world.ts';

const DAY = 86_400_000;
const cwd = mkdtempSync(join(tmpdir(), 'parley-check-'));
const cert = join(cwd, 'cert.pem');
const key = join(cwd, 'key.pem');
const otherKey = join(cwd, 'other.pem');

beforeAll(() => {
  const make = (args: string[]) => {
    const { exitCode, stderr } = Bun.spawnSync(['openssl', ...args], {
      cwd,
      stdout: 'ignore',
      stderr: 'pipe',
    });
    if (exitCode !== 0) throw new Error(stderr.toString());
  };
  make(
    'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost -keyout key.pem -out cert.pem'.split(
      ' ',
    ),
  );
  make('genpkey -algorithm ec -pkeyopt ec_paramgen_curve:prime256v1 -out other.pem'.split(' '));
});
afterAll(() => rmSync(cwd, { recursive: true }));

describe('parley check', () => {
  test('finds nothing wrong with settings that work, and makes nothing', async () => {
    const { code, out, err } = await runParley(
      ['check', '--http-port', 'off', '--port', 'auto', '--connections', '10'],
      { cwd },
    );
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').filter(line => !line.startsWith('ok '))).toEqual(['']);
    expect(out).toContain(`data: ${join(cwd, 'parley-data')} will be made`);
    expect(readdirSync(cwd)).not.toContain('parley-data');
  });

  test('names every wrong setting', async () => {
    const { code, out } = await runParley(['check', '--port', 'x', '--sync', 'x'], { cwd });
    expect(code).toBe(1);
    expect(out.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^wrong {4}settings: port, from --port: /),
      expect.stringMatching(/^wrong {4}settings: sync, from --sync: /),
    ]);
  });

  test('says of a port in use what to do', async () => {
    const taken = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
    const { code, out } = await runParley(
      ['check', '--http-port', 'off', '--host', '127.0.0.1', '--port', `${taken.port}`],
      {
        cwd,
      },
    );
    taken.stop(true);
    expect(code).toBe(1);
    expect(out).toContain(`wrong    127.0.0.1:${taken.port}: 127.0.0.1:${taken.port} is in use`);
  });

  test('says of an address that is not of this machine what to do', async () => {
    const { code, out } = await runParley(
      ['check', '--http-port', 'off', '--host', '192.0.2.1', '--port', '9'],
      { cwd },
    );
    expect(code).toBe(1);
    expect(out).toMatch(/^wrong {4}192\.0\.2\.1:9: cannot listen on .* --host$/m);
  });

  test('says of a data directory that cannot be one what to do', async () => {
    writeFileSync(join(cwd, 'file'), '');
    const { code, out } = await runParley(['check', '--http-port', 'off', '--port', '0', '--data', 'file'], {
      cwd,
    });
    expect(code).toBe(1);
    expect(out).toContain(`wrong    data: ${join(cwd, 'file')}: not a directory. `);
  });

  test('looks into the database, and does not touch one that is not sound', async () => {
    const data = join(cwd, 'store');
    const { child } = await startParley(['--host', '127.0.0.1', '--port', '0', '--data', data]);
    // Also while a parley runs on it.
    const running = await runParley(['check', '--http-port', 'off', '--port', '0', '--data', data]);
    expect(running.out).toMatch(/^ok {7}database: sound: 0 events up to #0, 0 rooms, 0 accounts, /m);
    child.kill('SIGTERM');
    await child.exited;
    const file = join(data, 'parley.db');
    writeFileSync(file, 'not a database, but what is it?');
    const { code, out } = await runParley(['check', '--http-port', 'off', '--port', '0', '--data', data]);
    expect(code).toBe(1);
    expect(out).toMatch(/^wrong {4}database: .* is not a parley database\. It was not touched\./m);
    expect(await Bun.file(file).text()).toBe('not a database, but what is it?');
  });

  test('says of the path of a unix socket what is in its way', async () => {
    writeFileSync(join(cwd, 'plain'), '');
    const { code, out } = await runParley(
      ['check', '--http-port', 'off', '--listen', 'unix:plain,unix:no/where,unix:sock', '--memory'],
      { cwd },
    );
    expect(code).toBe(1);
    expect(out).toContain('wrong    unix:plain: cannot listen on unix:plain: a file of that name exists.');
    expect(out).toContain('wrong    unix:no/where: ');
    expect(out).toContain('ok       unix:sock: can be made');
  });

  test('warns where nothing is kept, and where the files of this user do not suffice', async () => {
    const { code, out } = await runParley(
      ['check', '--http-port', 'off', '--port', '0', '--memory', '--connections', '1000000'],
      {
        cwd,
      },
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^warning {2}data: nothing is kept/m);
    expect(out).toMatch(/^warning {2}open files: .* Raise it .*--connections$/m);
  });

  test('looks at the certificate, and warns where no listener uses it', async () => {
    const { code, out } = await runParley(
      ['check', '--http-port', 'off', '--port', '0', '--tls-cert', cert, '--tls-key', key],
      {
        cwd,
      },
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {7}certificate: .* is valid from \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d$/m);
    expect(out).toContain('warning  certificate: no listener uses it.');
    const same = await runParley(
      ['check', '--http-port', 'off', '--port', '0', '--tls-port', '0', '--tls-cert', cert],
      { cwd },
    );
    expect(same.code).toBe(1);
    expect(same.out).toMatch(/^wrong {4}certificate: .* has no private key in PEM in it$/m);
  });
});

describe('beside a parley that runs', () => {
  const data = join(cwd, 'running');
  const settings = (port: number) => [
    '--host',
    '127.0.0.1',
    '--port',
    `${port}`,
    '--http-port',
    'off',
    '--data',
    data,
  ];

  test('knows what is its own, and what is not', async () => {
    const { child, ready } = await startParley(settings(0));
    const port = Number(/:(\d+)/.exec(ready)?.[1]);
    const own = await runParley(['check', ...settings(port)]);
    expect(own.code).toBe(0);
    expect(own.out).toContain(
      `ok       running: parley (process ${child.pid}) answers on ${data}/parley.sock and is ready\n`,
    );
    expect(own.out).toContain(`ok       127.0.0.1:${port}: held by the running parley\n`);
    expect(own.out).toContain(`ok       unix:${data}/parley.sock: held by the running parley\n`);

    const taken = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } });
    const other = await runParley(['check', ...settings(taken.port)]);
    taken.stop(true);
    expect(other.code).toBe(1);
    expect(other.out).toMatch(new RegExp(`^wrong .* It is held by process ${process.pid} \\(bun`, 'm'));
    child.kill('SIGTERM');
    await child.exited;
    expect((await runParley(['check', ...settings(0)])).out).toContain(
      'running: no parley runs on these settings',
    );
  }, 20_000);

  test('gives programs the same', async () => {
    const { out, code } = await runParley(['check', ...settings(0), '--json', '--memory']);
    expect(code).toBe(0);
    const report = JSON.parse(out);
    expect(report.ok).toBe(true);
    expect(report.findings).toContainEqual({
      grade: 'warning',
      about: 'data',
      text: expect.stringContaining('nothing is kept'),
    });
  });
});

describe('the credentials of the unit', () => {
  const toml = { '/etc/parley/parley.toml': 'tls-port = 8443' };
  const files = { '/store/parley.tls-cert': 'x', '/store/parley.tls-key': 'x' };

  test('are looked at where the settings are those of the machine', () => {
    const world = fakeWorld({ files: { ...toml, ...files } });
    const here = loadWithCredentials([], world, '/store', path => path in files);
    expect(here.problems).toEqual([]);
    expect(here.config).toMatchObject({
      tlsCert: '/store/parley.tls-cert',
      tlsKey: '/store/parley.tls-key',
    });
    const none = loadWithCredentials([], world, '/elsewhere', path => path in files);
    expect(none.problems).toHaveLength(1);
  });

  test('are nothing to settings of one’s own', () => {
    const world = fakeWorld({ files: { 'parley.toml': '', ...files } });
    expect(loadWithCredentials([], world, '/store', () => true).config.tlsCert).toBeNull();
  });
});

describe('what others can read', () => {
  test('is worth a warning where it is a key or the data', async () => {
    const data = join(cwd, 'open');
    mkdirSync(data, { mode: 0o755 });
    chmodSync(key, 0o644);
    const { code, out } = await runParley(
      ['check', '--http-port', 'off', '--port', '0', '--tls-port', '0', '--data', data].concat(
        '--tls-cert',
        cert,
        '--tls-key',
        key,
      ),
    );
    chmodSync(key, 0o600);
    expect(code).toBe(0);
    expect(out).toContain(
      `warning  certificate: everyone on this machine can read the key. chmod 600 ${key}\n`,
    );
    expect(out).toContain(`warning  data: other users can look into ${data}. chmod go= ${data}\n`);
  });

  test('is a password on the command line', async () => {
    const { out } = await runParley([
      'check',
      '--http-port',
      'off',
      '--port',
      '0',
      '--memory',
      '--oper',
      'a:b-c-d-e-f',
    ]);
    expect(out).toMatch(/^warning {2}settings: a password on the command line/m);
    expect(out).not.toContain('b-c-d-e-f');
  });
});

test('room on the disk is enough, little or none', () => {
  const GIB = 1024 ** 3;
  expect(judgeSpace('/data', 10 * GIB, GIB).grade).toBe('ok');
  expect(judgeSpace('/data', 10 * GIB, 20 * GIB).grade).toBe('warning');
  expect(judgeSpace('/data', GIB / 4, 0).grade).toBe('warning');
  expect(judgeSpace('/data', GIB / 100, 0)).toMatchObject({
    grade: 'wrong',
    text: '10.2 MB free where /data is: soon nothing can be kept. Make room, or bound the history: --history-age, --history-bytes',
  });
});

describe('a certificate', () => {
  const now = Date.now();
  const look = (keyFile: string, at: number) => checkCertificate(cert, keyFile, at);

  test('is right while it runs, and worth a warning towards its end', async () => {
    expect((await look(key, now + DAY)).grade).toBe('ok');
    expect((await look(key, now + 20 * DAY)).grade).toBe('warning');
  });

  test('is wrong before and after its time, and with the key of another', async () => {
    const wrong = async (keyFile: string, at: number) => {
      const { grade, text } = await look(keyFile, at);
      expect(grade).toBe('wrong');
      return text;
    };
    expect(await wrong(key, now - 2 * DAY)).toContain('is not valid before');
    expect(await wrong(key, now + 40 * DAY)).toContain('expired on');
    expect(await wrong(otherKey, now)).toContain('is not the key of');
  });
});
