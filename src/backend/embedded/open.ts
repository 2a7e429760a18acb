/**
 * Opening `parley.db`: the directory made, the lock taken, the file made or looked at before it is touched.
 * A file that is foreign, newer or damaged is refused with nothing in its directory changed.
 */
import { constants, Database } from 'bun:sqlite';
import {
  accessSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  constants as modes,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Refusal, refusal } from '../../chat/errors.ts';
import { takeLock } from './lock.ts';
import { type Migration, migrate, NEWEST_VERSION, versionOf } from './migrations.ts';
import { APPLICATION_ID, probesOf } from './schema.ts';
import { isDamage, whyOf } from './trouble.ts';

export type Sync = 'normal' | 'full';

export interface OpenedStore {
  readonly db: Database;
  readonly file: string;
  /** Steps taken to bring an older file up to date. */
  readonly migrated: readonly Migration[];
  /** Closes the database, whose statements must be finalized, and lets go of the lock. */
  close(): void;
}

const MAGIC = 'SQLite format 3\0';
const HEADER_BYTES = 100;
/** A write-ahead log that grew in a rush is cut back to this. */
const LOG_BYTES = 16 * 1024 * 1024;

export function storeFile(dir: string): string {
  return join(dir, 'parley.db');
}

/** Of the store and what SQLite keeps beside it. */
export function storeBytes(file: string): number {
  return ['', '-wal', '-shm'].reduce(
    (bytes, suffix) => bytes + (statSync(`${file}${suffix}`, { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/**
 * Throws `data-not-writable`, `data-in-use`, `database-foreign`, `database-newer`, `database-corrupt` or
 * `migration-failed`.
 */
export function openStore(dir: string, sync: Sync): OpenedStore {
  const file = storeFile(dir);
  makeDirectory(dir);
  const found = inspectHeader(file);
  const lock = takeLock(dir);
  try {
    if (found) probe(file);
    else create(file);
    const { db, migrated } = openForWriting(file, sync);
    return {
      db,
      file,
      migrated,
      close: () => {
        db.close();
        lock.release();
      },
    };
  } catch (error) {
    if (error instanceof Refusal && error.code !== 'migration-failed') lock.undo();
    else lock.release();
    if (error instanceof Refusal) throw error;
    if (isDamage(error)) throw refusal('database-corrupt', file, whyOf(error));
    throw refusal('data-not-writable', dir, whyOf(error));
  }
}

export function setSync(db: Database, sync: Sync): void {
  db.run(`PRAGMA synchronous = ${sync === 'full' ? 'FULL' : 'NORMAL'}`);
}

/**
 * Whether there is a store, by the first bytes of its file, read without SQLite. Throws `database-foreign`,
 * `database-newer` or `database-corrupt`.
 */
export function inspectHeader(file: string): boolean {
  if (!existsSync(file) || statSync(file).size === 0) return false;
  const header = readHeader(file);
  if (!header.toString('latin1').startsWith(MAGIC)) throw refusal('database-foreign', file);
  if (header.length < HEADER_BYTES) throw refusal('database-corrupt', file, 'it is cut short');
  if (header.readUInt32BE(68) !== APPLICATION_ID) throw refusal('database-foreign', file);
  refuseNewer(file, header.readUInt32BE(60));
  return true;
}

/**
 * A connection that can only read. With no write-ahead log beside it the file is read as it lies, which
 * makes no files of SQLite's own; one that is still empty may be written to by a parley that has it open.
 */
export function openForReading(file: string): Database {
  const log = statSync(`${file}-wal`, { throwIfNoEntry: false });
  if (log && (log.size > 0 || existsSync(`${file}-shm`))) return new Database(file, { readonly: true });
  return new Database(
    `${pathToFileURL(file).href}?immutable=1`,
    constants.SQLITE_OPEN_READONLY | constants.SQLITE_OPEN_URI,
  );
}

function makeDirectory(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    accessSync(dir, modes.R_OK | modes.W_OK | modes.X_OK);
  } catch (error) {
    throw refusal('data-not-writable', dir, whyOf(error));
  }
}

function readHeader(file: string): Buffer {
  try {
    const descriptor = openSync(file, 'r');
    try {
      const header = Buffer.alloc(HEADER_BYTES);
      return header.subarray(0, readSync(descriptor, header));
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw refusal('data-not-writable', dirname(file), whyOf(error));
  }
}

function refuseNewer(file: string, version: number): void {
  if (version > NEWEST_VERSION) throw refusal('database-newer', file, version, NEWEST_VERSION);
}

/** Looks at the file through SQLite, so with what its write-ahead log says, and leaves no trace. */
function probe(file: string): void {
  const shared = `${file}-shm`;
  const before = existsSync(shared) ? readFileSync(shared) : null;
  try {
    accessSync(file, modes.R_OK | modes.W_OK);
    const db = openForReading(file);
    try {
      const version = versionOf(db);
      refuseNewer(file, version);
      for (const sql of probesOf(version)) {
        const statement = db.prepare(sql);
        try {
          statement.values();
        } finally {
          statement.finalize();
        }
      }
    } finally {
      db.close();
    }
  } catch (error) {
    if (before) writeFileSync(shared, before);
    else rmSync(shared, { force: true });
    if (!isDamage(error) && !/^no such (table|index|column)/.test(String((error as Error).message)))
      throw error;
    throw refusal('database-corrupt', file, whyOf(error));
  }
}

/** Makes an empty store under another name first: a file called parley.db is always whole. */
function create(file: string): void {
  const draft = `${file}.new`;
  for (const leftover of [draft, `${draft}-journal`]) rmSync(leftover, { force: true });
  closeSync(openSync(draft, 'wx', 0o600));
  const db = new Database(draft, { readwrite: true, create: false });
  try {
    db.run('PRAGMA auto_vacuum = INCREMENTAL');
    db.run('PRAGMA synchronous = OFF');
    db.run('PRAGMA journal_mode = MEMORY');
    migrate(db, file);
  } finally {
    db.close();
  }
  flush(draft);
  renameSync(draft, file);
  flush(dirname(file));
}

/** Sees to it that a file, or what a directory lists, is on the disk. */
export function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function openForWriting(file: string, sync: Sync): { db: Database; migrated: readonly Migration[] } {
  const db = new Database(file, { readwrite: true, create: false });
  try {
    // Waiting would stop the event loop: whoever else is writing, the turn's work is tried again later.
    db.run('PRAGMA busy_timeout = 0');
    db.run('PRAGMA journal_mode = WAL');
    db.run(`PRAGMA journal_size_limit = ${LOG_BYTES}`);
    db.run('PRAGMA cache_size = -8000');
    db.run('PRAGMA temp_store = MEMORY');
    setSync(db, sync);
    return { db, migrated: migrate(db, file) };
  } catch (error) {
    db.close();
    throw error;
  }
}
