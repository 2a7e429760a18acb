/**
 * Adds what was exported (`dump.ts`) to the store of a parley that is not running: all of it or nothing, in one
 * transaction. It goes through the same writer as what is said, so the lines of each room are filed as ever, and
 * the next start puts them into the search index.
 *
 * Times stay as they are, and never fall along a store: a line older than the newest the store has can only be
 * one that is there already. Ids stay where they are above all that the store has given out; others are new.
 */
import { SQLiteError } from 'bun:sqlite';
import { join } from 'node:path';
import { refusal } from '../../chat/errors.ts';
import { fold } from '../../chat/names.ts';
import type { Log } from '../../chat/ports.ts';
import { type DumpEvent, type DumpRoom, parseLine } from './dump.ts';
import { type OpenedStore, openStore } from './open.ts';
import { OperatorTables } from './operators.ts';
import { Present } from './present.ts';
import { State } from './state.ts';
import { prepareStatements, type Statements } from './statements.ts';
import { giveToOwner } from './still.ts';
import { whyOf } from './trouble.ts';
import { Writer } from './writer.ts';

export interface Imported {
  /** Events added, and how many of them have another id than they came with. */
  readonly added: number;
  readonly renumbered: number;
  readonly rooms: number;
  /** Events that were there already. */
  readonly there: number;
  /** Lines left out. */
  readonly bad: number;
}

export interface ImportOptions {
  readonly skipBad: boolean;
  /** ms since the epoch: nothing was said after that. */
  readonly now: number;
  readonly log: Log;
  /** Is told of each bad line, by its number from 1. */
  bad(number: number, why: string): void;
  /** Is told now and then how many lines were read. */
  progress(lines: number): void;
}

const PROGRESS_EVERY = 100_000;
/** Of messages that wait for a name: what was kept once is kept. */
const NO_BOUND = Number.MAX_SAFE_INTEGER;

/** Throws `bad-import`, `cannot-write`, `data-in-use` and what else opening refuses. */
export async function importLines(
  dir: string,
  lines: AsyncIterable<string>,
  options: ImportOptions,
): Promise<Imported> {
  const store = openStore(dir, 'full');
  const statements = prepareStatements(store.db);
  try {
    const state = new State(statements, options.log);
    const imported = await new Importer(state, store.file, options).run(lines);
    state.said.file(state.lastId);
    state.said.finish();
    return imported;
  } finally {
    close(store, statements);
    giveToOwner(dir, [store.file, join(dir, 'parley.lock')]);
  }
}

function close(store: OpenedStore, statements: Statements): void {
  statements.finalize();
  store.close();
}

class Importer {
  private readonly writer: Writer;
  private readonly present: Present;
  private readonly totals = { added: 0, renumbered: 0, there: 0, bad: 0 };
  private readonly roomsBefore: number;
  private lastAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly state: State,
    private readonly file: string,
    private readonly options: ImportOptions,
  ) {
    this.writer = new Writer(state, new OperatorTables(state), NO_BOUND);
    this.present = new Present(state);
    this.roomsBefore = state.roomCount;
  }

  async run(lines: AsyncIterable<string>): Promise<Imported> {
    const { statements } = this.state;
    statements.begin.run();
    try {
      let number = 0;
      for await (const line of lines) {
        number++;
        if (line.trim() !== '') this.take(line, number);
        if (number % PROGRESS_EVERY === 0) this.options.progress(number);
      }
      if (this.totals.bad > 0 && !this.options.skipBad) throw refusal('bad-import', this.totals.bad);
      this.state.keepLast();
      statements.commit.run();
      return { ...this.totals, rooms: this.state.roomCount - this.roomsBefore };
    } catch (error) {
      this.rollback();
      if (!(error instanceof SQLiteError)) throw error;
      throw refusal('cannot-write', this.file, whyOf(error));
    }
  }

  private take(text: string, number: number): void {
    const line = parseLine(text);
    const why =
      line instanceof Error ? line.message : line.type === 'room' ? this.addRoom(line) : this.add(line);
    if (why === null) return;
    this.totals.bad++;
    this.options.bad(number, why);
  }

  /** A room that is there stays as it is. */
  private addRoom({ room: name, created, topic, key, moderated, unlisted }: DumpRoom): null {
    const { statements, rooms } = this.state;
    if (rooms.get(name)) return null;
    const folded = fold(name);
    const added = statements.addRoom.get(folded, name, created ?? this.options.now);
    if (!added) throw new Error('a room was added without an id');
    const { id } = added;
    if (topic) statements.setTopic.run(topic.text, topic.from, topic.at, id);
    if (key !== undefined) statements.setKey.run(key, id);
    statements.setModerated.run(moderated ? 1 : 0, id);
    statements.setUnlisted.run(unlisted ? 1 : 0, id);
    rooms.add({ id, name, folded, topic: topic?.text ?? '', unlisted, lastId: 0, lastAt: 0 });
    this.state.roomCount++;
    return null;
  }

  /** Why it cannot be added, or null. */
  private add(line: DumpEvent): string | null {
    const { state } = this;
    const { at } = line;
    if (at > this.options.now) return 'its time is in the future';
    if (at < this.lastAt) return 'its time is before that of a line above it';
    this.lastAt = at;
    if (this.present.take(line)) {
      this.totals.there++;
      return null;
    }
    if (at < state.lastAt)
      return 'the store has newer lines, and is in the order of time. Import it into an empty one: --data DIR';
    if (line.id !== undefined && line.id > state.lastId) state.lastId = line.id - 1;
    this.post(line);
    if (line.id !== undefined && line.id !== state.lastId) this.totals.renumbered++;
    this.totals.added++;
    return null;
  }

  private post(line: DumpEvent): void {
    const { statements, undo } = this.state;
    const { at } = line;
    if (line.type === 'private') {
      const to = fold(line.to);
      // Nobody is refused here for having written to a name that this store has not met.
      if (!statements.name.get(to)) statements.knowName.run(to, line.to, at);
    }
    const { id: _, at: __, ...draft } = line;
    this.writer.write({ kind: 'post', draft, origin: null, key: undefined }, at);
    if (line.type === 'private' && !line.waiting) statements.stopWaiting.run(this.state.lastId);
    this.writer.reset();
    undo.clear();
  }

  private rollback(): void {
    try {
      // SQLite has rolled back by itself after some errors.
      this.state.statements.rollback.run();
    } catch {}
  }
}
