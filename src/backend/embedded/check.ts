/** `parley check`: everything that can be said of a store without changing it, also while parley runs on it. */
import type { Database } from 'bun:sqlite';
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { refusal } from '../../chat/errors.ts';
import { versionOf } from './migrations.ts';
import { inspectHeader, openForReading, storeFile } from './open.ts';
import { giveToOwner } from './still.ts';
import { whyOf } from './trouble.ts';

export interface StoreReport {
  readonly file: string;
  /** What is wrong, in words; empty where nothing is. */
  readonly findings: readonly string[];
  /** Null where the file is too damaged to count. */
  readonly stats: StoreStats | null;
}

export interface StoreStats {
  readonly version: number;
  /** Of the file and what SQLite keeps beside it. */
  readonly bytes: number;
  readonly events: number;
  /** The id of the newest event; 0 where there is none. */
  readonly lastId: number;
  readonly rooms: number;
  readonly accounts: number;
  /** Private messages nobody has seen. */
  readonly waiting: number;
  /** Events that the search index has not come to yet. */
  readonly unindexed: number;
}

/** What must not be found: a query that counts it, and what it is called. */
const RULES: readonly (readonly [what: string, sql: string])[] = [
  [
    'events of no room and no conversation',
    `SELECT count(*) AS count FROM events WHERE (scope > 0 AND scope NOT IN (SELECT id FROM rooms))
     OR (scope <= 0 AND -scope NOT IN (SELECT id FROM conversations))`,
  ],
  [
    'memberships of a room or account that is not there',
    `SELECT count(*) AS count FROM members WHERE room NOT IN (SELECT id FROM rooms)
     OR name NOT IN (SELECT id FROM names WHERE hash IS NOT NULL)`,
  ],
  ['bans of no room', 'SELECT count(*) AS count FROM bans WHERE room NOT IN (SELECT id FROM rooms)'],
  [
    'conversations of a name that is not there',
    `SELECT count(*) AS count FROM conversations WHERE low NOT IN (SELECT id FROM names)
     OR high NOT IN (SELECT id FROM names)`,
  ],
  [
    'waiting messages that are not there',
    `SELECT count(*) AS count FROM waiting WHERE event NOT IN (SELECT id FROM events WHERE kind = 2)
     OR name NOT IN (SELECT id FROM names)`,
  ],
  ['settings that are not JSON', 'SELECT count(*) AS count FROM names WHERE NOT json_valid(settings)'],
  [
    'events of a kind that does not exist',
    'SELECT count(*) AS count FROM events WHERE kind NOT BETWEEN 0 AND 10',
  ],
];

/** Since version 2. */
const RULES_2: typeof RULES = [
  [
    'lines of a room or conversation that are not there',
    `SELECT count(*) AS count FROM said s
     WHERE NOT EXISTS (SELECT 1 FROM events WHERE id = s.id AND scope = s.scope AND kind < 3)`,
  ],
  [
    'lines that their room or conversation does not know of',
    `SELECT count(*) AS count FROM events e
     WHERE kind < 3 AND id <= (SELECT value FROM meta WHERE key = 'said')
       AND NOT EXISTS (SELECT 1 FROM said WHERE scope = e.scope AND id = e.id)`,
  ],
];

/** Since version 3. */
const RULES_3: typeof RULES = [
  [
    'operators of the server that are no accounts',
    'SELECT count(*) AS count FROM names WHERE operator AND hash IS NULL',
  ],
  [
    'tokens with the name of an account',
    'SELECT count(*) AS count FROM tokens WHERE folded IN (SELECT folded FROM names WHERE hash IS NOT NULL)',
  ],
  [
    'tokens for rooms that are not a list',
    `SELECT count(*) AS count FROM tokens
     WHERE rooms IS NOT NULL AND iif(json_valid(rooms), json_type(rooms), '') <> 'array'`,
  ],
  [
    'bans from the server of a kind that does not exist',
    "SELECT count(*) AS count FROM server_bans WHERE kind NOT IN ('name', 'address')",
  ],
];

/**
 * Checks the store of a data directory, whole: the time it takes grows with the file. Throws
 * `database-foreign`, `database-newer` or `database-corrupt` where the file cannot even be opened, and
 * `data-not-writable` where there is none.
 */
export function checkStore(dir: string): StoreReport {
  const file = storeFile(dir);
  if (!inspectHeader(file)) throw refusal('data-not-writable', dir, 'there is no parley.db in it');
  return checkFile(file);
}

/** The same of a file that is a store, wherever it is. */
export function checkFile(file: string): StoreReport {
  const made = [`${file}-shm`].filter(path => !existsSync(path));
  const db = openForReading(file);
  try {
    const findings = [...integrity(db), ...rulesFor(db).flatMap(([what, sql]) => broken(db, what, sql))];
    return { file, findings, stats: statsOf(db, file) };
  } finally {
    db.close();
    // Root may look at a store of somebody who is not root.
    giveToOwner(dirname(file), made);
  }
}

/** An older file, not yet opened by this parley, is held to what its version has. */
function rulesFor(db: Database): typeof RULES {
  try {
    const version = versionOf(db);
    return [...RULES, ...(version < 2 ? [] : RULES_2), ...(version < 3 ? [] : RULES_3)];
  } catch {
    // What is wrong with it is among the findings.
    return RULES;
  }
}

function integrity(db: Database): readonly string[] {
  try {
    const rows = db.query<{ integrity_check: string }, []>('PRAGMA integrity_check(20)').all();
    return rows.map(row => row.integrity_check).filter(line => line !== 'ok');
  } catch (error) {
    return [whyOf(error)];
  }
}

function broken(db: Database, what: string, sql: string): readonly string[] {
  try {
    const count = countOf(db, sql);
    return count > 0 ? [`${count} ${what}`] : [];
  } catch (error) {
    return [`looking for ${what}: ${whyOf(error)}`];
  }
}

export function statsOf(db: Database, file: string): StoreStats | null {
  try {
    return {
      version: versionOf(db),
      bytes: [file, `${file}-wal`, `${file}-shm`].reduce((sum, path) => sum + sizeOf(path), 0),
      events: countOf(db, 'SELECT count(*) AS count FROM events'),
      lastId: countOf(db, 'SELECT ifnull(max(id), 0) AS count FROM events'),
      rooms: countOf(db, 'SELECT count(*) AS count FROM rooms'),
      accounts: countOf(db, 'SELECT count(*) AS count FROM names WHERE hash IS NOT NULL'),
      waiting: countOf(db, 'SELECT count(*) AS count FROM waiting'),
      unindexed: countOf(
        db,
        `SELECT count(*) AS count FROM events
         WHERE id > ifnull((SELECT value FROM meta WHERE key = 'indexed'), 0)`,
      ),
    };
  } catch {
    // What is wrong with it is among the findings.
    return null;
  }
}

function countOf(db: Database, sql: string): number {
  return db.query<{ count: number }, []>(sql).get()?.count ?? 0;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
