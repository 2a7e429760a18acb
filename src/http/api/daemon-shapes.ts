/** The JSON of the daemon itself: how it does, what a reload came to, the lines of its log. */
import * as v from 'valibot';
import { LOG_LEVELS } from '../../ops/log-tail.ts';
import { count, text, time, wholeNumber } from './shapes.ts';

const rate = (description: string) => v.pipe(v.number(), v.minValue(0), v.description(description));

export const STATUS = v.object({
  version: v.string(),
  server: text('What the server is called.'),
  pid: count('Of the process.'),
  startedAt: time('In UTC.'),
  uptimeMs: count('Since then.'),
  health: v.object({
    state: v.picklist(['ok', 'slow', 'stalled', 'full', 'stopping']),
    why: text('In words; empty where all is well.'),
  }),
  listening: v.pipe(v.array(v.string()), v.description('Where it takes connections.')),
  connections: v.object({ text: v.number(), json: v.number(), irc: v.number() }),
  names: count('Signed in now, each counted once.'),
  rooms: v.object({ inUse: count('With somebody in them.'), all: count('That exist.') }),
  messages: v.object({ total: count('Since the start.'), perSecond: rate('Over the last 10 seconds.') }),
  deliveries: v.object({ total: count('Since the start.'), perSecond: rate('Over the last 10 seconds.') }),
  memoryBytes: count('Of the process.'),
  outboxBytes: count('Waiting for slow readers.'),
  lagMs: rate('The longest the event loop was late in the last 10 seconds.'),
  commitMs: rate('The longest transaction of the last 10 seconds.'),
  storeBytes: count('What is kept.'),
  waitingMessages: count('Private messages that nobody has seen.'),
});
export type StatusJson = v.InferOutput<typeof STATUS>;

export const RELOADED = v.object({
  changed: v.pipe(v.array(v.string()), v.description('Settings that are others now.')),
  restart: v.pipe(v.array(v.string()), v.description('Changed settings that need a restart.')),
});

export const UPGRADING = v.object({
  version: v.pipe(v.string(), v.description('Of the program that takes over.')),
});

export const DRAINING = v.object({
  connections: count('That are told and closed now.'),
  timeoutMs: count('After which those that do not read are closed all the same.'),
});

export const LOG_ASKED = v.object({
  level: v.optional(v.pipe(v.picklist(LOG_LEVELS), v.description('And above.')), 'info'),
  recent: v.optional(wholeNumber(0, 500, 'How many lines of before; 50 where it is not said.')),
});

/** One line of the log: the data of an event. */
export const LOG_LINE = v.object({
  at: v.number(),
  level: v.picklist(LOG_LEVELS),
  message: v.string(),
  fields: v.record(v.string(), v.union([v.string(), v.number(), v.boolean(), v.null()])),
});
