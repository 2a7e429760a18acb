/** The data directory: whether it can be written, who else can read it, room on its disk, and the store in it. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Refusal } from '../../chat/errors.ts';
import { reasonOf } from '../../config/world.ts';
import type { Config } from '../../config.ts';
import { summaryOf } from '../store.ts';
import { size } from '../table.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

const MIB = 1024 * 1024;
/** Free bytes below which parley will soon keep nothing, and below which somebody should look. */
const LEAST_FREE = 32 * MIB;
const LITTLE_FREE = 512 * MIB;
const OTHERS = 0o077;

export async function checkData({ memory }: Config, data: string): Promise<Finding[]> {
  if (memory)
    return [warning('data', 'nothing is kept: a restart forgets it all. To keep it, leave out --memory')];
  const folder = resolve(data);
  // A directory that is not there yet will be made in the nearest one that is.
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const why = notWritable(nearest);
  if (why)
    return [
      wrong('data', `${nearest}: ${why}. Make it writable to this user, or choose another: --data DIR`),
    ];
  if (nearest !== folder) return [ok('data', `${folder} will be made`), checkDisk(nearest, 0)];
  const { storeFile } = await import('../../backend/embedded/open.ts');
  const file = storeFile(folder);
  const bytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  const open = [folder, file].filter(isOpen);
  return [
    open.length === 0
      ? ok('data', `${folder} is writable`)
      : warning('data', `other users can look into ${open.join(' and ')}. chmod go= ${open.join(' ')}`),
    checkDisk(folder, bytes),
    ...(await checkDatabase(folder, file)),
  ];
}

/** Why no file can be made in a directory, or null. */
export function notWritable(folder: string): string | null {
  try {
    if (!statSync(folder).isDirectory()) return 'not a directory';
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

/** `bytes`: of the store, which a backup or a new version may want once more. */
function checkDisk(folder: string, bytes: number): Finding {
  const { bavail, bsize } = statfsSync(folder);
  return judgeSpace(folder, bavail * bsize, bytes);
}

export function judgeSpace(folder: string, free: number, bytes: number): Finding {
  const about = 'disk';
  const text = `${size(free)} free where ${folder} is`;
  const cure = 'Make room, or bound the history: --history-age, --history-bytes';
  if (free < LEAST_FREE) return wrong(about, `${text}: soon nothing can be kept. ${cure}`);
  if (free < Math.max(LITTLE_FREE, bytes)) return warning(about, `${text}, which is little. ${cure}`);
  return ok(about, text);
}

async function checkDatabase(folder: string, file: string): Promise<Finding[]> {
  const about = 'database';
  if (!existsSync(file)) return [ok(about, 'will be made')];
  // Loaded here, so that the other commands need not wait for SQLite.
  const { checkStore } = await import('../../backend/embedded/check.ts');
  try {
    const { findings, stats } = checkStore(folder);
    const advice = `Copy ${file} away, then restore a backup or try: sqlite3 ${file} .recover`;
    if (findings.length > 0) return findings.map(finding => wrong(about, `${finding}. ${advice}`));
    return [ok(about, stats ? `sound: ${summaryOf(stats)}` : 'sound')];
  } catch (error) {
    if (error instanceof Refusal) return [wrong(about, error.message)];
    throw error;
  }
}

function isOpen(path: string): boolean {
  return ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & OTHERS) !== 0;
}
