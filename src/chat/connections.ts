/**
 * Every connection as an operator of the server sees it, searched and sorted a page at a time. Thousands of
 * them are looked through at each look: only those of the page are described.
 */
import type { Dialect } from './counters.ts';
import type { Hub } from './hub.ts';
import { LineRates } from './line-rates.ts';
import { fold } from './names.ts';
import type { Room } from './room.ts';
import type { Session } from './session.ts';

export interface ConnectionView {
  readonly id: number;
  /** Null until it has signed in. */
  readonly name: string | null;
  /** The name is an account's. */
  readonly account: boolean;
  /** '' for a unix socket. */
  readonly address: string;
  readonly dialect: Dialect;
  readonly rooms: readonly string[];
  readonly linesPerMinute: number;
  readonly outboxBytes: number;
  readonly idleMs: number;
  /** ms since the epoch. */
  readonly connectedAt: number;
}

export const CONNECTION_SORTS = [
  'name',
  'address',
  'dialect',
  'rooms',
  'linesPerMinute',
  'outboxBytes',
  'idleMs',
  'connectedAt',
] as const satisfies readonly (keyof ConnectionView)[];
export type ConnectionSort = (typeof CONNECTION_SORTS)[number];

export interface ConnectionsAsked {
  readonly sort: ConnectionSort;
  readonly order: 'asc' | 'desc';
  /** Part of a name, an address or a room; '' for all. */
  readonly search: string;
  readonly limit: number;
  readonly offset: number;
}

export interface ConnectionPage {
  /** That the search found. */
  readonly total: number;
  readonly connections: readonly ConnectionView[];
}

/** More than this are sorted with all others. */
const MANY = 1000;

/** What a session is sorted by: the number first. */
interface Key {
  readonly session: Session;
  readonly number: number;
  readonly text: string;
}

export class Connections {
  private readonly rates = new LineRates();

  constructor(private readonly hub: Hub) {}

  look({ sort, order, search, limit, offset }: ConnectionsAsked): ConnectionPage {
    const { sessions, clock } = this.hub;
    const now = clock.now();
    this.rates.look(sessions, now);
    const fits = finder(this.hub, search);
    const keys: Key[] = [];
    for (const session of sessions) if (fits(session)) keys.push(this.key(session, sort, now));
    const sign = order === 'asc' ? 1 : -1;
    const inOrder = (a: Key, b: Key) => sign * (a.number - b.number || compare(a.text, b.text));
    const page = firstOf(keys, offset + limit, inOrder).slice(offset);
    return { total: keys.length, connections: page.map(({ session }) => this.view(session, now)) };
  }

  private key(session: Session, sort: ConnectionSort, now: number): Key {
    const { link, user, seats, connectedAt } = session;
    switch (sort) {
      case 'name':
        return { session, number: user ? 0 : 1, text: user?.folded ?? '' };
      case 'address':
        return { session, number: 0, text: link.address };
      case 'dialect':
        return { session, number: 0, text: link.dialect };
      case 'rooms':
        return { session, number: seats.length, text: '' };
      case 'linesPerMinute':
        return { session, number: this.rates.perMinute(session, now), text: '' };
      case 'outboxBytes':
        return { session, number: link.outbox.waiting, text: '' };
      case 'idleMs':
        return { session, number: now - session.lastActive, text: '' };
      case 'connectedAt':
        return { session, number: connectedAt, text: '' };
    }
  }

  private view(session: Session, now: number): ConnectionView {
    const { id, link, user, seats, lastActive, connectedAt } = session;
    return {
      id,
      name: user?.name ?? null,
      account: user?.account != null,
      address: link.address,
      dialect: link.dialect,
      rooms: seats.map(({ room }) => room.name),
      linesPerMinute: Math.round(this.rates.perMinute(session, now) * 10) / 10,
      outboxBytes: link.outbox.waiting,
      idleMs: Math.max(0, now - lastActive),
      connectedAt,
    };
  }
}

/** Whether a session is what is searched for. Rooms are looked through once, not for each who is in them. */
function finder(hub: Hub, search: string): (session: Session) => boolean {
  const wanted = fold(search);
  if (wanted === '') return () => true;
  const address = /^[\da-f.:]+$/.test(wanted);
  const rooms = new Set<Room>();
  for (const room of hub.rooms.values()) if (room.folded.includes(wanted)) rooms.add(room);
  return ({ user, link, seats }) =>
    user?.folded.includes(wanted) ||
    (address && link.address.includes(wanted)) ||
    (rooms.size > 0 && seats.some(({ room }) => rooms.has(room)));
}

/** The first `count` in order. Few of many are picked out in one pass, which spares most of the sorting. */
function firstOf(keys: Key[], count: number, inOrder: (a: Key, b: Key) => number): Key[] {
  if (count > MANY) return keys.sort(inOrder).slice(0, count);
  const first: Key[] = [];
  for (const key of keys) {
    const last = first[count - 1];
    if (last && inOrder(last, key) <= 0) continue;
    if (last) first.pop();
    first.splice(placeOf(key, first, inOrder), 0, key);
  }
  return first;
}

/** Behind those that are its equals, so that what came first stays first. */
function placeOf(key: Key, sorted: readonly Key[], inOrder: (a: Key, b: Key) => number): number {
  let [from, to] = [0, sorted.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    const at = sorted[middle];
    if (at && inOrder(at, key) <= 0) from = middle + 1;
    else to = middle;
  }
  return from;
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
