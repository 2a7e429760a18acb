/** Files as install and uninstall handle them: told apart by what is in them, and replaced whole. */
import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { refusal } from '../../chat/errors.ts';
import { reasonOf } from '../../config/world.ts';
import type { Piece } from './pieces.ts';

/** What a file holds, as one word; null where there is none. */
export function digestOf(path: string): string | null {
  return existsSync(path) ? digest(readFileSync(path)) : null;
}

export function digest(content: string | Uint8Array): string {
  return new Bun.CryptoHasher('sha256').update(content).digest('hex');
}

/** Throws `cannot-write` where this user may not write there, before anything was written. */
export function refuseUnwritable(path: string, advice: string): void {
  let nearest = dirname(path);
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw refusal('cannot-write', path, `${reasonOf(error)}. ${advice}`);
  }
}

/** Under its name it is always whole, and a program that is running is not written into. */
export function write(path: string, { mode, text }: Pick<Piece, 'mode' | 'text'>): void {
  const draft = `${path}.new~`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    if (text === null) copyFileSync(process.execPath, draft);
    else writeFileSync(draft, text);
    chmodSync(draft, mode);
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw refusal('cannot-write', path, reasonOf(error));
  }
}

/** With directories of our own that are empty then. */
export function remove(path: string): void {
  rmSync(path, { force: true });
  for (let folder = dirname(path); folder.endsWith('/parley'); folder = dirname(folder)) {
    try {
      rmdirSync(folder);
    } catch {
      // Something else is in it.
      return;
    }
  }
}
