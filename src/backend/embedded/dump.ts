/**
 * What is exported and imported: one JSON object a line. First the rooms, then what was said, oldest first, in
 * the shape that the API has for messages:
 *
 *     {"type":"room","room":"ops","created":"2026-01-15T10:00:00.000Z","unlisted":true}
 *     {"type":"message","id":3,"at":"2026-01-15T10:30:15.000Z","room":"ops","from":"alice","text":"hello"}
 *     {"type":"private","id":4,"at":"…","from":"bob","to":"alice","text":"hi","waiting":true}
 *
 * `action` and `topic` are as `message`. `waiting`: the addressee has not seen it yet.
 */
import * as v from 'valibot';
import type { PrivateEvent, RoomEvent } from '../../chat/event.ts';
import { type NameRules, parseName, parseRoom } from '../../chat/names.ts';
import { clean } from '../../chat/text.ts';

const AT = v.pipe(
  v.string(),
  v.isoTimestamp('it is not a time such as 2026-01-15T10:30:15Z'),
  v.transform(text => Date.parse(text)),
  v.number('it is not a time such as 2026-01-15T10:30:15Z'),
);
/** Ids beyond this would leave too few for the rest of the store's life. */
const MOST_ID = 2 ** 50;
const ID = v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(MOST_ID)));
/** As long as names and rooms may ever be, whatever the settings say today. */
const LONGEST: NameRules = { nameLength: 64, roomLength: 128 };
const MOST_BYTES = 64 * 1024;

const NAME = parsed(text => parseName(text, LONGEST));
const ROOM = parsed(text => parseRoom(text, LONGEST));
const TEXT = v.pipe(
  v.string(),
  v.transform(clean),
  v.check(text => Buffer.byteLength(text) <= MOST_BYTES, `it is longer than ${MOST_BYTES} bytes`),
);
const SAID = v.pipe(TEXT, v.nonEmpty('there is nothing in it'));

const LINE = v.variant('type', [
  v.object({
    type: v.literal('room'),
    room: ROOM,
    created: v.optional(AT),
    topic: v.optional(v.object({ text: TEXT, from: NAME, at: AT })),
    key: v.optional(SAID),
    moderated: v.optional(v.boolean(), false),
    unlisted: v.optional(v.boolean(), false),
  }),
  v.object({ type: v.picklist(['message', 'action']), id: ID, at: AT, room: ROOM, from: NAME, text: SAID }),
  v.object({ type: v.literal('topic'), id: ID, at: AT, room: ROOM, from: NAME, text: TEXT }),
  v.object({
    type: v.literal('private'),
    id: ID,
    at: AT,
    from: NAME,
    to: NAME,
    text: SAID,
    waiting: v.optional(v.boolean(), false),
  }),
]);

export type DumpLine = v.InferOutput<typeof LINE>;
export type DumpRoom = Extract<DumpLine, { type: 'room' }>;
export type DumpEvent = Exclude<DumpLine, DumpRoom>;

/** A line as it is read, or why it cannot be. */
export function parseLine(text: string): DumpLine | Error {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return new Error('it is not JSON');
  }
  const result = v.safeParse(LINE, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = v.getDotPath(issue);
  if (path === 'type') return new Error('type: it is none of room, message, action, topic and private');
  return new Error(path === null ? 'it is not an object' : `${path}: ${inWords(issue)}`);
}

export function formatEvent(event: RoomEvent | PrivateEvent, waiting: boolean): string {
  const { id, type, from } = event;
  const at = isoTime(event.at);
  if (event.type === 'private') {
    const { to, text } = event;
    return line({ type, id, at, from, to, text, ...(waiting && { waiting }) });
  }
  const text = 'text' in event ? event.text : '';
  return line({ type, id, at, room: event.room, from, text });
}

export interface RoomToFormat {
  readonly name: string;
  readonly created: number;
  readonly topic: string | null;
  readonly topic_from: string | null;
  readonly topic_at: number | null;
  readonly key: string | null;
  readonly moderated: number;
  readonly unlisted: number;
}

export function formatRoom(room: RoomToFormat): string {
  const { topic, topic_from: from, topic_at: at, key } = room;
  return line({
    type: 'room',
    room: room.name,
    created: isoTime(room.created),
    ...(topic !== null && from !== null && at !== null && { topic: { text: topic, from, at: isoTime(at) } }),
    ...(key !== null && { key }),
    ...(room.moderated === 1 && { moderated: true }),
    ...(room.unlisted === 1 && { unlisted: true }),
  });
}

function line(fields: object): string {
  return `${JSON.stringify(fields)}\n`;
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}

/** A string that the domain parses, with its own words for what is wrong. */
function parsed(parse: (text: string) => string | { readonly message: string }) {
  return v.pipe(
    v.string(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const value = parse(dataset.value);
      if (typeof value === 'string') return value;
      addIssue({ message: value.message.replace(/\.$/, '') });
      return NEVER;
    }),
  );
}

function inWords(issue: v.BaseIssue<unknown>): string {
  if (issue.kind !== 'schema') return issue.message;
  return issue.received === 'undefined' ? 'it is missing' : `${issue.expected} is wanted`;
}
