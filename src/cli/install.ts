/**
 * `parley install`: this program, its units, a parley.toml with every setting explained, man page and
 * completions, each where a machine looks for it. Says what it did and what to do next; what was written is noted
 * in a manifest, by which `parley uninstall` takes it away.
 */
import { existsSync, readFileSync, realpathSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineCommand } from 'citty';
import { VERSION } from '../version.ts';
import { readArguments } from './arguments.ts';
import { EXIT, print } from './edge.ts';
import { digest, digestOf, refuseUnwritable, write } from './install/files.ts';
import { type Manifest, readManifest } from './install/manifest.ts';
import {
  manifestOf,
  type Piece,
  piecesFor,
  programOf,
  SETTINGS_FILE,
  settingsPiece,
} from './install/pieces.ts';
import { systemctl } from './install/systemctl.ts';
import type { Line } from './operator-line.ts';
import { misused, orRefused } from './store.ts';

/** Where a compiled program finds itself. */
const COMPILED = '/$bunfs/';

/** Reloading has a parley that runs go on as the new program, with its connections. */
const STARTING = [
  ['daemon-reload'],
  ['enable', 'parley.service'],
  ['reload-or-restart', 'parley.service'],
] as const;

export interface Place {
  readonly prefix: string;
  /** What stands in for `/`. */
  readonly root: string;
  readonly dry: boolean;
}

export default defineCommand({
  meta: { name: 'install' },
  async run({ rawArgs }) {
    const read = readArguments('install', rawArgs);
    if ('length' in read) return misused(read);
    const place = placeOf(read);
    const enable = read.flags.has('enable');
    if (enable && place.root !== '/') return misused(['--enable is about this machine: leave out --root']);
    if (!Bun.main.startsWith(COMPILED))
      return misused(['only the compiled program can be installed: npm run build, then dist/parley install']);
    return await orRefused(() => install(place, enable));
  },
});

export function placeOf({ flags }: Line): Place {
  return {
    prefix: resolve('/', flags.get('prefix')?.[0] ?? '/usr/local'),
    root: resolve(flags.get('root')?.[0] ?? '/'),
    dry: flags.has('dry-run'),
  };
}

async function install(place: Place, enable: boolean): Promise<number> {
  const { prefix, root, dry } = place;
  const pieces = piecesFor(prefix);
  const manifest = join(root, manifestOf(prefix));
  const advice = 'Run it as root (sudo), or below a directory of yours: --root DIR';
  if (!dry)
    for (const path of [...pieces.map(piece => join(root, piece.path)), join(root, SETTINGS_FILE), manifest])
      refuseUnwritable(path, advice);
  const before = readManifest(manifest);
  const did: string[] = [];
  const files: Record<string, string> = {};
  for (const piece of pieces) {
    const { what, holds } = put(piece, place, before?.files[piece.path]);
    did.push(what);
    files[piece.path] = holds;
  }
  const settings = settingsPiece();
  did.push(putSettings(settings, place, before));
  const now: Manifest = { version: VERSION, files, settings: digest(settings.text ?? '') };
  if (!dry) write(manifest, { mode: 0o644, text: `${JSON.stringify(now, null, 2)}\n` });
  await print(`${did.join('\n')}\n`);
  if (dry) return EXIT.ok;
  const done = enable ? await systemctl(...STARTING) : EXIT.ok;
  await print(nextSteps(place, enable));
  return done;
}

/** Writes a piece; a file that somebody changed is kept under another name. */
function put(piece: Piece, { root, dry }: Place, wrote: string | undefined): { what: string; holds: string } {
  const path = join(root, piece.path);
  const holds = piece.text === null ? digest(readFileSync(process.execPath)) : digest(piece.text);
  const there = digestOf(path);
  if (there === holds) return { what: `is there   ${path}`, holds };
  const isProgram = piece.text === null;
  const changed = there !== null && wrote !== undefined && there !== wrote && !isProgram;
  if (!dry) {
    if (changed) renameSync(path, `${path}.old`);
    if (!(isProgram && existsSync(path) && realpathSync(path) === realpathSync(process.execPath)))
      write(path, piece);
  }
  const note = changed ? ` (it was changed: that one is ${path}.old)` : '';
  return { what: `${dry ? 'would write' : 'wrote     '} ${path}${note}`, holds };
}

/** Settings are never written over, unless they are as an earlier install left them. */
function putSettings(piece: Piece, { root, dry }: Place, before: Manifest | null): string {
  const path = join(root, piece.path);
  const there = digestOf(path);
  if (there === digest(piece.text ?? '')) return `is there   ${path}`;
  if (there !== null && there !== before?.settings) return `kept       ${path}, which holds your settings`;
  if (!dry) write(path, piece);
  return `${dry ? 'would write' : 'wrote     '} ${path}`;
}

function nextSteps({ prefix, root }: Place, enabled: boolean): string {
  if (root !== '/') return '';
  const program = programOf(prefix);
  const start = STARTING.map(words => `systemctl ${words.join(' ')}`).join(' && ');
  return `
Next:
${enabled ? '' : `  ${start}\n`}\
  Settings: ${SETTINGS_FILE}, each explained; then ${program} check
  A certificate: /etc/credstore/parley.tls-cert and parley.tls-key (PEM), with tls-port set
  An operator: ${program} user promote NAME, or /etc/credstore/parley.oper with NAME:PASSWORD in it
  Ports below 1024, a sandbox without a network: the drop-ins in ${join(prefix, 'share/doc/parley')}
  To have it gone: ${program} uninstall
`;
}
