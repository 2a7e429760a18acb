/**
 * What the memory backend holds: names, rooms, conversations and their events, in maps and arrays. Several
 * backends may share one store; they are then nodes of one chat. A store outlives its backends, so that a
 * test can "restart".
 */
import type { Ban, Kept, PrivateEvent, Rank, RoomEvent } from '../../chat/event.ts';
import { type Folded, fold } from '../../chat/names.ts';
import type { Committed, Token } from '../../chat/ports.ts';
import { Guests } from '../guests.ts';

export interface MemoryMember {
  rank: Rank;
  read: number;
}

export interface MemoryRoom {
  readonly name: string;
  readonly folded: Folded;
  topic: { readonly text: string; readonly from: string; readonly at: number } | null;
  key: string | null;
  moderated: boolean;
  unlisted: boolean;
  readonly members: Map<Folded, MemoryMember>;
  bans: Ban[];
  events: RoomEvent[];
}

export interface MemoryAccount {
  passwordHash: string;
  readonly created: number;
  settings: Readonly<Record<string, unknown>>;
  operator: boolean;
}

export interface MemoryName {
  name: string;
  lastSeen: number;
  account: MemoryAccount | null;
  /** Private messages nobody has seen. */
  readonly waiting: Map<number, PrivateEvent>;
}

export interface MemoryToken {
  token: Token;
  readonly hash: string;
}

/** Those who share a store, as it sees them. */
export interface MemoryNode {
  /** Another node committed these. */
  hear(batch: readonly Committed[]): void;
}

export interface MemoryClaim {
  account: boolean;
  readonly nodes: Set<MemoryNode>;
}

export class MemoryStore {
  lastId = 0;
  lastAt = 0;
  /** Of texts held, roughly. */
  bytes = 0;
  readonly names = new Map<Folded, MemoryName>();
  readonly rooms = new Map<Folded, MemoryRoom>();
  readonly conversations = new Map<string, PrivateEvent[]>();
  readonly posted = new Map<string, Kept>();
  readonly claims = new Map<Folded, MemoryClaim>();
  readonly nodes = new Set<MemoryNode>();
  readonly guests = new Guests();
  /** By id, oldest first. */
  readonly tokens = new Map<string, MemoryToken>();
  /** Whom tokens speak as. */
  tokenNames: ReadonlySet<Folded> = new Set();
  serverBans: readonly Ban[] = [];

  room(name: string): MemoryRoom {
    const folded = fold(name);
    let room = this.rooms.get(folded);
    if (!room) {
      room = {
        name,
        folded,
        topic: null,
        key: null,
        moderated: false,
        unlisted: false,
        members: new Map(),
        bans: [],
        events: [],
      };
      this.rooms.set(folded, room);
    }
    return room;
  }

  conversation(one: Folded, other: Folded): PrivateEvent[] {
    const key = conversationKey(one, other);
    let events = this.conversations.get(key);
    if (!events) {
      events = [];
      this.conversations.set(key, events);
    }
    return events;
  }

  /** The name is known from now on, in this spelling. */
  know(name: string, at: number): MemoryName {
    const folded = fold(name);
    let known = this.names.get(folded);
    if (known) {
      known.lastSeen = at;
      if (!known.account) known.name = name;
    } else {
      known = { name, lastSeen: at, account: null, waiting: new Map() };
      this.names.set(folded, known);
    }
    return known;
  }

  /** A time that is not before any other of this store. */
  stamp(now: number): number {
    this.lastAt = Math.max(this.lastAt, now);
    return this.lastAt;
  }

  /** Forgets a room that nobody is in, that nothing is set on and in which nothing was said. */
  tidy(folded: Folded): void {
    const room = this.rooms.get(folded);
    if (!room || room.members.size > 0 || room.bans.length > 0 || this.guests.has(folded)) return;
    if (room.topic || room.key !== null || room.moderated || room.unlisted) return;
    if (room.events.some(event => event.type === 'message' || event.type === 'action')) return;
    this.rooms.delete(folded);
  }
}

/** Names have no spaces in them. */
export function conversationKey(one: Folded, other: Folded): string {
  return one < other ? `${one} ${other}` : `${other} ${one}`;
}
