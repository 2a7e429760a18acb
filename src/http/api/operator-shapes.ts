/** The JSON of what operators of the server see and do. */
import * as v from 'valibot';
import { CONNECTION_SORTS } from '../../chat/connections.ts';
import { count, text, wholeNumber, yes } from './shapes.ts';

export const CONNECTIONS_ASKED = v.object({
  sort: v.optional(
    v.pipe(
      v.picklist(CONNECTION_SORTS),
      v.description('`rooms`: by how many; those not signed in have the last name.'),
    ),
    'connectedAt',
  ),
  order: v.optional(v.picklist(['asc', 'desc']), 'asc'),
  search: v.optional(text('Part of a name, an address or a room.'), ''),
  limit: v.optional(wholeNumber(1, 500, 'How many connections; 50 where it is not said.')),
  offset: v.optional(wholeNumber(0, 1_000_000, 'How many of the first to leave out.')),
});

const CONNECTION = v.object({
  id: count('What it is kicked by; never another’s while the server runs.'),
  name: v.pipe(v.nullable(v.string()), v.description('Null until it has signed in.')),
  account: yes('The name is an account’s.'),
  address: text('Of the client, behind trusted proxies too; empty for a unix socket.'),
  dialect: v.picklist(['text', 'json', 'irc']),
  rooms: v.array(v.string()),
  linesPerMinute: v.pipe(
    v.number(),
    v.minValue(0),
    v.description('Of the last 10 to 20 seconds while somebody asks; at first, since it connected.'),
  ),
  outboxBytes: count('Waiting to be read by the client.'),
  idleMs: count('Since its last line.'),
  connectedAt: count('ms since the epoch.'),
});

export const CONNECTIONS = v.object({
  total: count('How many there are, or how many were found.'),
  connections: v.array(CONNECTION),
});

const REASON = v.optional(text('Shown to whoever it is about. May be empty.'), '');

/** A body that may be missing. */
export const WHY = v.optional(v.strictObject({ reason: REASON }), {});

export const KICKED = v.object({
  name: v.pipe(v.nullable(v.string()), v.description('Null where nobody had signed in.')),
  closed: count('How many connections were closed.'),
});

const BAN_ENTRIES = {
  kind: v.picklist(['name', 'address']),
  what: text('The name as it is compared, or the address or range.'),
  label: text('What it is lifted by.'),
  reason: v.string(),
};

export const BAN = v.object(BAN_ENTRIES);
export const BANS = v.object({ bans: v.pipe(v.array(BAN), v.description('The newest last.')) });
export const BANNED = v.object({ ...BAN_ENTRIES, closed: count('How many connections were closed for it.') });

export const TO_BAN = v.strictObject({
  what: text('A name, an address, or a range such as 192.0.2.0/24.'),
  reason: REASON,
});

export const ANNOUNCEMENT = v.strictObject({ text: text('One line.') });
export const ANNOUNCED = v.object({ connections: count('How many it was shown on.') });

export const CLOSED_ROOM = v.object({
  room: v.string(),
  putOut: count('Members who were put out, those included who are not online.'),
  key: text('Lets somebody in again, who then runs the room: /join ROOM KEY'),
});

export const LISTING = v.strictObject({ on: yes('Whether it is to be in no list.') });
export const LISTED = v.object({ room: v.string(), unlisted: v.boolean() });

export const TOPIC = v.strictObject({ topic: text('One line; empty to take it away.') });
export const TOPIC_SET = v.object({ room: v.string(), topic: v.string() });
