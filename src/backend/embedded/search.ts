/**
 * Search: words over an FTS5 index that is filled off the hot path. The index is narrowed by scope before
 * words, so that a common word in a small room does not walk everybody else's lines. What is not indexed yet
 * is looked through directly, up to a bound, a slice at a time. A large index is asked by a thread.
 */
import type { Kept } from '../../chat/event.ts';
import type { Folded } from '../../chat/names.ts';
import type { Clock, SearchQuery, SearchResult } from '../../chat/ports.ts';
import { hasWords, parseWords, type Term } from '../words.ts';
import { findLines, type Question } from './find.ts';
import { decodePrivate, decodeRoomEvent, type EventRow, PRIVATE_KIND, SAID } from './rows.ts';
import type { SearchThread } from './search-thread.ts';
import { Slices } from './slices.ts';
import type { State } from './state.ts';

/** Lines not yet indexed that one search looks through. */
const MOST_UNINDEXED = 20_000;

/** Told from lines: too much is indexed to be asked on the event loop. */
const LARGE: readonly EventRow[] = [];

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

/** How much is done at once; tests make it little. */
export interface SearchBounds {
  /** Indexed ids up to which the index is asked on the event loop: some 10 ms at worst. */
  readonly atOnce: number;
  /** Lines looked through in a slice. */
  readonly slice: number;
  /** ms that all searches may take of one pass of the event loop. */
  readonly pass: number;
}

export const SEARCH_BOUNDS: SearchBounds = { atOnce: 10_000, slice: 64, pass: 5 };

export class Searcher {
  private readonly slices: Slices;

  constructor(
    private readonly state: State,
    clock: Clock,
    private readonly thread: SearchThread,
    /** The id up to which lines are indexed. */
    private readonly indexed: () => number,
    private readonly bounds: SearchBounds,
  ) {
    this.slices = new Slices(clock, bounds.pass);
  }

  /** Of what was committed when it was asked, whatever is said, indexed or purged meanwhile. */
  async search({ words, rooms, mine, limit }: SearchQuery): Promise<SearchResult> {
    const terms = parseWords(words);
    if (terms.length === 0 || limit <= 0) return { events: [], complete: true };
    const where = this.where(rooms, mine);
    const indexed = this.indexed();
    const newer = await this.lookThrough(terms, where, limit, indexed);
    const missing = limit - newer.events.length;
    if (missing === 0 || !newer.complete) return inOrder(newer.events, newer.complete);
    const older = await this.find(questionOf(terms, where, indexed, missing), where);
    return inOrder([...newer.events, ...(older ?? [])], older !== null);
  }

  /** Answers searches under way with what they have; resolves once nothing of them touches the file. */
  async stop(): Promise<void> {
    this.slices.stop();
    await this.thread.stop();
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

  /** Through the index. Null once stopped. */
  private async find(question: Question, where: Where): Promise<readonly Kept[] | null> {
    if (question.asks.length === 0) return [];
    const lines = await this.lines(question);
    return lines?.flatMap(row => this.decode(row, where) ?? []) ?? null;
  }

  private async lines(question: Question): Promise<readonly EventRow[] | null> {
    const { statements } = this.state;
    const few = await this.slices.run(() => {
      const oldest = statements.firstEventAfter.get(0)?.id ?? question.to;
      return question.to - oldest < this.bounds.atOnce ? findLines(statements, question) : LARGE;
    });
    if (few !== LARGE) return few;
    const found = await this.thread.find(question);
    if (found === 'stopped') return null;
    return found === 'failed' ? this.slices.run(() => findLines(statements, question)) : found;
  }

  /** What is not indexed yet, newest first. `complete` is false where it was too much, or once stopped. */
  private async lookThrough(
    terms: readonly Term[],
    where: Where,
    limit: number,
    indexed: number,
  ): Promise<{ readonly events: readonly Kept[]; readonly complete: boolean }> {
    const events: Kept[] = [];
    const { slice } = this.bounds;
    let before = this.state.lastId + 1;
    for (let looked = 0; before > indexed + 1; looked += slice) {
      if (looked >= MOST_UNINDEXED) return { events, complete: false };
      const rows = await this.slices.run(() => {
        const next = this.state.statements.unindexed.all(indexed, before, slice);
        for (const row of next) {
          const event = saysAll(row, terms) ? this.decode(row, where) : null;
          if (event && events.push(event) === limit) break;
        }
        return next;
      });
      if (!rows) return { events, complete: false };
      if (rows.length < slice || events.length === limit) break;
      before = rows.at(-1)?.id ?? 0;
    }
    return { events, complete: true };
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

function saysAll({ kind, text }: EventRow, terms: readonly Term[]): boolean {
  return kind < SAID && text !== null && hasWords(text, terms);
}

function inOrder(events: readonly Kept[], complete: boolean): SearchResult {
  return { events: events.toSorted((a, b) => a.id - b.id), complete };
}

function questionOf(terms: readonly Term[], { rooms, mine }: Where, to: number, limit: number): Question {
  const text = terms.map(matchTerm).join(' AND ');
  const within = (scopes: readonly string[]): string =>
    `(scope : (${scopes.join(' OR ')})) AND (text : (${text}))`;
  const asks: { match: string; from: number }[] = [];
  if (rooms.size > 0) asks.push({ match: within([...rooms.keys()].map(roomToken)), from: 0 });
  if (mine) asks.push({ match: within([nameToken(mine.id)]), from: mine.from });
  return { asks, to, limit, plain: terms.every(({ tokens, prefix }) => tokens.length === 1 && !prefix) };
}

/** A term as FTS5 reads it: always quoted, so nothing typed is syntax. */
function matchTerm({ typed, prefix }: Term): string {
  return `"${typed.replaceAll('"', ' ')}"${prefix ? ' *' : ''}`;
}
