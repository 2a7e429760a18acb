/** What the embedded backend knows beside the file: ids and times given out, names in use, guests in rooms. */
import type { Folded } from '../../chat/names.ts';
import type { Log } from '../../chat/ports.ts';
import { Guests } from '../guests.ts';
import { Conversations } from './conversations.ts';
import { Lazy } from './lazy.ts';
import { RoomCache } from './rooms.ts';
import { type Filing, Said } from './said.ts';
import type { Statements } from './statements.ts';
import { Undo } from './undo.ts';

/** Times whose first id is remembered. */
const MOST_FIRST_IDS = 1000;

export class State {
  /** Ids rise over the whole store and are never given out twice, also when the newest rows are gone. */
  lastId: number;
  /** No event is older than the one before it, whatever the clock does. */
  lastAt: number;
  roomCount: number;
  readonly claims = new Set<Folded>();
  /** Whom tokens speak as: asked with every claim. */
  readonly tokenNames = new Set<Folded>();
  readonly guests = new Guests();
  readonly lazy = new Lazy();
  readonly said: Said;
  readonly rooms: RoomCache;
  readonly conversations = new Conversations();
  readonly undo = new Undo();
  private readonly firstIds = new Map<number, number>();

  constructor(
    readonly statements: Statements,
    log: Log,
    filing?: Filing,
  ) {
    const newest = statements.lastEvent.get();
    this.lastId = Math.max(newest?.id ?? 0, statements.meta.get('last_id')?.value ?? 0);
    this.lastAt = Math.max(newest?.at ?? 0, statements.meta.get('last_at')?.value ?? 0);
    this.roomCount = statements.countRooms.get()?.count ?? 0;
    // Folded when they were stored.
    for (const { folded } of statements.tokens.all()) this.tokenNames.add(folded as Folded);
    this.said = new Said(statements, log, this.lastId, filing);
    this.rooms = new RoomCache(statements, this.said);
  }

  /** A time that is not before any other of this store. */
  stamp(now: number): number {
    if (now > this.lastAt) this.lastAt = now;
    return this.lastAt;
  }

  /** Within a transaction that takes the newest rows away: what they said of ids and times stays. */
  keepLast(): void {
    this.statements.setMeta.run('last_id', this.lastId);
    this.statements.setMeta.run('last_at', this.lastAt);
  }

  /**
   * The smallest id whose event is from `at` or later; times never fall, so halving finds it. Remembered, as
   * the same few times are asked for again and again, and in a large store it takes pages from all over it.
   */
  firstIdSince(at: number): number {
    const known = this.firstIds.get(at);
    if (known !== undefined) return known;
    const id = this.findIdSince(at);
    if (this.firstIds.size >= MOST_FIRST_IDS) this.firstIds.clear();
    // Where there is none yet, whatever comes is from then or later only if that time has come.
    if (at <= this.lastAt) this.firstIds.set(at, id);
    return id;
  }

  private findIdSince(at: number): number {
    let low = 1;
    let high = this.lastId + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const event = this.statements.firstEventAfter.get(middle);
      if (event && event.at < at) low = event.id + 1;
      else high = middle;
    }
    return low;
  }
}
