/** The compiled program installs itself below a directory, and is taken away again; and is made a package. */
import { afterAll, describe, expect, test } from 'bun:test';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { BINARY, remove, scratch } from '../helper/daemon.ts';

const home = scratch();
afterAll(() => remove(home));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(command: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  const child = Bun.spawn([...command], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, out, err };
}

const parley = (...args: string[]): Promise<Ran> => run([BINARY, ...args]);

function filesIn(root: string): string[] {
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => `/${relative(root, join(entry.parentPath, entry.name))}`)
    .sort();
}

const UNITS = new URL('../../systemd', import.meta.url).pathname;
const INSTALLED = [
  '/etc/parley/parley.toml',
  '/etc/systemd/system/parley-tls.socket',
  '/etc/systemd/system/parley.service',
  '/etc/systemd/system/parley.socket',
  '/usr/local/bin/parley',
  '/usr/local/share/bash-completion/completions/parley',
  '/usr/local/share/doc/parley/keep-connections.conf',
  '/usr/local/share/doc/parley/low-ports.conf',
  '/usr/local/share/doc/parley/notify-reload.conf',
  '/usr/local/share/doc/parley/private-network.conf',
  '/usr/local/share/fish/vendor_completions.d/parley.fish',
  '/usr/local/share/man/man1/parley.1',
  '/usr/local/share/parley/installed.json',
  '/usr/local/share/zsh/site-functions/_parley',
];

describe('parley install', () => {
  test('writes everything where it belongs, says so, and is gone again but for settings and data', async () => {
    const root = join(home, 'whole');
    mkdirSync(root);
    const dry = await parley('install', '--root', root, '--dry-run');
    expect(dry).toMatchObject({ code: 0, err: '' });
    expect(filesIn(root)).toEqual([]);
    const { code, out, err } = await parley('install', '--root', root);
    expect([code, err]).toEqual([0, '']);
    expect(filesIn(root)).toEqual(INSTALLED);
    // Every unit there is.
    const units = readdirSync(UNITS, { recursive: true, withFileTypes: true }).filter(
      entry => entry.isFile() && !entry.name.endsWith('.sh'),
    );
    for (const { name } of units)
      expect(
        INSTALLED.some(file => file.endsWith(`/${name}`)),
        name,
      ).toBe(true);
    for (const file of INSTALLED.filter(file => !file.endsWith('.json')))
      expect(out).toContain(join(root, file));
    expect(statSync(join(root, 'usr/local/bin/parley')).mode & 0o777).toBe(0o755);
    expect((await run([join(root, 'usr/local/bin/parley'), 'version'])).code).toBe(0);

    const gone = await parley('uninstall', '--root', root);
    expect(gone).toMatchObject({ code: 0, err: '' });
    expect(filesIn(root)).toEqual(['/etc/parley/parley.toml']);
    expect(gone.out).toContain(`kept       ${join(root, 'etc/parley/parley.toml')}`);
    expect((await parley('uninstall', '--root', root)).code).toBe(1);
  }, 60_000);

  test('keeps settings and units that somebody changed', async () => {
    const root = join(home, 'changed');
    await parley('install', '--root', root);
    const settings = join(root, 'etc/parley/parley.toml');
    const unit = join(root, 'etc/systemd/system/parley.service');
    writeFileSync(settings, 'port = 9000\n');
    writeFileSync(unit, '[Service]\n');
    const { out } = await parley('install', '--root', root);
    expect(readFileSync(settings, 'utf8')).toBe('port = 9000\n');
    expect(out).toContain(`kept       ${settings}`);
    expect(readFileSync(`${unit}.old`, 'utf8')).toBe('[Service]\n');
    expect(readFileSync(unit, 'utf8')).toContain('ExecStart=/usr/local/bin/parley ');
    writeFileSync(unit, '[Unit]\n');
    const gone = await parley('uninstall', '--root', root);
    expect(gone.out).toContain(`kept       ${unit}, which was changed`);
    expect(existsSync(unit)).toBe(true);
  }, 60_000);

  test('points the unit at another prefix', async () => {
    const root = join(home, 'opt');
    await parley('install', '--root', root, '--prefix', '/opt/parley');
    const unit = readFileSync(join(root, 'etc/systemd/system/parley.service'), 'utf8');
    expect(unit).toContain('ExecStart=/opt/parley/bin/parley ');
    expect(unit).not.toContain('/usr/local/bin/parley');
  }, 30_000);

  test('says of wrong use, and of a place that is not its own, what to do', async () => {
    expect(await parley('install', '--perfix', '/opt')).toMatchObject({
      code: 2,
      err: 'parley: --perfix: there is no such flag. Did you mean --prefix?\n',
    });
    expect((await parley('install', '--root', home, '--enable')).code).toBe(2);
    const locked = join(home, 'locked');
    mkdirSync(locked);
    chmodSync(locked, 0o555);
    chmodSync(home, 0o755);
    // Root may write anywhere.
    const nobody = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups'];
    const refused = await run([
      ...(process.getuid?.() === 0 ? nobody : []),
      BINARY,
      'install',
      '--root',
      locked,
    ]);
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('Run it as root (sudo)') });
    expect(filesIn(locked)).toEqual([]);
  });
});

describe('the package', () => {
  test('is built by one script, and has program, units, settings, man page and completions', async () => {
    const program = join(home, 'parley');
    await Bun.write(program, Bun.file(BINARY));
    chmodSync(program, 0o755);
    const built = await run(['sh', join(UNITS, 'deb.sh'), program], { DPKG_DEB_COMPRESSOR_TYPE: 'none' });
    expect(built).toMatchObject({ code: 0, err: '' });
    const deb = built.out.trim();
    const listed = (await run(['dpkg-deb', '-c', deb])).out;
    for (const file of [
      '-rw-r--r-- root/root .* ./etc/parley/parley.toml',
      '-rwxr-xr-x root/root .* ./usr/bin/parley',
      '-rw-r--r-- root/root .* ./usr/lib/systemd/system/parley.service',
      '-rw-r--r-- root/root .* ./usr/share/man/man1/parley.1.gz',
      '-rw-r--r-- root/root .* ./usr/share/bash-completion/completions/parley',
      '-rw-r--r-- root/root .* ./usr/share/zsh/vendor-completions/_parley',
      '-rw-r--r-- root/root .* ./usr/share/doc/parley/copyright',
    ])
      expect(listed).toMatch(new RegExp(`^${file}$`, 'm'));
    expect(listed).not.toContain('/usr/local');
    const info = (await run(['dpkg-deb', '-I', deb])).out;
    expect(info).toMatch(/^ Package: parley$/m);
    const root = join(home, 'unpacked');
    expect((await run(['dpkg-deb', '-x', deb, root])).code).toBe(0);
    expect(readFileSync(join(root, 'usr/lib/systemd/system/parley.service'), 'utf8')).toContain(
      'ExecStart=/usr/bin/parley ',
    );
    expect((await run([join(root, 'usr/bin/parley'), 'version'])).out).toMatch(/^parley \d/);
    expect((await run(['dpkg-deb', '-f', deb, 'Version'])).out).toMatch(/^\d[\d.~a-z]*-1$/m);
  }, 60_000);
});
