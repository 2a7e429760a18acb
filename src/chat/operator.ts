/**
 * What operators of the server do: put connections off it, ban, announce, close and unlist rooms. Whether
 * somebody is one is the caller's to know. Everything done is logged with who did it, without anybody's words.
 */
import { addressInRange, parseRange } from './address.ts';
import { showNow } from './deliver.ts';
import { type Refusal, refusal } from './errors.ts';
import type { Ban, ModeChange } from './event.ts';
import type { Hub } from './hub.ts';
import { CODE_LENGTH, roomCode } from './membership.ts';
import { type Folded, fold, parseName } from './names.ts';
import { oneLine } from './publish.ts';
import { type Reader, withKnownRoom } from './rights.ts';
import type { Room } from './room.ts';
import { bannedBy, isThisMachine } from './server-bans.ts';
import type { Session } from './session.ts';
import { lineText } from './speech.ts';

/** Who does it: an account, or `parley` for the operator's own programs. */
export interface Operator {
  readonly name: string;
  /** '' over a unix socket. */
  readonly address: string;
}

/** Knows of every room. */
const ALL_SEEING: Reader = { kind: 'local' };
/** Members put out in one turn. */
const PUT_OUT_AT_ONCE = 500;

// ——— connections ———

/** Who was put off the server. */
export interface KickedOff {
  /** Null where nobody had signed in. */
  readonly name: string | null;
  /** How many connections were closed. */
  readonly closed: number;
}

/** Ends one connection. Whoever was on it may come back. */
export function kickSession(hub: Hub, by: Operator, id: number, reason: string): KickedOff {
  const why = reasonText(hub, reason);
  const session = [...hub.sessions].find(each => each.id === id);
  if (!session) throw refusal('no-such-connection', String(id));
  const name = session.user?.name ?? null;
  const { address } = session.link;
  putOff(hub, session, refusal('server-kicked', by.name, why), `kicked by ${because(by, why)}`);
  hub.log.info('an operator kicked a connection', { by: by.name, connection: id, name, address });
  return { name, closed: 1 };
}

/** Ends every connection of a name. */
export function kickUser(hub: Hub, by: Operator, input: string, reason: string): KickedOff {
  const why = reasonText(hub, reason);
  const user = hub.users.get(fold(input));
  if (!user) throw refusal('not-online', input);
  const sessions = [...user.sessions];
  for (const session of sessions)
    putOff(hub, session, refusal('server-kicked', by.name, why), `kicked by ${because(by, why)}`);
  hub.log.info('an operator kicked a name', { by: by.name, name: user.name, closed: sessions.length });
  return { name: user.name, closed: sessions.length };
}

function putOff(hub: Hub, session: Session, why: Refusal, told: string): void {
  hub.count(why.code);
  session.link.face.refusal(why);
  session.link.close(why.code, told);
}

function because({ name }: Operator, reason: string): string {
  return reason === '' ? name : `${name}: ${reason}`;
}

// ——— bans ———

/**
 * Keeps a name, an address or a CIDR range off the server, and puts off whoever that meets. Resolves with
 * the ban and how many connections that were.
 */
export async function ban(
  hub: Hub,
  by: Operator,
  what: string,
  reason: string,
): Promise<{ readonly ban: Ban; readonly closed: number }> {
  const set = await banFor(hub, by, what.trim(), reasonText(hub, reason));
  const outcome = await hub.backend.addServerBan(set);
  if (outcome !== 'set') throw refusal(outcome);
  hub.serverBans.set(set);
  const met = [...hub.sessions].filter(session => meets(set, session));
  for (const session of met) putOff(hub, session, bannedBy(set), `banned by ${because(by, set.reason)}`);
  hub.log.info('an operator banned', { by: by.name, kind: set.kind, what: set.what, closed: met.length });
  return { ban: set, closed: met.length };
}

async function banFor(hub: Hub, by: Operator, what: string, reason: string): Promise<Ban> {
  const range = /[.:]/.test(what) ? parseRange(what) : null;
  if (range === null) {
    const folded = fold(what);
    if (folded === fold(by.name)) throw refusal('that-is-you', 'ban');
    return { kind: 'name', what: folded, label: await spelled(hub, what, folded), reason };
  }
  if (isThisMachine(range.replace(/\/.*/, '')))
    throw refusal('bad-request', `${range} is this machine itself, which no ban on an address meets`);
  if (!isThisMachine(by.address) && addressInRange(by.address, range)) throw refusal('that-is-you', 'ban');
  return { kind: 'address', what: range, label: range, reason };
}

/** As whoever has the name spells it. It may be nobody's yet. */
async function spelled(hub: Hub, what: string, folded: Folded): Promise<string> {
  const known = hub.users.get(folded) ?? (await hub.backend.known(folded));
  if (known) return known.name;
  const name = parseName(what, hub.rules);
  if (typeof name === 'string') return name;
  throw refusal('bad-request', `${what} is neither a name nor an address nor a range like 192.0.2.0/24`);
}

