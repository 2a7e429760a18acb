/**
 * One parley a data directory: an exclusive SQLite lock on an empty file beside the database. The system
 * lets go of it when the process ends, however it ends.
 */
import { Database } from 'bun:sqlite';
import { closeSync, existsSync, openSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { refusal } from '../../chat/errors.ts';
import { troubleOf, whyOf } from './trouble.ts';

export interface Lock {
  release(): void;
  /** Releases, and takes away what taking the lock left in the directory. */
  undo(): void;
}

/** Throws `data-in-use` or `data-not-writable`. */
export function takeLock(dir: string): Lock {
  const file = join(dir, 'parley.lock');
  const existed = existsSync(file);
  let db: Database | null = null;
  try {
    if (!existed) closeSync(openSync(file, 'a', 0o600));
    const held = new Database(file, { readwrite: true, create: false });
    db = held;
    held.run('PRAGMA busy_timeout = 0');
    held.run('PRAGMA journal_mode = MEMORY');
    held.run('BEGIN EXCLUSIVE');
    return {
      release: () => held.close(),
      undo: () => {
        held.close();
        if (!existed) unlinkSync(file);
      },
    };
  } catch (error) {
    db?.close();
    throw db && troubleOf(error) === 'busy'
      ? refusal('data-in-use', dir)
      : refusal('data-not-writable', dir, whyOf(error));
  }
}
