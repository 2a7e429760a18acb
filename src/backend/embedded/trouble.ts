/** What kind of trouble an error from SQLite is, and so what becomes of the work that met it. */
import { SQLiteError } from 'bun:sqlite';

/**
 * `busy`: somebody else is writing, try again. `full`: no space. `failed`: the disk or the file is at fault.
 * `bug`: this very statement is wrong; everything else may go on.
 */
export type Trouble = 'busy' | 'full' | 'failed' | 'bug';

const FAILED =
  /^SQLITE_(IOERR|CORRUPT|NOTADB|CANTOPEN|READONLY|PERM|PROTOCOL|NOMEM|AUTH|NOLFS|INTERNAL|INTERRUPT)/;

export function troubleOf(error: unknown): Trouble {
  const code = codeOf(error);
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'busy';
  // The shared-memory file could not grow: the same disk is full.
  if (code === 'SQLITE_FULL' || code === 'SQLITE_IOERR_SHMSIZE') return 'full';
  return FAILED.test(code) ? 'failed' : 'bug';
}

/** True where the file itself is damaged. */
export function isDamage(error: unknown): boolean {
  return /^SQLITE_(CORRUPT|NOTADB)/.test(codeOf(error));
}

/** One line for a log or a refusal. */
export function whyOf(error: unknown): string {
  const why = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  return code ? `${why}, ${code}` : why;
}

function codeOf(error: unknown): string {
  return error instanceof SQLiteError ? (error.code ?? '') : '';
}
