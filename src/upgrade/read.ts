/** Reading what was handed over, with suspicion: another version of parley may have written it. */
import * as v from 'valibot';
import type { HubState, SessionState } from '../chat/handover.ts';
import type { ClientState } from '../dialect/client.ts';
import type { ConnectionState } from '../wire/connection.ts';
import { type HandoverState, STATE_VERSION } from './state.ts';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const base64 = v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]*={0,2}$/));
const rank = v.picklist(['operator', 'voice', 'member']);
const skippable = v.object({ room: v.string(), lines: count, after: count });
const options = v.object({
  time: v.boolean(),
  color: v.boolean(),
  echo: v.boolean(),
  notices: v.boolean(),
  prompt: v.boolean(),
});

const listener = v.object({
  fd: count,
  where: v.variant('kind', [
    v.object({ kind: v.literal('tcp'), host: v.string(), port: count, tls: v.boolean() }),
    v.object({ kind: v.literal('unix'), path: v.string(), tls: v.boolean() }),
  ]),
  own: v.exactOptional(v.literal(true)),
});

const hub: v.GenericSchema<unknown, HubState> = v.object({
  lastSession: count,
  users: v.array(
    v.object({
      name: v.string(),
      account: v.boolean(),
      options,
      away: v.nullable(v.string()),
      announced: v.boolean(),
      ignored: v.array(v.string()),
    }),
  ),
  rooms: v.array(
    v.object({
      name: v.string(),
      members: v.array(v.object({ name: v.string(), rank, account: v.boolean(), here: v.boolean() })),
      invited: v.array(v.string()),
    }),
  ),
});

const session: v.GenericSchema<unknown, SessionState> = v.object({
  id: count,
  connectedAt: v.number(),
  lastActive: v.number(),
  lines: count,
  name: v.nullable(v.string()),
  options,
  rooms: v.array(v.string()),
  current: v.nullable(v.string()),
});

const connection: v.GenericSchema<unknown, ConnectionState> = v.object({
  fresh: v.boolean(),
  held: v.nullable(v.string()),
  lines: v.nullable(v.object({ fresh: v.boolean(), dropped: count, pending: base64 })),
  telnet: v.nullable(
    v.object({
      within: v.picklist(['text', 'command', 'option', 'subnegotiation', 'subnegotiation-command']),
      verb: count,
      subnegotiated: count,
      refused: v.nullable(base64),
    }),
  ),
  outbox: v.object({
    unsent: v.array(v.object({ bytes: base64, skip: v.nullable(skippable), seen: v.array(count) })),
    skipped: v.nullable(v.object({ rooms: v.array(skippable), seen: v.array(count) })),
  }),
});

const client: v.GenericSchema<unknown, ClientState> = v.object({
  address: v.string(),
  greeted: v.boolean(),
  firstLine: v.picklist(['awaited', 'unread', 'read']),
  question: v.nullable(v.object({ command: v.string(), answers: v.array(v.string()) })),
  session,
  connection,
});

const state: v.GenericSchema<unknown, HandoverState> = v.object({
  version: v.literal(STATE_VERSION),
  from: v.string(),
  since: v.number(),
  stopping: v.boolean(),
  listeners: v.array(listener),
  inodes: v.array(v.object({ fd: count, inode: count })),
  httpPort: v.nullable(count),
  httpsPort: v.nullable(count),
  hub,
  clients: v.array(
    v.object({
      link: v.object({ fd: count, listener: v.string(), address: v.string(), port: count }),
      client,
    }),
  ),
});

/** What was written; or why it cannot be read, in words. */
export function readState(text: string): HandoverState | string {
  const given = parse(text);
  const { success, output: versioned } = v.safeParse(v.object({ version: v.number() }), given);
  if (!success) return 'it is not what a parley hands over';
  if (versioned.version !== STATE_VERSION)
    return `it is version ${versioned.version}, and this program reads ${STATE_VERSION}`;
  const read = v.safeParse(state, given);
  if (read.success) return read.output;
  const [issue] = read.issues;
  return `${v.getDotPath(issue) ?? 'it'} is wrong: ${issue.message}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
