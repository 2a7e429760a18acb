import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkCertificate } from '../../src/cli/check.ts';
import { runParley } from '../helper/run-parley.ts';

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
    const { code, out, err } = await runParley(['check', '--port', 'auto', '--connections', '10'], { cwd });
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').filter(line => !line.startsWith('ok '))).toEqual(['']);
    expect(out).toContain(`data: ${join(cwd, 'parley-data')} will be made`);
    expect(await runParley(['check', '--port', 'auto', '--connections', '10'], { cwd })).toMatchObject({
      out,
    });
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
    const { code, out } = await runParley(['check', '--host', '127.0.0.1', '--port', `${taken.port}`], {
      cwd,
    });
    taken.stop(true);
    expect(code).toBe(1);
    expect(out).toContain(`wrong    127.0.0.1:${taken.port}: in use`);
  });

  test('says of an address that is not of this machine what to do', async () => {
    const { code, out } = await runParley(['check', '--host', '192.0.2.1', '--port', '9'], { cwd });
    expect(code).toBe(1);
    expect(out).toMatch(/^wrong {4}192\.0\.2\.1:9: cannot be listened on .* --host$/m);
  });

  test('says of a data directory that cannot be one what to do', async () => {
    writeFileSync(join(cwd, 'file'), '');
    const { code, out } = await runParley(['check', '--port', '0', '--data', 'file'], { cwd });
    expect(code).toBe(1);
    expect(out).toContain(`wrong    data: ${join(cwd, 'file')}: not a directory. `);
  });

  test('warns where nothing is kept, and where the files of this user do not suffice', async () => {
    const { code, out } = await runParley(['check', '--port', '0', '--memory', '--connections', '1000000'], {
      cwd,
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^warning {2}data: nothing is kept/m);
    expect(out).toMatch(/^warning {2}open files: .* Raise it/m);
  });

  test('looks at the certificate, and warns where no listener uses it', async () => {
    const { code, out } = await runParley(['check', '--port', '0', '--tls-cert', cert, '--tls-key', key], {
      cwd,
    });
    expect(code).toBe(0);
    expect(out).toMatch(/^ok {7}certificate: .* is valid \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d$/m);
    expect(out).toContain('warning  certificate: no listener uses it.');
    const same = await runParley(['check', '--port', '0', '--tls-port', '0', '--tls-cert', cert], { cwd });
    expect(same.code).toBe(1);
    expect(same.out).toMatch(/^wrong {4}certificate: .* are no certificate and key in PEM/m);
  });
});

describe('a certificate', () => {
  const now = Date.now();
  const grade = (keyFile: string, at: number) => checkCertificate(cert, keyFile, at)[0];

  test('is right while it runs, and worth a warning towards its end', () => {
    expect(grade(key, now + DAY)?.grade).toBe('ok');
    expect(grade(key, now + 20 * DAY)?.grade).toBe('warning');
  });

  test('is wrong before and after its time, and with the key of another', () => {
    expect(grade(key, now - 2 * DAY)?.text).toContain('is not valid yet');
    expect(grade(key, now + 40 * DAY)?.text).toContain('has run out');
    expect(grade(otherKey, now)?.text).toContain('is not that of');
  });
});
