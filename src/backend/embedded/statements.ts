/** Every statement the embedded backend runs while people talk, prepared once. */
import type { Database, SQLQueryBindings } from 'bun:sqlite';
import { EVENT, EVENT_BY_ID, FIND_NEWEST, FIND_OLDEST, type FindParameters } from './find.ts';
import type { BanRow, EventRow } from './rows.ts';

export interface NameRow {
  readonly id: number;
  readonly folded: string;
  readonly name: string;
  readonly seen: number;
  readonly account: 0 | 1;
}

export interface AccountRow {
  readonly id: number;
  readonly name: string;
  readonly hash: string;
  readonly created: number;
  readonly settings: string | null;
  readonly operator: 0 | 1;
}

export interface AccountSummaryRow {
  readonly folded: string;
  readonly name: string;
  readonly created: number;
  readonly seen: number;
  readonly operator: 0 | 1;
}

export interface TokenRow {
  readonly id: string;
  readonly hash: string;
  readonly name: string;
  readonly folded: string;
  /** JSON, an array of names. */
  readonly rooms: string | null;
  readonly read: number;
  readonly write: number;
  readonly created: number;
  readonly last_used: number | null;
}

export interface MembershipRow {
  readonly room: string;
  readonly folded: string;
  readonly rank: number;
  readonly read: number;
}

export interface RoomRow {
  readonly id: number;
  readonly folded: string;
  readonly name: string;
  readonly topic: string | null;
  readonly topic_from: string | null;
  readonly topic_at: number | null;
  readonly key: string | null;
  readonly moderated: number;
  readonly unlisted: number;
  /** Its newest event that is not a line; 0 where there is none. */
  readonly last_other: number;
}

export interface ConversationRow {
  readonly low: string;
  readonly high: string;
}

export interface WaitingRow extends EventRow, ConversationRow {}

const ROOM = `SELECT *, ifnull(
  (SELECT max(e.id) FROM events e INDEXED BY events_other WHERE e.scope = rooms.id AND e.kind >= 3), 0
) AS last_other FROM rooms`;

/** A page of history of lines that are filed; `Said` knows the others. */
const pageSaid = (order: 'ASC' | 'DESC'): string =>
  `SELECT e.* FROM said s CROSS JOIN events e ON e.id = s.id
   WHERE s.scope = ? AND s.id > ? AND s.id < ? ORDER BY s.id ${order} LIMIT ?`;

/** A page of history of everything else. */
const pageOther = (order: 'ASC' | 'DESC'): string =>
  `SELECT ${EVENT} FROM events INDEXED BY events_other
   WHERE scope = ? AND kind >= 3 AND id > ? AND id < ? ORDER BY id ${order} LIMIT ?`;

type PageParameters = [scope: number, after: number, before: number, limit: number];

