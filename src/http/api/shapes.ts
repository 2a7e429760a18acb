/** The JSON of the API, once: what is checked, what is documented, and the types of both. */
import * as v from 'valibot';
import { ERROR_CODES } from '../../chat/errors.ts';

/** A whole number in a query string. The document says `integer`, as clients write them. */
export function wholeNumber(least: number, most: number, description: string) {
  return v.pipe(
    v.string(),
    v.check(
      text => /^\d{1,16}$/.test(text) && Number(text) >= least && Number(text) <= most,
      `a whole number from ${least} to ${most} is wanted`,
    ),
    v.metadata({ documented: { type: 'integer', minimum: least, maximum: most } }),
    v.description(description),
    v.transform(Number),
  );
}

export function text(description: string) {
  return v.pipe(v.string(), v.description(description));
}

export function count(description: string) {
  return v.pipe(v.number(), v.integer(), v.minValue(0), v.description(description));
}

export function yes(description: string) {
  return v.pipe(v.boolean(), v.description(description));
}

export function time(description: string) {
  return v.pipe(v.string(), v.isoTimestamp(), v.description(description));
}

const ID = count('Rises within a room (and between two names); not without gaps.');
const AT = time('When it was kept, in UTC.');
const MOST_ID: number = Number.MAX_SAFE_INTEGER;

export const MESSAGE = v.pipe(
  v.object({
    type: v.pipe(v.picklist(['message', 'action']), v.description('action: what `/me` says.')),
    id: ID,
    at: AT,
    room: text('The room, without a #.'),
    from: text('Who said it: an account, a guest, or the name of a token.'),
    text: text('One line, without control characters.'),
  }),
  v.title('Message'),
  v.description('A line said to a room.'),
);
export type Message = v.InferOutput<typeof MESSAGE>;

export const PRIVATE = v.pipe(
  v.object({
    type: v.literal('private'),
    id: ID,
    at: AT,
    from: v.string(),
    to: v.string(),
    text: v.string(),
  }),
  v.title('PrivateMessage'),
  v.description('A line from one name to another.'),
);
export type PrivateMessage = v.InferOutput<typeof PRIVATE>;

const ROOM_ENTRIES = {
  name: text('The room, without a #.'),
  people: count('Members who are online.'),
  topic: v.optional(text('Empty where none is set. Not shown to strangers.')),
  unlisted: yes('Shown only to those who may know of it.'),
  readable: yes('Whether the messages are for whoever asks (a ban may keep a token out all the same).'),
};

export const ROOM = v.pipe(v.object(ROOM_ENTRIES), v.title('Room'));
export type RoomJson = v.InferOutput<typeof ROOM>;

export const ROOM_DETAILS = v.pipe(
  v.object({
    ...ROOM_ENTRIES,
    moderated: yes('Only operators, those with a voice, and tokens speak.'),
    keyed: yes('Whoever joins needs a key.'),
    topicFrom: v.optional(text('Who set the topic.')),
    topicAt: v.optional(time('When the topic was set.')),
    lastId: v.optional(count('The id of the newest event; 0 where there is none. Not shown to strangers.')),
  }),
  v.title('RoomDetails'),
);
export type RoomDetailsJson = v.InferOutput<typeof ROOM_DETAILS>;

export const ROOMS = v.object({
  rooms: v.array(ROOM),
  total: count('How many there are, shown here or not.'),
});

export const MEMBER = v.pipe(
  v.object({
    name: v.string(),
    rank: v.picklist(['operator', 'voice', 'member']),
    online: v.boolean(),
    away: v.pipe(v.nullable(v.string()), v.description('Why, where somebody is away; may be empty.')),
  }),
  v.title('Member'),
);

export const MEMBERS = v.object({ room: v.string(), members: v.array(MEMBER) });

export const MESSAGES = v.object({
  messages: v.pipe(v.array(MESSAGE), v.description('Oldest first.')),
  next: v.optional(text('Where the following page is, in the direction asked; absent on the last one.')),
});

export const SENT = v.object({
  message: PRIVATE,
  outcome: v.pipe(
    v.picklist(['delivered', 'waiting']),
    v.description('waiting: kept until the addressee signs in.'),
  ),
});

export const FOUND = v.object({
  messages: v.pipe(v.array(v.union([MESSAGE, PRIVATE])), v.description('Oldest first.')),
  complete: yes('False where not everything could be looked through just now.'),
});

export const ME = v.object({
  kind: v.picklist(['nobody', 'account', 'token', 'local']),
  name: v.optional(text('Who speaks: the account, or the name of the token.')),
  operator: yes('May use the routes for operators of the server.'),
  rooms: v.optional(
    v.pipe(
      v.nullable(v.array(v.string())),
      v.description('Rooms the account is in, or the token is for; null for all.'),
    ),
  ),
  read: v.boolean(),
  write: v.boolean(),
});
export type Me = v.InferOutput<typeof ME>;

export const PROBLEM = v.pipe(
  v.object({
    type: text('urn:parley:error:CODE'),
    title: text('What the status says.'),
    status: v.pipe(v.number(), v.integer()),
    detail: text('What went wrong, for people, in one line.'),
    code: v.pipe(
      v.picklist([...ERROR_CODES]),
      v.description('What went wrong, for programs. The same code as in the chat.'),
    ),
  }),
  v.title('Problem'),
  v.description('Why a request was refused (RFC 9457).'),
);

// ——— what is sent ———

export const PUBLICATION = v.strictObject({
  text: text('One line.'),
  kind: v.optional(
    v.pipe(v.picklist(['message', 'action']), v.description('action: as `/me` says it.')),
    'message',
  ),
});

export const LETTER = v.strictObject({ to: text('The name it is for.'), text: text('One line.') });

export const ROOMS_ASKED = v.object({
  limit: v.optional(wholeNumber(1, 10_000, 'How many of the fullest rooms; 200 where it is not said.')),
});

export const PAGE = v.object({
  after: v.optional(wholeNumber(0, MOST_ID, 'Messages with ids above this, the oldest of them.')),
  before: v.optional(
    wholeNumber(1, MOST_ID, 'Messages with ids below this; without `after`, the newest of them.'),
  ),
  limit: v.optional(wholeNumber(1, 500, 'How many messages; 50 where it is not said.')),
});

export const FOLLOWING = v.object({
  after: v.optional(
    wholeNumber(
      0,
      MOST_ID,
      'Begin with the first message after this id; without it, with what is said from now on.',
    ),
  ),
});

export const SEARCH = v.object({
  q: text(
    'Words, all of which must occur. "Quotes" make a phrase; a star after three letters or more stands for any ending.',
  ),
  room: v.optional(text('Only in this room.')),
  limit: v.optional(wholeNumber(1, 200, 'How many of the newest; 50 where it is not said.')),
});

/** The shapes that the document gives a name. */
export const NAMED = {
  Message: MESSAGE,
  PrivateMessage: PRIVATE,
  Room: ROOM,
  RoomDetails: ROOM_DETAILS,
  Member: MEMBER,
  Problem: PROBLEM,
} as const;
