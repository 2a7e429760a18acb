/**
 * A store to be read as it is at one moment, whether a parley runs on it or not. While none does, the lock
 * keeps one from starting; while one does, SQLite shows what was committed when a query began. Nothing is left
 * behind in the directory: what root made there, a parley that is not root could not open.
 */
import { Database } from 'bun:sqlite';
import { chownSync, existsSync, rmSync, statSync } from 'node:fs';
import { Refusal, refusal } from '../../chat/errors.ts';
import { type Lock, takeLock } from './lock.ts';
import { inspectHeader, openForReading, storeFile } from './open.ts';
import { whyOf } from './trouble.ts';

export interface Still {
  readonly db: Database;
  readonly file: string;
  /** A parley is running on it. */
  readonly running: boolean;
  close(): void;
}

/** ms to wait for a parley that is just starting or stopping. */
const PATIENCE = 5000;

/** Throws `no-store`, `cannot-read`, or what opening refuses: `database-foreign`, `-newer` and `-corrupt`. */
export function openStill(dir: string): Still {
  const file = storeFile(dir);
  if (!inspectHeader(file)) throw refusal('no-store', dir);
  const lock = lockOf(dir);
  const shared = `${file}-shm`;
  const leaves = lock !== null && !existsSync(shared);
  try {
    const db = lock || !existsSync(`${file}-wal`) ? openForReading(file) : readBeside(file);
    return {
      db,
      file,
      running: lock === null,
      close: () => {
        db.close();
        if (leaves) rmSync(shared, { force: true });
        lock?.undo();
      },
    };
  } catch (error) {
    lock?.undo();
    if (error instanceof Refusal) throw error;
    throw refusal('cannot-read', file, whyOf(error));
  }
}

/** Gives files to whoever owns the directory that they are in: only root can, and only root needs to. */
export function giveToOwner(dir: string, files: readonly string[]): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dir);
  for (const file of files) if (existsSync(file)) chownSync(file, uid, gid);
}

/** Null where a parley has it, or where this user may not take it: then one may be running, too. */
function lockOf(dir: string): Lock | null {
  try {
    return takeLock(dir);
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

function readBeside(file: string): Database {
  const db = new Database(file, { readonly: true });
  db.run(`PRAGMA busy_timeout = ${PATIENCE}`);
  return db;
}
