/**
 * Search: words over an FTS5 index that is filled off the hot path. The index is narrowed by scope before
 * words, so that a common word in a small room does not walk everybody else's lines. What is not indexed yet
 * is looked through directly, up to a bound.
 */
import type { Kept } from '../../chat/event.ts';
import type { Folded } from '../../chat/names.ts';
import type { SearchQuery, SearchResult } from '../../chat/ports.ts';
import { hasWords, parseWords, type Term } from '../words.ts';
import { decodePrivate, decodeRoomEvent, type EventRow, PRIVATE_KIND, SAID } from './rows.ts';
import type { State } from './state.ts';

/** Lines not yet indexed that one search looks through. */
const MOST_UNINDEXED = 20_000;

/** Tokens of the index's scope column. */
export function roomToken(room: number): string {
  return `r${room}`;
}

export function nameToken(name: number): string {
  return `n${name}`;
}

interface Where {
  /** Rooms asked for, by id, with their names. */
  readonly rooms: ReadonlyMap<number, string>;
  /** Whose private lines, and from which id on. */
  readonly mine: { readonly id: number; readonly folded: Folded; readonly from: number } | null;
}

export class Searcher {
  constructor(
    private readonly state: State,
    /** The id up to which lines are indexed. */
    private readonly indexed: () => number,
  ) {}

  search({ words, rooms, mine, limit }: SearchQuery): SearchResult {
    const terms = parseWords(words);
    if (terms.length === 0 || limit <= 0) return { events: [], complete: true };
    const where = this.where(rooms, mine);
    const { events, complete } = this.lookThrough(terms, where, limit);
    const missing = limit - events.length;
    if (missing > 0 && complete) events.push(...this.find(terms, where, missing));
    return { events: events.sort((a, b) => a.id - b.id), complete };
  }

  private where(rooms: readonly Folded[], mine: SearchQuery['mine']): Where {
    const { state } = this;
    const asked = new Map<number, string>();
    for (const folded of rooms) {
      const room = state.rooms.folded(folded);
      if (room) asked.set(room.id, room.name);
    }
    const me = mine && state.statements.name.get(mine.name);
    return {
      rooms: asked,
      mine: mine && me ? { id: me.id, folded: mine.name, from: state.firstIdSince(mine.since) } : null,
    };
  }

  /** Through the index. */
  private find(terms: readonly Term[], where: Where, limit: number): readonly Kept[] {
    const { statements } = this.state;
    const ids: number[] = [];
    const ask = (scopes: readonly string[], from: number): void => {
      if (scopes.length === 0) return;
      const query = `(scope : (${scopes.join(' OR ')})) AND (text : (${terms.map(matchTerm).join(' AND ')}))`;
      for (const { rowid } of statements.find.all(query, from, limit)) ids.push(rowid);
    };
    ask([...where.rooms.keys()].map(roomToken), 0);
    if (where.mine) ask([nameToken(where.mine.id)], where.mine.from);
    ids.sort((a, b) => b - a);
    const found: Kept[] = [];
    for (const id of ids.slice(0, limit)) {
      const row = statements.event.get(id);
      const event = row && this.decode(row, where);
      if (event) found.push(event);
    }
    return found;
  }

  /** What is not indexed yet, newest first. `complete` is false where it was too much. */
  private lookThrough(
    terms: readonly Term[],
    where: Where,
    limit: number,
  ): { events: Kept[]; complete: boolean } {
    const events: Kept[] = [];
    const indexed = this.indexed();
    if (this.state.lastId <= indexed) return { events, complete: true };
    let looked = 0;
    for (const row of this.state.statements.unindexed.iterate(indexed, MOST_UNINDEXED)) {
      looked++;
      if (row.kind >= SAID || row.text === null) continue;
      const event = hasWords(row.text, terms) ? this.decode(row, where) : null;
      if (event && events.push(event) === limit) return { events, complete: true };
    }
    return { events, complete: looked < MOST_UNINDEXED };
  }

  /** The event, if it is among those asked for. */
  private decode(row: EventRow, { rooms, mine }: Where): Kept | null {
    if (row.kind !== PRIVATE_KIND) {
      const room = rooms.get(row.scope);
      return room === undefined ? null : decodeRoomEvent(row, room);
    }
    if (!mine || row.id < mine.from) return null;
    const sides = this.state.statements.sides.get(-row.scope);
    if (!sides || (sides.low !== mine.folded && sides.high !== mine.folded)) return null;
    return decodePrivate(row, sides.low as Folded, sides.high as Folded);
  }
}

/** A term as FTS5 reads it: always quoted, so nothing typed is syntax. */
function matchTerm({ typed, prefix }: Term): string {
  return `"${typed.replaceAll('"', ' ')}"${prefix ? ' *' : ''}`;
}
