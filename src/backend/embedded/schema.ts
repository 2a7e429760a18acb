/**
 * The tables of `parley.db`: as version 1 made them, and what each later version changed.
 *
 * `events.scope` is a room's id, or the negative of a conversation's, so that the history of both is served
 * by the same two: `said` for lines said (`kind` below 3) and the index `events_other` for everything else.
 * `said` is filled behind the events, with every line up to `meta.said` in it, and perhaps some after that
 * (said.ts). `lines` is the search index: contentless, filled behind the events up to `meta.indexed`; its
 * `scope` column holds `r<room>`, or `n<name>` for both sides of a private line.
 */

/** "prly": tells our files from other SQLite files (bytes 68 to 71 of the file). */
export const APPLICATION_ID = 0x70726c79;

export const SCHEMA_1 = `
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE names (
  id       INTEGER PRIMARY KEY,
  folded   TEXT NOT NULL UNIQUE,
  name     TEXT NOT NULL,
  seen     INTEGER NOT NULL,
  hash     TEXT,
  created  INTEGER,
  settings TEXT
) STRICT;

CREATE TABLE rooms (
  id         INTEGER PRIMARY KEY,
  folded     TEXT NOT NULL UNIQUE,
  name       TEXT NOT NULL,
  created    INTEGER NOT NULL,
  topic      TEXT,
  topic_from TEXT,
  topic_at   INTEGER,
  key        TEXT,
  moderated  INTEGER NOT NULL DEFAULT 0,
  unlisted   INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE members (
  room INTEGER NOT NULL,
  name INTEGER NOT NULL,
  rank INTEGER NOT NULL,
  read INTEGER NOT NULL,
  PRIMARY KEY (room, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX members_name ON members (name);

CREATE TABLE bans (
  id     INTEGER PRIMARY KEY,
  room   INTEGER NOT NULL,
  kind   TEXT NOT NULL,
  what   TEXT NOT NULL,
  label  TEXT NOT NULL,
  reason TEXT NOT NULL,
  UNIQUE (room, kind, what)
) STRICT;

CREATE TABLE conversations (
  id   INTEGER PRIMARY KEY,
  low  INTEGER NOT NULL,
  high INTEGER NOT NULL,
  UNIQUE (low, high)
) STRICT;

CREATE TABLE events (
  id     INTEGER PRIMARY KEY,
  at     INTEGER NOT NULL,
  scope  INTEGER NOT NULL,
  kind   INTEGER NOT NULL,
  sender TEXT NOT NULL,
  text   TEXT,
  data   ANY
) STRICT;
CREATE INDEX events_said ON events (scope) WHERE kind < 3;
CREATE INDEX events_other ON events (scope) WHERE kind >= 3;

CREATE TABLE waiting (
  event INTEGER PRIMARY KEY,
  name  INTEGER NOT NULL
) STRICT;
CREATE INDEX waiting_name ON waiting (name);

CREATE TABLE posted (
  event INTEGER PRIMARY KEY,
  at    INTEGER NOT NULL,
  key   TEXT NOT NULL UNIQUE
) STRICT;

CREATE VIRTUAL TABLE lines USING fts5(
  scope, text,
  content = '', contentless_delete = 1, tokenize = 'unicode61 remove_diacritics 2'
);
-- Merging is done in small steps of our own (indexer.ts): SQLite's steps are long enough to be felt.
INSERT INTO lines (lines, rank) VALUES ('automerge', 0);
INSERT INTO lines (lines, rank) VALUES ('crisismerge', 64);
`;

/** An index has a page a room to write with every commit; a table can be filled when it is worth it. */
export const SCHEMA_2 = `
CREATE TABLE said (
  scope INTEGER NOT NULL,
  id    INTEGER NOT NULL,
  PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

INSERT INTO said SELECT scope, id FROM events WHERE kind < 3 ORDER BY scope, id;
INSERT INTO meta SELECT 'said', ifnull(max(id), 0) FROM events;
DROP INDEX events_said;
`;

