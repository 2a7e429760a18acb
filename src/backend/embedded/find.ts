/**
 * Asking the search index, by whoever holds a connection: the event loop where little is indexed, a thread
 * beside it otherwise. What is found is read right there: in a large store it is seldom in memory.
 */
import type { EventRow } from './rows.ts';

/** What is asked of the index. Made to be sent to a thread. */
export interface Question {
  /** FTS5 queries that have no line in common, each with the id from which on. */
  readonly asks: readonly { readonly match: string; readonly from: number }[];
  /** No line above this id. */
  readonly to: number;
  readonly limit: number;
  /** Whole single words, no phrase and no prefix: see `findIds`. */
  readonly plain: boolean;
}

const FOUND = 'SELECT rowid FROM lines WHERE lines MATCH ? AND rowid >= ? AND rowid <= ? ORDER BY rowid';
export const FIND_NEWEST = `${FOUND} DESC LIMIT ?`;
export const FIND_OLDEST = `${FOUND} LIMIT ?`;
/** The columns of an `EventRow`. */
export const EVENT = 'id, at, scope, kind, sender, text, data';
export const EVENT_BY_ID = `SELECT ${EVENT} FROM events WHERE id = ?`;

export type FindParameters = [match: string, from: number, to: number, limit: number];

interface Find {
  all(...parameters: FindParameters): readonly { readonly rowid: number }[];
}

/** The statements of `FIND_NEWEST`, `FIND_OLDEST` and `EVENT_BY_ID`. */
export interface Finds {
  readonly findNewest: Find;
  readonly findOldest: Find;
  readonly event: { get(id: number): EventRow | null };
}

/** The newest lines, newest first; without those that were purged and are still in the index. */
export function findLines(finds: Finds, question: Question): readonly EventRow[] {
  return findIds(finds, question).flatMap(id => finds.event.get(id) ?? []);
}

/**
 * Ids of the newest lines, newest first.
 *
 * FTS5 skips over the lines of a frequent word many times faster forward than backward, and a rare word beside
 * a frequent one is nothing but skipping. So plain words are first looked for from the oldest line on: either
 * all lines fit within the limit and that was it, or they are frequent, where both ways are short. Phrases and
 * prefixes are not found by skipping, and cost the same either way.
 */
function findIds({ findNewest, findOldest }: Finds, question: Question): readonly number[] {
  const { asks, to, limit, plain } = question;
  const ids: number[] = [];
  for (const { match, from } of asks) {
    const oldest = plain ? findOldest.all(match, from, to, limit + 1) : null;
    const found = oldest && oldest.length <= limit ? oldest : findNewest.all(match, from, to, limit);
    for (const { rowid } of found) ids.push(rowid);
  }
  return ids.sort((a, b) => b - a).slice(0, limit);
}
