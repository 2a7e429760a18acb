/** The JSON of tokens: those there are, and those that are made. */
import * as v from 'valibot';
import type { Token } from '../../chat/ports.ts';
import { isoTime } from './answer.ts';
import { text, time, yes } from './shapes.ts';

/** More rooms than this are better said with none. */
const MOST_ROOMS = 1000;

const ENTRIES = {
  id: text('What it is taken back by.'),
  name: text('Who speaks with it. Nobody else takes that name meanwhile.'),
  rooms: v.pipe(v.nullable(v.array(v.string())), v.description('The rooms it is for; null for all.')),
  read: yes('May read and follow its rooms, and search them.'),
  write: yes('May speak in its rooms, and write to people.'),
  created: time('When it was made, in UTC.'),
  lastUsed: v.pipe(
    v.nullable(v.pipe(v.string(), v.isoTimestamp())),
    v.description('When it was used last, in UTC; null where it never was.'),
  ),
};

export const TOKEN = v.object(ENTRIES);
export type TokenJson = v.InferOutput<typeof TOKEN>;

export const TOKENS = v.object({ tokens: v.pipe(v.array(TOKEN), v.description('Oldest first.')) });

export const NEW_TOKEN = v.object({
  ...ENTRIES,
  secret: text('What is sent as Authorization: Bearer. Shown this once.'),
});

export const TOKEN_WISH = v.strictObject({
  name: text('Who speaks with it: no account’s name.'),
  rooms: v.optional(
    v.pipe(
      v.nullable(v.pipe(v.array(v.string()), v.maxLength(MOST_ROOMS))),
      v.description('The rooms it is for; null for all of them.'),
    ),
    null,
  ),
  read: v.optional(yes('To read. Where neither this nor write is said, it is for both.')),
  write: v.optional(yes('To write.')),
});

export function tokenJson({ id, name, rooms, read, write, created, lastUsed }: Token): TokenJson {
  const used = lastUsed === null ? null : isoTime(lastUsed);
  return { id, name, rooms: rooms && [...rooms], read, write, created: isoTime(created), lastUsed: used };
}