export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(db: Database) {
  const all: { finalize(): void }[] = [];
  const prepare = <Row, Parameters extends SQLQueryBindings[]>(sql: string) => {
    try {
      const statement = db.prepare<Row, Parameters>(sql);
      all.push(statement);
      return statement;
    } catch (error) {
      // The database could not be closed otherwise.
      for (const statement of all) statement.finalize();
      throw error;
    }
  };
  return {
    begin: prepare<never, []>('BEGIN IMMEDIATE'),
    commit: prepare<never, []>('COMMIT'),
    rollback: prepare<never, []>('ROLLBACK'),

    meta: prepare<{ value: number }, [string]>('SELECT value FROM meta WHERE key = ?'),
    setMeta: prepare<never, [string, number]>(
      'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
    ),

    // names
    name: prepare<NameRow, [string]>(
      'SELECT id, folded, name, seen, hash IS NOT NULL AS account FROM names WHERE folded = ?',
    ),
    namesFrom: prepare<{ folded: string; name: string }, [string, string, number]>(
      'SELECT folded, name FROM names WHERE folded >= ? AND folded < ? LIMIT ?',
    ),
    // An account keeps the spelling it was made with.
    knowName: prepare<never, [string, string, number]>(
      `INSERT INTO names (folded, name, seen) VALUES (?, ?, ?) ON CONFLICT (folded) DO UPDATE
       SET seen = max(seen, excluded.seen), name = iif(hash IS NULL, excluded.name, name)`,
    ),
    seeName: prepare<never, [number, string]>('UPDATE names SET seen = ? WHERE folded = ?'),
    account: prepare<AccountRow, [string]>(
      'SELECT id, name, hash, created, settings, operator FROM names WHERE folded = ? AND hash IS NOT NULL',
    ),
    createAccount: prepare<never, [string, number, string]>(
      'UPDATE names SET hash = ?, created = ? WHERE folded = ?',
    ),
    setPassword: prepare<never, [string, string]>(
      'UPDATE names SET hash = ? WHERE folded = ? AND hash IS NOT NULL',
    ),
    setSettings: prepare<never, [string, string]>(
      'UPDATE names SET settings = ? WHERE folded = ? AND hash IS NOT NULL',
    ),

    // what operators of the server decide
    accounts: prepare<AccountSummaryRow, [string, number]>(
      `SELECT folded, name, created, seen, operator FROM names
       WHERE folded > ? AND hash IS NOT NULL ORDER BY folded LIMIT ?`,
    ),
    deleteAccount: prepare<never, [string]>(
      `UPDATE names SET hash = NULL, created = NULL, settings = NULL, operator = 0
       WHERE folded = ? AND hash IS NOT NULL`,
    ),
    leaveAll: prepare<never, [string]>(
      'DELETE FROM members WHERE name = (SELECT id FROM names WHERE folded = ?)',
    ),
    waitNoMore: prepare<never, [string]>(
      'DELETE FROM waiting WHERE name = (SELECT id FROM names WHERE folded = ?)',
    ),
    setOperator: prepare<never, [number, string]>(
      'UPDATE names SET operator = ? WHERE folded = ? AND hash IS NOT NULL',
    ),
    tokens: prepare<TokenRow, []>('SELECT * FROM tokens ORDER BY rowid'),
    token: prepare<TokenRow, [string]>('SELECT * FROM tokens WHERE id = ?'),
    tokenOf: prepare<TokenRow, [string]>('SELECT * FROM tokens WHERE hash = ?'),
    tokenOfName: prepare<{ id: string }, [string]>('SELECT id FROM tokens WHERE folded = ? LIMIT 1'),
    addToken: prepare<
      never,
      [string, string, string, string, string | null, number, number, number, number | null]
    >(
      `INSERT INTO tokens (id, hash, name, folded, rooms, read, write, created, last_used)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
    removeToken: prepare<never, [string]>('DELETE FROM tokens WHERE id = ?'),
    tokenUsed: prepare<never, [number, string]>(
      'UPDATE tokens SET last_used = max(ifnull(last_used, 0), ?) WHERE id = ?',
    ),
    serverBans: prepare<BanRow, []>('SELECT kind, what, label, reason FROM server_bans ORDER BY id'),
    addServerBan: prepare<never, [string, string, string, string]>(
      'INSERT OR REPLACE INTO server_bans (kind, what, label, reason) VALUES (?, ?, ?, ?)',
    ),
    removeServerBan: prepare<never, [string]>('DELETE FROM server_bans WHERE label = ?'),

    // rooms
    room: prepare<RoomRow, [string]>(`${ROOM} WHERE folded = ?`),
    roomNames: prepare<{ folded: string }, []>('SELECT folded FROM rooms'),
    roomsAfter: prepare<{ id: number; folded: string }, [number, number]>(
      'SELECT id, folded FROM rooms WHERE id > ? ORDER BY id LIMIT ?',
    ),
    countRooms: prepare<{ count: number }, []>('SELECT count(*) AS count FROM rooms'),
    addRoom: prepare<{ id: number }, [string, string, number]>(
      'INSERT INTO rooms (folded, name, created) VALUES (?, ?, ?) RETURNING id',
    ),
    deleteRoom: prepare<never, [number]>('DELETE FROM rooms WHERE id = ?'),
    setTopic: prepare<never, [string | null, string | null, number | null, number]>(
      'UPDATE rooms SET topic = ?, topic_from = ?, topic_at = ? WHERE id = ?',
    ),
    setKey: prepare<never, [string | null, number]>('UPDATE rooms SET key = ? WHERE id = ?'),
    setModerated: prepare<never, [number, number]>('UPDATE rooms SET moderated = ? WHERE id = ?'),
    setUnlisted: prepare<never, [number, number]>('UPDATE rooms SET unlisted = ? WHERE id = ?'),
    // Whether anything was said in it, `Said` knows.
    abandoned: prepare<{ folded: string; others: number }, [number, number]>(
      `SELECT folded, (SELECT count(*) FROM
         (SELECT 1 FROM events INDEXED BY events_other WHERE scope = r.id AND kind >= 3 LIMIT ?)) AS others
       FROM rooms r WHERE id = ? AND topic IS NULL AND key IS NULL AND moderated = 0 AND unlisted = 0
         AND NOT EXISTS (SELECT 1 FROM members WHERE room = r.id)
         AND NOT EXISTS (SELECT 1 FROM bans WHERE room = r.id)`,
    ),

    // members and bans
    members: prepare<{ name: string; rank: number }, [number]>(
      'SELECT n.name, m.rank FROM members m JOIN names n ON n.id = m.name WHERE m.room = ? ORDER BY n.folded',
    ),
    memberships: prepare<MembershipRow, [number]>(
      `SELECT r.name AS room, r.folded, m.rank, m.read
       FROM members m JOIN rooms r ON r.id = m.room WHERE m.name = ? ORDER BY r.folded`,
    ),
    // Who joins again keeps rank and read position, unless it is to run the room.
    join: prepare<never, [number, number, number, number]>(
      `INSERT INTO members (room, name, rank, read) VALUES (?, ?, ?, ?) ON CONFLICT (room, name) DO UPDATE
       SET rank = max(rank, excluded.rank)`,
    ),
    addMember: prepare<never, [number, number, number, number]>(
      'INSERT OR REPLACE INTO members (room, name, rank, read) VALUES (?, ?, ?, ?)',
    ),
    removeMember: prepare<never, [number, string]>(
      'DELETE FROM members WHERE room = ? AND name = (SELECT id FROM names WHERE folded = ?)',
    ),
    setRank: prepare<never, [number, number, string]>(
      'UPDATE members SET rank = ? WHERE room = ? AND name = (SELECT id FROM names WHERE folded = ?)',
    ),
    setRead: prepare<never, [number, string, string]>(
      `UPDATE members SET read = max(read, ?) WHERE room = (SELECT id FROM rooms WHERE folded = ?)
       AND name = (SELECT id FROM names WHERE folded = ?)`,
    ),
    bans: prepare<BanRow, [number]>('SELECT kind, what, label, reason FROM bans WHERE room = ? ORDER BY id'),
    addBan: prepare<never, [number, string, string, string, string]>(
      'INSERT OR REPLACE INTO bans (room, kind, what, label, reason) VALUES (?, ?, ?, ?, ?)',
    ),
    removeBan: prepare<never, [number, string]>('DELETE FROM bans WHERE room = ? AND label = ?'),

    // events
    lastEvent: prepare<{ id: number; at: number }, []>('SELECT id, at FROM events ORDER BY id DESC LIMIT 1'),
    addEvent: prepare<never, [number, number, number, number, string, string | null, string | number | null]>(
      `INSERT INTO events (${EVENT}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    event: prepare<EventRow, [number]>(EVENT_BY_ID),
    roomOfEvent: prepare<{ name: string }, [number]>('SELECT name FROM rooms WHERE id = ?'),
    firstEventAfter: prepare<{ id: number; at: number }, [number]>(
      'SELECT id, at FROM events WHERE id >= ? ORDER BY id LIMIT 1',
    ),
    oldestOther: prepare<EventRow, PageParameters>(pageOther('ASC')),
    newestOther: prepare<EventRow, PageParameters>(pageOther('DESC')),
    deleteEvent: prepare<never, [number]>('DELETE FROM events WHERE id = ?'),
    deleteOthers: prepare<never, [number]>('DELETE FROM events WHERE scope = ? AND kind >= 3'),

    // lines by scope: what is filed of them, for Said alone
    unfiled: prepare<{ scope: number; id: number }, [number]>(
      `SELECT e.scope, e.id FROM events e WHERE e.id > ? AND e.kind < 3
         AND NOT EXISTS (SELECT 1 FROM said WHERE scope = e.scope AND id = e.id) ORDER BY e.id`,
    ),
    addSaid: prepare<never, [number, number]>('INSERT OR IGNORE INTO said (scope, id) VALUES (?, ?)'),
    deleteSaid: prepare<never, [number, number]>('DELETE FROM said WHERE scope = ? AND id = ?'),
    oldestSaid: prepare<EventRow, PageParameters>(pageSaid('ASC')),
    newestSaid: prepare<EventRow, PageParameters>(pageSaid('DESC')),
    countSaid: prepare<{ count: number }, [number, number, number]>(
      'SELECT count(*) AS count FROM (SELECT 1 FROM said WHERE scope = ? AND id > ? LIMIT ?)',
    ),
    nthSaid: prepare<{ id: number }, [number, number]>(
      'SELECT id FROM said WHERE scope = ? ORDER BY id DESC LIMIT 1 OFFSET ?',
    ),
    lastSaid: prepare<{ id: number }, [number]>(
      'SELECT id FROM said WHERE scope = ? ORDER BY id DESC LIMIT 1',
    ),

    // private messages
    conversation: prepare<{ id: number }, [number, number]>(
      'SELECT id FROM conversations WHERE low = ? AND high = ?',
    ),
    addConversation: prepare<{ id: number }, [number, number]>(
      'INSERT INTO conversations (low, high) VALUES (?, ?) RETURNING id',
    ),
    sides: prepare<ConversationRow, [number]>(
      `SELECT l.folded AS low, h.folded AS high FROM conversations c
       JOIN names l ON l.id = c.low JOIN names h ON h.id = c.high WHERE c.id = ?`,
    ),
    deleteConversation: prepare<never, [number]>('DELETE FROM conversations WHERE id = ?'),
    waiting: prepare<WaitingRow, [number]>(
      `SELECT e.*, l.folded AS low, h.folded AS high FROM waiting w JOIN events e ON e.id = w.event
       JOIN conversations c ON c.id = -e.scope JOIN names l ON l.id = c.low JOIN names h ON h.id = c.high
       WHERE w.name = ? ORDER BY w.event`,
    ),
    countWaiting: prepare<{ count: number }, [number, number]>(
      'SELECT count(*) AS count FROM (SELECT 1 FROM waiting WHERE name = ? LIMIT ?)',
    ),
    countAllWaiting: prepare<{ count: number }, []>('SELECT count(*) AS count FROM waiting'),
    isWaiting: prepare<{ event: number }, [number]>('SELECT event FROM waiting WHERE event = ?'),
    wait: prepare<never, [number, number]>('INSERT INTO waiting (event, name) VALUES (?, ?)'),
    delivered: prepare<never, [number, string]>(
      'DELETE FROM waiting WHERE event = ? AND name = (SELECT id FROM names WHERE folded = ?)',
    ),
    stopWaiting: prepare<never, [number]>('DELETE FROM waiting WHERE event = ?'),

    // posted keys
    posted: prepare<{ event: number; at: number }, [string]>('SELECT event, at FROM posted WHERE key = ?'),
    addPosted: prepare<never, [number, number, string]>(
      'INSERT INTO posted (event, at, key) VALUES (?, ?, ?)',
    ),
    forgetPosted: prepare<never, [number, number]>(
      'DELETE FROM posted WHERE event IN (SELECT event FROM posted WHERE event < ? ORDER BY event LIMIT ?)',
    ),

    // search
    toIndex: prepare<EventRow & { low: number | null; high: number | null }, [number, number]>(
      `SELECT e.*, c.low, c.high FROM events e LEFT JOIN conversations c ON c.id = -e.scope
       WHERE e.id > ? ORDER BY e.id LIMIT ?`,
    ),
    addLine: prepare<never, [number, string, string]>(
      'INSERT INTO lines (rowid, scope, text) VALUES (?, ?, ?)',
    ),
    deleteLine: prepare<never, [number]>('DELETE FROM lines WHERE rowid = ?'),
    mergeLines: prepare<never, [number]>("INSERT INTO lines (lines, rank) VALUES ('merge', ?)"),
    findNewest: prepare<{ rowid: number }, FindParameters>(FIND_NEWEST),
    findOldest: prepare<{ rowid: number }, FindParameters>(FIND_OLDEST),
    unindexed: prepare<EventRow, [after: number, before: number, limit: number]>(
      `SELECT ${EVENT} FROM events WHERE id > ? AND id < ? ORDER BY id DESC LIMIT ?`,
    ),

    // retention
    eventsFrom: prepare<EventRow, [number, number, number]>(
      `SELECT ${EVENT} FROM events WHERE id > ? AND id < ? ORDER BY id LIMIT ?`,
    ),
    nthOther: prepare<{ id: number }, [number, number]>(
      'SELECT id FROM events INDEXED BY events_other WHERE scope = ? AND kind >= 3 ORDER BY id DESC LIMIT 1 OFFSET ?',
    ),
    pages: prepare<{ pages: number; size: number; free: number }, []>(
      `SELECT page_count AS pages, page_size AS size, freelist_count AS free
       FROM pragma_page_count, pragma_page_size, pragma_freelist_count`,
    ),

    checkpoint: prepare<never, []>('PRAGMA wal_checkpoint'),
    vacuum: prepare<never, []>('PRAGMA incremental_vacuum(128)'),

    /** Nothing may be run afterwards. */
    finalize(): void {
      for (const statement of all) statement.finalize();
    },
  };
}
