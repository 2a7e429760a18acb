/**
 * `parley uninstall`: takes away what `parley install` wrote, by its manifest. Data, settings and files that
 * somebody changed stay, and are named.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineCommand } from 'citty';
import { readArguments } from './arguments.ts';
import { complain, EXIT, print } from './edge.ts';
import { digestOf, refuseUnwritable, remove } from './install/files.ts';
import { readManifest } from './install/manifest.ts';
import { manifestOf, SETTINGS_FILE } from './install/pieces.ts';
import { hasSystemd, systemctl } from './install/systemctl.ts';
import { placeOf } from './install.ts';
import { misused, orRefused, UNIT_DATA } from './store.ts';

const UNITS = ['parley.service', 'parley.socket', 'parley-tls.socket'];

export default defineCommand({
  meta: { name: 'uninstall' },
  async run({ rawArgs }) {
    const read = readArguments('uninstall', rawArgs);
    if ('length' in read) return misused(read);
    const { prefix, root, dry } = placeOf(read);
    const manifest = join(root, manifestOf(prefix));
    return await orRefused(async () => {
      const written = readManifest(manifest);
      if (!written) {
        complain(
          `nothing is installed in ${join(root, prefix)}: there is no ${manifest}. Name where: --prefix DIR; a package is removed with apt remove parley`,
        );
        return EXIT.failed;
      }
      const files = Object.entries(written.files).map(([path, held]) => ({ path: join(root, path), held }));
      if (!dry) {
        for (const { path } of files) refuseUnwritable(path, 'Run it as root (sudo)');
        if (root === '/' && hasSystemd()) await systemctl(['disable', '--now', ...UNITS]);
      }
      const did = files.map(({ path, held }) => takeAway(path, held, dry));
      if (!dry) {
        remove(manifest);
        if (root === '/' && hasSystemd()) await systemctl(['daemon-reload']);
      }
      const kept = [SETTINGS_FILE, UNIT_DATA].map(path => join(root, path)).filter(path => existsSync(path));
      await print([...did, ...kept.map(path => `kept       ${path}`), ''].join('\n'));
      return EXIT.ok;
    });
  },
});

function takeAway(path: string, held: string, dry: boolean): string {
  const there = digestOf(path);
  if (there === null) return `is gone    ${path}`;
  if (there !== held) return `kept       ${path}, which was changed`;
  if (dry) return `would take away ${path}`;
  remove(path);
  return `took away  ${path}`;
}
