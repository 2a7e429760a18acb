/** What was said in a store, as lines of JSON (`dump.ts`), also while a parley runs on it. */
import type { Database } from 'bun:sqlite';
import { refusal } from '../../chat/errors.ts';
import { type Folded, fold } from '../../chat/names.ts';
import { formatEvent, formatRoom, type RoomToFormat } from './dump.ts';
import { decodePrivate, decodeRoomEvent, type EventRow, PRIVATE_KIND } from './rows.ts';
import { openStill } from './still.ts';

export interface ExportChoice {
  /** Only these rooms; null for all. */
  readonly rooms: readonly string[] | null;
  /** ms since the epoch: events from `since` on and before `until`. */
  readonly since: number;
  readonly until: number;
  readonly private: boolean;
}

interface Row extends EventRow {
  readonly room: string | null;
  readonly low: string | null;
  readonly high: string | null;
  readonly waiting: 0 | 1;
}

/** Events a query, and so lines a part. */
const AT_ONCE = 1000;

const CHOSEN_ROOMS = '(?1 IS NULL OR r.folded IN (SELECT value FROM json_each(?1)))';
/** Message, action and topic; a purged room's name is gone, and its events with it. */
const EVENTS = `
  SELECT e.id, e.at, e.scope, e.kind, e.sender, e.text, e.data, r.name AS room, l.folded AS low,
    h.folded AS high, EXISTS (SELECT 1 FROM waiting WHERE event = e.id) AS waiting
  FROM events e LEFT JOIN rooms r ON r.id = e.scope LEFT JOIN conversations c ON c.id = -e.scope
    LEFT JOIN names l ON l.id = c.low LEFT JOIN names h ON h.id = c.high
  WHERE e.id > ?2 AND e.id <= ?3 AND e.at >= ?4 AND e.at < ?5
    AND ((e.kind IN (0, 1, 6) AND r.id IS NOT NULL AND ${CHOSEN_ROOMS}) OR (?6 AND e.kind = 2))
  ORDER BY e.id LIMIT ${AT_ONCE}`;
const ROOMS = `SELECT r.* FROM rooms r WHERE ${CHOSEN_ROOMS} ORDER BY r.id`;

/** Parts of the whole, each of whole lines, to be taken as fast as they can be written. */
export function* exportStore(dir: string, choice: ExportChoice): Generator<string> {
  const still = openStill(dir);
  try {
    const rooms = choice.rooms && JSON.stringify(choice.rooms.map(fold));
    yield exportRooms(still.db, rooms, choice.rooms ?? []);
    yield* exportEvents(still.db, rooms, choice);
  } finally {
    still.close();
  }
}

function exportRooms(db: Database, chosen: string | null, wanted: readonly string[]): string {
  const statement = db.prepare<RoomToFormat & { folded: string }, [string | null]>(ROOMS);
  try {
    const rows = statement.all(chosen);
    const missing = wanted.find(room => !rows.some(({ folded }) => folded === fold(room)));
    if (missing !== undefined)
      throw refusal('bad-setting', `--room: there is no room called ${missing} here.`);
    return rows.map(formatRoom).join('');
  } finally {
    statement.finalize();
  }
}

function* exportEvents(db: Database, rooms: string | null, choice: ExportChoice): Generator<string> {
  type Parameters = [string | null, number, number, number, number, boolean];
  const newest = db.query<{ id: number | null }, []>('SELECT max(id) AS id FROM events').get()?.id ?? 0;
  const statement = db.prepare<Row, Parameters>(EVENTS);
  try {
    for (let last = 0; ; ) {
      const rows = statement.all(rooms, last, newest, choice.since, choice.until, choice.private);
      last = rows.at(-1)?.id ?? newest;
      yield rows.map(format).join('');
      if (rows.length < AT_ONCE) return;
    }
  } finally {
    statement.finalize();
  }
}

/** Folded when they were stored. */
function format(row: Row): string {
  const event =
    row.kind === PRIVATE_KIND
      ? decodePrivate(row, (row.low ?? '') as Folded, (row.high ?? '') as Folded)
      : decodeRoomEvent(row, row.room ?? '');
  return formatEvent(event, row.waiting === 1);
}
