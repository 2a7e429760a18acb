/** Everything that is asked of the embedded backend and answered from what is committed. */

import type { Kept, PrivateEvent, RoomEvent } from '../../chat/event.ts';
import { type Folded, fold } from '../../chat/names.ts';
import type { Account, HistoryQuery, KnownName, RoomRecord } from '../../chat/ports.ts';
import { emptyRoom } from '../empty-room.ts';
import { mostSimilar } from '../similar.ts';
import { banOf, decodePrivate, decodeRoomEvent, type EventRow, rankOf } from './rows.ts';
import type { State } from './state.ts';

/** Names looked at for "did you mean": those that begin alike. */
const MOST_ALIKE = 2000;
const NO_END = Number.MAX_SAFE_INTEGER;

export class Reader {
  constructor(private readonly state: State) {}

  // ——— names ———

  known(name: Folded): KnownName | null {
    const waiting = this.state.lazy.known(name);
    const row = this.state.statements.name.get(name);
    if (row) {
      return { name: row.name, account: row.account === 1, lastSeen: Math.max(row.seen, waiting?.at ?? 0) };
    }
    return waiting ? { name: waiting.name, account: false, lastSeen: waiting.at } : null;
  }

  similarNames(name: Folded): readonly string[] {
    const [first] = name;
    if (first === undefined) return [];
    const alike = this.state.statements.namesFrom.all(first, `${first}\u{10ffff}`, MOST_ALIKE);
    return mostSimilar(name, new Map(alike.map(row => [row.folded as Folded, row.name])));
  }

  account(name: Folded): Account | null {
    const { statements, lazy } = this.state;
    const row = statements.account.get(name);
    if (!row) return null;
    // Written by `saveSettings`, an object.
    const settings = JSON.parse(lazy.settingsOf(name) ?? row.settings ?? '{}') as Record<string, unknown>;
    const memberships = statements.memberships.all(row.id).map(({ room, folded, rank, read }) => ({
      room,
      rank: rankOf(rank),
      read: Math.max(read, lazy.readOf(name, folded as Folded)),
    }));
    const { name: spelled, hash: passwordHash, created, operator } = row;
    return { name: spelled, passwordHash, created, settings, memberships, operator: operator === 1 };
  }

  // ——— rooms ———

  room(name: string): RoomRecord {
    const { statements, said } = this.state;
    const row = statements.room.get(fold(name));
    if (!row) return emptyRoom(name);
    const { topic, topic_from: from, topic_at: at } = row;
    return {
      name: row.name,
      exists: true,
      topic: topic === null ? null : { text: topic, from: from ?? '', at: at ?? 0 },
      key: row.key,
      moderated: row.moderated === 1,
      unlisted: row.unlisted === 1,
      members: statements.members.all(row.id).map(({ name, rank }) => ({ name, rank: rankOf(rank) })),
      bans: statements.bans.all(row.id).map(banOf),
      lastId: Math.max(row.last_other, said.last(row.id)),
    };
  }

  // ——— events ———

  history(query: HistoryQuery): readonly Kept[] {
    const { scope } = query;
    return 'room' in scope ? this.roomHistory(scope.room, query) : this.privateHistory(scope, query);
  }

  countSaid(room: Folded, after: number, most: number): number {
    const { rooms, said } = this.state;
    const entry = rooms.folded(room);
    return entry ? said.count(entry.id, after, most) : 0;
  }

  waiting(name: Folded): readonly PrivateEvent[] {
    const { statements, lazy } = this.state;
    const known = statements.name.get(name);
    if (!known) return [];
    return statements.waiting
      .all(known.id)
      .filter(row => !lazy.wasSeen(name, row.id))
      .map(row => decodePrivate(row, row.low as Folded, row.high as Folded));
  }

  /** Of all names. */
  countWaiting(): number {
    return this.state.statements.countAllWaiting.get()?.count ?? 0;
  }

  private roomHistory(folded: Folded, query: HistoryQuery): readonly RoomEvent[] {
    const { statements, rooms, said } = this.state;
    const room = rooms.folded(folded);
    if (!room || query.limit <= 0) return [];
    const newest = query.after === undefined || query.newest === true;
    const range = [room.id, query.after ?? 0, query.before ?? NO_END, query.limit] as const;
    const rows = newest ? said.newest(...range) : said.oldest(...range);
    if (query.only === 'all') {
      rows.push(...(newest ? statements.newestOther : statements.oldestOther).all(...range));
    }
    return pageOf(rows, newest, query.limit).map(row => decodeRoomEvent(row, room.name));
  }

  private privateHistory(
    { between: [one, other], since }: Extract<HistoryQuery['scope'], { since: number }>,
    query: HistoryQuery,
  ): readonly PrivateEvent[] {
    const { statements, said } = this.state;
    const [low, high] = one < other ? [one, other] : [other, one];
    const lowId = statements.name.get(low)?.id;
    const highId = statements.name.get(high)?.id;
    if (lowId === undefined || highId === undefined || query.limit <= 0) return [];
    const conversation = statements.conversation.get(lowId, highId);
    if (!conversation) return [];
    const newest = query.after === undefined || query.newest === true;
    const after = Math.max(query.after ?? 0, this.state.firstIdSince(since) - 1);
    const range = [-conversation.id, after, query.before ?? NO_END, query.limit] as const;
    const rows = newest ? said.newest(...range) : said.oldest(...range);
    return pageOf(rows, newest, query.limit).map(row => decodePrivate(row, low, high));
  }
}

/** The newest or oldest `limit` of these, oldest first. */
function pageOf(rows: readonly EventRow[], newest: boolean, limit: number): readonly EventRow[] {
  const sorted = [...rows].sort((a, b) => a.id - b.id);
  return newest ? sorted.slice(-limit) : sorted.slice(0, limit);
}
