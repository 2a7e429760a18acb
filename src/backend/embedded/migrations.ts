/**
 * The numbered steps from an empty file to today's `parley.db`. A step is never changed once released: a
 * newer parley adds one. Each runs in its own transaction together with its number (`user_version`), so a
 * step is done whole or not at all.
 */
import type { Database } from 'bun:sqlite';
import { refusal } from '../../chat/errors.ts';
import { APPLICATION_ID, SCHEMA_1, SCHEMA_2, SCHEMA_3 } from './schema.ts';
import { whyOf } from './trouble.ts';

export interface Migration {
  readonly version: number;
  readonly what: string;
  run(db: Database): void;
}

export const MIGRATIONS: readonly Migration[] = [
  {
    version: 1,
    what: 'names, rooms, events, waiting messages and the search index',
    run(db) {
      db.run(`PRAGMA application_id = ${APPLICATION_ID}`);
      db.run(SCHEMA_1);
    },
  },
  {
    version: 2,
    what: 'the lines of each room apart from the events',
    run(db) {
      db.run(SCHEMA_2);
    },
  },
  {
    version: 3,
    what: 'tokens, operators of the server and who is banned from it',
    run(db) {
      db.run(SCHEMA_3);
    },
  },
];

/** The version this parley reads and writes. */
export const NEWEST_VERSION = Math.max(...MIGRATIONS.map(({ version }) => version));

export function versionOf(db: Database): number {
  return db.query<{ user_version: number }, []>('PRAGMA user_version').get()?.user_version ?? 0;
}

/** Brings a store up to date; answers the steps taken. Throws `migration-failed`; what failed is undone. */
export function migrate(
  db: Database,
  file: string,
  migrations: readonly Migration[] = MIGRATIONS,
): readonly Migration[] {
  const from = versionOf(db);
  const steps = migrations.filter(({ version }) => version > from).sort((a, b) => a.version - b.version);
  for (const step of steps) take(db, file, step);
  return steps;
}

function take(db: Database, file: string, step: Migration): void {
  try {
    db.run('BEGIN IMMEDIATE');
    step.run(db);
    db.run(`PRAGMA user_version = ${step.version}`);
    db.run('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.run('ROLLBACK');
    throw refusal('migration-failed', file, `step ${step.version}, ${step.what}: ${whyOf(error)}`);
  }
}