function meets({ kind, what }: Ban, { link, user }: Session): boolean {
  if (kind === 'name') return user?.folded === what;
  return !isThisMachine(link.address) && addressInRange(link.address, what);
}

/** Lifts a ban, named by its label or by what it is on; answers which. */
export async function unban(hub: Hub, by: Operator, what: string): Promise<Ban> {
  const lifted = hub.serverBans.on(parseRange(what) ?? fold(what));
  if (!lifted) throw refusal('ban-not-found', what, 'this server');
  const outcome = await hub.backend.removeServerBan(lifted.label);
  if (outcome === 'store-full' || outcome === 'store-failed') throw refusal(outcome);
  hub.serverBans.remove(lifted);
  hub.log.info('an operator lifted a ban', { by: by.name, kind: lifted.kind, what: lifted.what });
  return lifted;
}

// ——— everyone ———

/** Shows a line to everyone who is signed in, whomever they ignore; answers how many connections that are. */
export function announce(hub: Hub, by: Operator, input: string): number {
  const text = lineText(hub, oneLine(input));
  const sessions = [...hub.sessions].filter(({ user }) => user);
  showNow({ type: 'announce', from: by.name, text, id: 0, at: hub.clock.now() }, sessions);
  hub.log.info('an operator announced something', { by: by.name, connections: sessions.length });
  return sessions.length;
}

// ——— rooms ———

/**
 * Closes a room: everybody is put out of it, accounts that are away too, and it is in no list and locked with
 * a key that only the answer tells. Its bans and its history stay; whoever joins with the key runs it.
 */
export async function closeRoom(
  hub: Hub,
  by: Operator,
  input: string,
  reason: string,
  randomBytes: (count: number) => Uint8Array,
): Promise<{ readonly room: string; readonly putOut: number; readonly key: string }> {
  const why = reasonText(hub, reason);
  const key = roomCode(randomBytes(CODE_LENGTH));
  return await withKnownRoom(hub, ALL_SEEING, input, async room => {
    room.closing = true;
    try {
      room.invited.clear();
      await lock(hub, by, room, key);
      const putOut = await empty(hub, by, room, why);
      hub.log.info('an operator closed a room', { by: by.name, room: room.name, putOut });
      return { room: room.name, putOut, key };
    } finally {
      room.closing = false;
    }
  });
}

/** Before anybody is put out, so that nobody is back before it is done. */
async function lock(hub: Hub, by: Operator, room: Room, key: string): Promise<void> {
  const changes: ModeChange[] = [{ mode: 'key', key }];
  if (!room.unlisted) changes.push({ mode: 'unlisted', on: true });
  if (room.moderated) changes.push({ mode: 'moderated', on: false });
  const common = { room: room.name, from: by.name } as const;
  const kept = changes.map(change => hub.keep({ ...common, type: 'mode', change }, null));
  if (room.topic) kept.push(hub.keep({ ...common, type: 'topic', text: '' }, null));
  await Promise.all(kept);
}

/** Some at a time, as a crowd would hold up the turn; until nobody is left, as some may have been on their way in. */
async function empty(hub: Hub, by: Operator, room: Room, reason: string): Promise<number> {
  let putOut = 0;
  while (room.members.size > 0) {
    const some = [...room.members.values()].slice(0, PUT_OUT_AT_ONCE);
    const draft = { type: 'kick', room: room.name, from: by.name, reason } as const;
    await Promise.all(some.map(({ name }) => hub.keep({ ...draft, name }, null)));
    putOut += some.length;
  }
  return putOut;
}

/** Takes a room out of all lists, or puts it back; answers how it is spelled. */
export async function unlist(hub: Hub, by: Operator, input: string, on: boolean): Promise<string> {
  return await withKnownRoom(hub, ALL_SEEING, input, async room => {
    if (room.unlisted !== on) {
      const change = { mode: 'unlisted', on } as const;
      await hub.keep({ type: 'mode', room: room.name, from: by.name, change }, null);
      hub.log.info('an operator changed whether a room is listed', { by: by.name, room: room.name, on });
    }
    return room.name;
  });
}

/** Sets the topic of a room, or with '' takes it away; answers the room and the topic as they are now. */
export async function setTopic(
  hub: Hub,
  by: Operator,
  input: string,
  text: string,
): Promise<{ readonly room: string; readonly topic: string }> {
  const topic = text.trim() === '' ? '' : lineText(hub, oneLine(text));
  return await withKnownRoom(hub, ALL_SEEING, input, async room => {
    await hub.keep({ type: 'topic', room: room.name, from: by.name, text: topic }, null);
    hub.log.info('an operator set a topic', { by: by.name, room: room.name });
    return { room: room.name, topic };
  });
}

/** What somebody is told of why; empty where nothing was said. */
function reasonText(hub: Hub, reason: string): string {
  return reason.trim() === '' ? '' : lineText(hub, oneLine(reason));
}