/**
 * `tokens.rooms` is a JSON array, or null for all rooms; `folded` is whom the token speaks as. `server_bans`
 * has who is kept out of every room.
 */
export const SCHEMA_3 = `
ALTER TABLE names ADD COLUMN operator INTEGER NOT NULL DEFAULT 0;

CREATE TABLE tokens (
  id        TEXT PRIMARY KEY,
  hash      TEXT NOT NULL UNIQUE,
  name      TEXT NOT NULL,
  folded    TEXT NOT NULL,
  rooms     TEXT,
  read      INTEGER NOT NULL,
  write     INTEGER NOT NULL,
  created   INTEGER NOT NULL,
  last_used INTEGER
) STRICT;

CREATE TABLE server_bans (
  id     INTEGER PRIMARY KEY,
  kind   TEXT NOT NULL,
  what   TEXT NOT NULL,
  label  TEXT NOT NULL,
  reason TEXT NOT NULL,
  UNIQUE (kind, what)
) STRICT;
`;

const PROBES: readonly string[] = [
  'SELECT * FROM meta',
  'SELECT * FROM names ORDER BY id LIMIT 1',
  'SELECT * FROM names ORDER BY id DESC LIMIT 1',
  'SELECT folded FROM names ORDER BY folded LIMIT 1',
  'SELECT * FROM rooms ORDER BY id LIMIT 1',
  'SELECT * FROM rooms ORDER BY id DESC LIMIT 1',
  'SELECT count(*) FROM rooms',
  'SELECT * FROM members ORDER BY room LIMIT 1',
  'SELECT name FROM members ORDER BY name LIMIT 1',
  'SELECT * FROM bans ORDER BY id LIMIT 1',
  'SELECT * FROM conversations ORDER BY id LIMIT 1',
  'SELECT * FROM conversations ORDER BY low LIMIT 1',
  'SELECT * FROM events ORDER BY id LIMIT 1',
  'SELECT * FROM events ORDER BY id DESC LIMIT 1',
  'SELECT scope FROM events INDEXED BY events_other WHERE kind >= 3 ORDER BY scope LIMIT 1',
  'SELECT scope FROM events INDEXED BY events_other WHERE kind >= 3 ORDER BY scope DESC LIMIT 1',
  'SELECT * FROM waiting ORDER BY event LIMIT 1',
  'SELECT name FROM waiting ORDER BY name LIMIT 1',
  'SELECT * FROM posted ORDER BY event LIMIT 1',
  'SELECT key FROM posted ORDER BY key LIMIT 1',
  "SELECT rowid FROM lines WHERE lines MATCH 'scope:r0' LIMIT 1",
];

const PROBES_1: readonly string[] = [
  'SELECT scope FROM events INDEXED BY events_said WHERE kind < 3 ORDER BY scope LIMIT 1',
  'SELECT scope FROM events INDEXED BY events_said WHERE kind < 3 ORDER BY scope DESC LIMIT 1',
];

const PROBES_2: readonly string[] = [
  'SELECT * FROM said ORDER BY scope LIMIT 1',
  'SELECT * FROM said ORDER BY scope DESC LIMIT 1',
];

const PROBES_3: readonly string[] = [
  'SELECT operator FROM names LIMIT 1',
  'SELECT * FROM tokens',
  'SELECT id FROM tokens ORDER BY id LIMIT 1',
  'SELECT hash FROM tokens ORDER BY hash LIMIT 1',
  'SELECT * FROM server_bans ORDER BY id LIMIT 1',
  'SELECT kind FROM server_bans ORDER BY kind LIMIT 1',
];

/**
 * Reads that touch every table and index of a version at one or both ends, whatever their size: what is
 * damaged there shows before anybody is let in. A full check is `parley check`.
 */
export function probesOf(version: number): readonly string[] {
  const since = version < 3 ? [] : PROBES_3;
  return [...PROBES, ...(version < 2 ? PROBES_1 : PROBES_2), ...since];
}
