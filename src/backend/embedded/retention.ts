/**
 * Lets go of the oldest events: by age, by lines a room, by bytes in all; then of rooms with nothing in them
 * and of the space itself. A round is a row of small transactions with pauses between them.
 */
import { type Folded, fold } from '../../chat/names.ts';
import type { Clock, Log } from '../../chat/ports.ts';
import { KEY_LIFE, type Retention } from '../options.ts';
import { Background } from './background.ts';
import { type EventRow, PRIVATE_KIND, SAID } from './rows.ts';
import type { State } from './state.ts';
import { tidyRoom } from './tidy.ts';

/** ms between two rounds, and between two slices of one. */
const ROUND_EVERY = 60_000;
const BETWEEN = 20;
/** Events a slice; rooms looked at a slice; pages merged in the index a slice. */
const EVENTS = 500;
const ROOMS = 50;
const MERGE_PAGES = 32;
/** Index entries stepped over a slice. */
const WALKED = 20_000;
/** Free pages worth keeping for what comes next. */
const SPARE_PAGES = 64;

interface RoomId {
  readonly id: number;
  readonly folded: Folded;
}

/** Ends a round. */
class Interrupted extends Error {}

export class Retainer {
  private cancel: () => void = () => {};
  private readonly background: Background;

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    log: Log,
    /** Lines up to this id are in the index. */
    private readonly indexed: () => number,
    public retention: Retention,
  ) {
    this.background = new Background('purging', state.statements, log);
  }

  start(): void {
    this.cancel = this.clock.after(ROUND_EVERY, () => this.step(this.round()));
  }

  stop(): void {
    this.cancel();
  }

  private step(round: Iterator<void>): void {
    if (round.next().done) this.start();
    else this.cancel = this.clock.after(BETWEEN, () => this.step(round));
  }

  /** Each yield is a pause. Trouble with the store ends the round. */
  private *round(): Generator<void> {
    try {
      const now = this.clock.now();
      const { age, lines, bytes } = this.retention;
      yield* this.forgetKeys(now - KEY_LIFE);
      if (age > 0) yield* this.purgeBefore(this.state.firstIdSince(now - age), true);
      if (lines > 0) yield* this.purgeLines(lines);
      if (bytes > 0) yield* this.purgeBytes(bytes);
      yield* this.tidyRooms();
      yield* this.giveBack();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }

  private *forgetKeys(before: number): Generator<void> {
    const { statements } = this.state;
    const cut = this.state.firstIdSince(before);
    for (let gone = EVENTS; gone === EVENTS; ) {
      this.transact(() => {
        gone = statements.forgetPosted.run(cut, EVENTS).changes;
      });
      yield;
    }
  }

  /** Everything below an id, oldest first; messages that wait only where said so. */
  private *purgeBefore(cut: number, waiting: boolean, enough: () => boolean = () => false): Generator<void> {
    for (let last = 0; !enough(); ) {
      const rows = this.state.statements.eventsFrom.all(last, cut, EVENTS);
      if (rows.length === 0) return;
      yield* this.purgeSlice(rows, waiting);
      last = rows.at(-1)?.id ?? cut;
    }
  }

  private *purgeLines(most: number): Generator<void> {
    const { statements, said } = this.state;
    // Finding the oldest line to keep walks over all that are kept.
    const atOnce = Math.max(1, Math.min(ROOMS, Math.floor(WALKED / most)));
    yield* this.eachRoom(atOnce, ({ id }) => {
      const other = statements.nthOther.get(id, most - 1)?.id ?? 0;
      return this.purgeRoom(id, said.nth(id, most - 1), other);
    });
  }

  /** A room's lines below one id; its other events below that too, or below an id of their own. */
  private *purgeRoom(room: number, line: number, other: number): Generator<void> {
    const { statements, said } = this.state;
    yield* this.purgePages(() => said.oldest(room, 0, line, EVENTS));
    yield* this.purgePages(() => statements.oldestOther.all(room, 0, Math.max(line, other), EVENTS));
  }

  private *purgePages(page: () => readonly EventRow[]): Generator<void> {
    for (let rows = page(); rows.length > 0; rows = page()) yield* this.purgeSlice(rows, false);
  }

  /** Lets go of these, then has the index forget a little of what it still holds of such. */
  private *purgeSlice(rows: readonly EventRow[], waiting: boolean): Generator<void> {
    this.transact(() => this.purge(rows, waiting));
    yield;
    if (!rows.some(({ kind }) => kind < SAID)) return;
    this.transact(() => this.state.statements.mergeLines.run(MERGE_PAGES));
    yield;
  }

  private *purgeBytes(most: number): Generator<void> {
    const { statements } = this.state;
    yield* this.purgeBefore(this.state.lastId + 1, false, () => {
      const { pages, free, size } = statements.pages.get() ?? { pages: 0, free: 0, size: 0 };
      return (pages - free) * size <= most;
    });
  }

  private *tidyRooms(): Generator<void> {
    yield* this.eachRoom(ROOMS, room => this.tidyRoom(room));
  }

  private *tidyRoom({ id, folded }: RoomId): Generator<void> {
    const { statements, said, guests } = this.state;
    const abandoned = () => !guests.has(folded) && said.last(id) === 0 && statements.abandoned.get(1, id);
    for (let gone = false; !gone && abandoned(); ) {
      this.transact(() => {
        gone = tidyRoom(this.state, folded);
        if (!gone) this.purge(statements.oldestOther.all(id, 0, this.state.lastId + 1, EVENTS), false);
      });
      this.state.undo.clear();
      yield;
    }
  }

  private *giveBack(): Generator<void> {
    const { statements } = this.state;
    while ((statements.pages.get()?.free ?? 0) > SPARE_PAGES) {
      this.transact(() => statements.vacuum.all());
      yield;
    }
  }

  /** Visits every room, with a pause after every `atOnce`. */
  private *eachRoom(atOnce: number, visit: (room: RoomId) => Generator<void>): Generator<void> {
    for (let last = 0; ; ) {
      const rooms = this.state.statements.roomsAfter.all(last, atOnce);
      // Folded when they were stored.
      for (const { id, folded } of rooms) yield* visit({ id, folded: folded as Folded });
      last = rooms.at(-1)?.id ?? 0;
      if (rooms.length < atOnce) return;
      yield;
    }
  }

  private transact(slice: () => void): void {
    const { state } = this;
    if (this.background.transact(slice)) {
      state.said.settle();
      return;
    }
    state.said.drop(state.lastId);
    state.undo.rollback();
    state.rooms.clear();
    state.conversations.clear();
    throw new Interrupted();
  }

  private purge(rows: readonly EventRow[], waiting: boolean): void {
    const { state } = this;
    const { statements, said } = state;
    const indexed = this.indexed();
    const scopes = new Set<number>();
    for (const { id, kind, scope } of rows) {
      if (kind === PRIVATE_KIND) {
        if (!waiting && statements.isWaiting.get(id)) continue;
        statements.stopWaiting.run(id);
      }
      if (kind < SAID) {
        if (id <= indexed) statements.deleteLine.run(id);
        said.remove(scope, id);
      }
      statements.deleteEvent.run(id);
      scopes.add(scope);
    }
    state.keepLast();
    for (const scope of scopes) this.after(scope);
  }

  /** What else goes with the last event of a room or conversation. */
  private after(scope: number): void {
    const { statements, said, rooms } = this.state;
    if (scope > 0) {
      const room = statements.roomOfEvent.get(scope);
      if (room) rooms.forget(fold(room.name));
    } else if (said.last(scope) === 0) {
      statements.deleteConversation.run(-scope);
      this.state.conversations.clear();
    }
  }
}
