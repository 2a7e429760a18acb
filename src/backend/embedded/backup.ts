/**
 * Copies of a store, out of a data directory and back into one. A copy is of one moment, is verified before it
 * has its name, and is on the disk when this says so.
 */
import type { Database } from 'bun:sqlite';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Refusal, refusal } from '../../chat/errors.ts';
import { checkFile, type StoreStats, statsOf } from './check.ts';
import { takeLock } from './lock.ts';
import { flush, inspectHeader, openForReading, storeFile } from './open.ts';
import { giveToOwner, openStill } from './still.ts';
import { whyOf } from './trouble.ts';

export interface Copied {
  readonly file: string;
  readonly stats: StoreStats;
  /** What was in the way, and is now under this name. */
  readonly aside: string | null;
}

export interface CopyOptions {
  /** Replace what is there. */
  readonly force: boolean;
  /** Is told what is about to be done, before each part that may take long. */
  tell(what: string): void;
}

/**
 * Copies the store of `dir` to `target`, also while a parley runs on it. Throws `no-store`, `file-exists`,
 * `cannot-read`, `cannot-write`, `copy-differs`, or what opening refuses.
 */
export function backUp(dir: string, target: string, { force, tell }: CopyOptions): Copied {
  const source = openStill(dir);
  try {
    refuseOverwriting(source.file, target, force);
    const draft = `${target}.part-${process.pid}`;
    return within(draft, target, () => {
      const stats = copy(source.db, source.file, draft, tell);
      renameSync(draft, target);
      flush(dirname(target));
      return { file: target, stats, aside: null };
    });
  } finally {
    source.close();
  }
}

/**
 * Makes a copy of `backup` the store of `dir`, on which no parley may run. `stamp` goes into the name of the
 * store that is moved aside. Throws `data-in-use`, `file-exists`, and what `backUp` does.
 */
export function restore(backup: string, dir: string, stamp: string, { force, tell }: CopyOptions): Copied {
  // What would keep it from being done is better known before a long look.
  if (existsSync(dir)) takeLock(dir).undo();
  tell(`looking whether ${backup} is sound`);
  inspectBackup(backup);
  makeDirectory(dir);
  const lock = takeLock(dir);
  const file = storeFile(dir);
  try {
    const there = existsSync(file) && statSync(file).size > 0;
    if (there && !force) throw refusal('file-exists', file, 'to move it aside and go on, --force');
    if (there && same(backup, file)) throw refusal('file-exists', file, 'it cannot be restored from itself');
    const draft = `${file}.new`;
    return within(draft, file, () => {
      const source = openForReading(backup);
      let stats: StoreStats;
      try {
        stats = copy(source, backup, draft, tell);
      } finally {
        source.close();
      }
      const aside = moveAside(file, stamp);
      renameSync(draft, file);
      flush(dir);
      giveToOwner(dir, [file, join(dir, 'parley.lock')]);
      lock.release();
      return { file, stats, aside };
    });
  } catch (error) {
    lock.undo();
    throw error;
  }
}

/** Writes `draft` from a source that may be written to meanwhile, and verifies it. */
function copy(source: Database, from: string, draft: string, tell: (what: string) => void): StoreStats {
  rmSync(draft, { force: true });
  const before = statsOf(source, from);
  if (!before) throw refusal('database-corrupt', from, 'it cannot be read');
  tell(`copying ${before.events} events, ${Math.ceil(before.bytes / 2 ** 20)} MB`);
  // Made here, so that nobody else can ever read it; SQLite fills a file that is empty.
  closeSync(openSync(draft, 'wx', 0o600));
  source.run('VACUUM INTO ?', [draft]);
  flush(draft);
  tell('verifying the copy');
  return verify(source, before, from, draft);
}

/**
 * Sound in itself, and nothing missing that the source had before and has still. A source that did not change
 * meanwhile has the very same.
 */
function verify(source: Database, before: StoreStats, from: string, draft: string): StoreStats {
  const { findings, stats } = checkFile(draft);
  const [finding] = findings;
  if (finding !== undefined || !stats) throw refusal('copy-differs', from, finding ?? 'it cannot be read');
  const upTo = Math.max(before.lastId, stats.lastId);
  const still = eventsUpTo(source, upTo);
  if (stats.events < still)
    throw refusal('copy-differs', from, `${stats.events} of ${still} events were copied`);
  const after = statsOf(source, from);
  if (after && counts(after) === counts(before) && counts(stats) !== counts(before))
    throw refusal('copy-differs', from, `${counts(stats)} in place of ${counts(before)}`);
  return stats;
}

function eventsUpTo(db: Database, id: number): number {
  const statement = db.prepare<{ count: number }, [number]>(
    'SELECT count(*) AS count FROM events WHERE id <= ?',
  );
  try {
    return statement.get(id)?.count ?? 0;
  } finally {
    statement.finalize();
  }
}

function counts({ events, lastId, rooms, accounts, waiting }: StoreStats): string {
  return `${events} events up to ${lastId}, ${rooms} rooms, ${accounts} accounts, ${waiting} waiting`;
}

/** Nothing stays of a draft that did not become `target`. */
function within(draft: string, target: string, work: () => Copied): Copied {
  try {
    return work();
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw refusal('cannot-write', target, reasonOf(error));
  } finally {
    for (const leftover of [draft, `${draft}-journal`]) rmSync(leftover, { force: true });
  }
}

/** `no such file or directory`; what SQLite says, as it says it. */
function reasonOf(error: unknown): string {
  return whyOf(error)
    .replace(/^E[A-Z0-9]+: /, '')
    .replace(/, \w+ '[^']*'( -> '[^']*')?$/, '');
}

function inspectBackup(backup: string): void {
  if (!inspectHeader(backup))
    throw refusal('cannot-read', backup, existsSync(backup) ? 'it is empty' : 'there is no such file');
  const [finding] = checkFile(backup).findings;
  if (finding !== undefined) throw refusal('database-corrupt', backup, finding);
}

function refuseOverwriting(store: string, target: string, force: boolean): void {
  if (!existsSync(target)) return;
  if (same(store, target))
    throw refusal('file-exists', target, 'it is the store itself. Choose another name');
  if (!statSync(target).isFile())
    throw refusal('file-exists', target, 'it is no ordinary file. Name one, in any directory');
  if (!force) throw refusal('file-exists', target, 'choose another name, or replace it with --force');
}

function same(one: string, other: string): boolean {
  const [a, b] = [statSync(one), statSync(other)];
  return a.dev === b.dev && a.ino === b.ino;
}

/** With what SQLite keeps beside it, whose names go with its own. Answers the new name; null where nothing was. */
function moveAside(file: string, stamp: string): string | null {
  const aside = `${file}.before-${stamp}`;
  let moved = false;
  for (const part of ['', '-wal', '-shm']) {
    if (!existsSync(`${file}${part}`)) continue;
    renameSync(`${file}${part}`, `${aside}${part}`);
    moved = true;
  }
  return moved ? aside : null;
}

function makeDirectory(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw refusal('data-not-writable', dir, whyOf(error));
  }
}
