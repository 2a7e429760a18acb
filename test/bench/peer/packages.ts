/** The peers as Debian packages them: found, or said to be missing, or installed where that is asked for. */
import { existsSync } from 'node:fs';

/** Programs, where Debian puts them, and the packages they are in. */
export const INSPIRCD = '/usr/sbin/inspircd';
export const NGIRCD = '/usr/sbin/ngircd';
const WANTED = [
  { program: INSPIRCD, name: 'inspircd' },
  { program: NGIRCD, name: 'ngircd' },
] as const;

function missing(): string[] {
  return WANTED.filter(({ program }) => !existsSync(program)).map(({ name }) => name);
}

/** Ends the process, saying what to do, where a peer is missing and cannot be or was not to be installed. */
export function needPackages(install: boolean): void {
  const wanted = missing();
  if (wanted.length === 0) return;
  if (!install) {
    const command = `apt-get install --no-install-recommends ${wanted.join(' ')}`;
    process.stderr.write(`Missing: ${wanted.join(', ')}. To install: --install, or as root: ${command}\n`);
    process.exit(2);
  }
  const root = process.getuid?.() === 0 ? [] : ['sudo'];
  run([...root, 'apt-get', 'update', '-qq']);
  run([...root, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...wanted]);
  // Nobody asked for these daemons to run by themselves.
  if (existsSync('/run/systemd/system')) run([...root, 'systemctl', 'disable', '--now', ...wanted]);
  const still = missing();
  if (still.length === 0) return;
  process.stderr.write(`apt-get did not install ${still.join(', ')}.\n`);
  process.exit(2);
}

/** Version of an installed package, as Debian numbers it. */
export function versionOf(name: string): string {
  const { stdout } = Bun.spawnSync(['dpkg-query', '--show', name]);
  return stdout.toString().trim().split('\t')[1] ?? 'unknown';
}

function run(command: readonly string[]): void {
  Bun.spawnSync([...command], {
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
}
