/**
 * The thread that asks the search index, on a connection of its own that can only read. Nothing else is in
 * here: it is an entry point of the build, and starts within a few ms.
 */
import { Database } from 'bun:sqlite';
import { setPriority } from 'node:os';
import {
  EVENT_BY_ID,
  FIND_NEWEST,
  FIND_OLDEST,
  type FindParameters,
  type Finds,
  findLines,
  type Question,
} from './find.ts';
import type { EventRow } from './rows.ts';

/** Told to the thread: which file, once and first; what to find; to let go of the file. */
export type Told =
  | { readonly open: string }
  | { readonly number: number; readonly question: Question }
  | 'close';

/** Answered by the thread; an error where there are no lines. */
export type Answered =
  | { readonly number: number; readonly lines: readonly EventRow[] }
  | { readonly number: number; readonly why: string }
  | 'closed';

declare const self: Worker;

/** ms that a read waits where another program repairs the file. */
const BUSY = 1000;

/** How far this thread stands back. */
const NICE = 5;

interface Opened extends Finds {
  close(): void;
}

try {
  // On Linux this is of the calling thread alone: where there is one core, the conversation goes first.
  setPriority(NICE);
} catch {
  // A sandbox may forbid it; searching goes on.
}

let opened: Opened | null = null;
let file = '';

self.onmessage = ({ data }: MessageEvent<Told>) => {
  if (data === 'close') {
    opened?.close();
    opened = null;
    answer('closed');
  } else if ('open' in data) {
    file = data.open;
  } else {
    answer(find(data.number, data.question));
  }
};

function answer(answered: Answered): void {
  self.postMessage(answered);
}

function find(number: number, question: Question): Answered {
  try {
    opened ??= open();
    return { number, lines: findLines(opened, question) };
  } catch (error) {
    return { number, why: error instanceof Error ? error.message : String(error) };
  }
}

function open(): Opened {
  const db = new Database(file, { readonly: true });
  db.run(`PRAGMA busy_timeout = ${BUSY}`);
  db.run('PRAGMA cache_size = -8000');
  const findNewest = db.prepare<{ rowid: number }, FindParameters>(FIND_NEWEST);
  const findOldest = db.prepare<{ rowid: number }, FindParameters>(FIND_OLDEST);
  const event = db.prepare<EventRow, [number]>(EVENT_BY_ID);
  const close = (): void => {
    for (const statement of [findNewest, findOldest, event]) statement.finalize();
    db.close();
  };
  return { findNewest, findOldest, event, close };
}
