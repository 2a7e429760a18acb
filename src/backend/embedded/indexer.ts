/**
 * Fills the search index behind the events, a slice at a time, with its progress in the same transaction: a
 * line is indexed exactly once, also over a crash.
 */
import type { Clock, Log } from '../../chat/ports.ts';
import { Background } from './background.ts';
import { PRIVATE_KIND, SAID } from './rows.ts';
import { nameToken, roomToken } from './search.ts';
import type { State } from './state.ts';

/** ms from a line to its indexing, between two slices, and after trouble. */
const START_AFTER = 200;
const BETWEEN = 20;
const AFTER_TROUBLE = 2000;
/** Rows a slice, and the ms one should not take longer than: slower disks get smaller slices. */
const MOST_ROWS = 256;
const LEAST_ROWS = 16;
const SLICE_MS = 5;
/** Pages of the index merged after each slice: enough to keep up. */
const MERGE_PAGES = 32;

export class Indexer {
  /** Every line up to this id is in the index. */
  indexed: number;
  private rows = MOST_ROWS;
  private cancel: (() => void) | null = null;
  private readonly background: Background;

  constructor(
    private readonly state: State,
    private readonly clock: Clock,
    log: Log,
  ) {
    this.background = new Background('search indexing', state.statements, log);
    this.indexed = state.statements.meta.get('indexed')?.value ?? 0;
  }

  /** There may be something to index. */
  wake(): void {
    this.cancel ??= this.clock.after(START_AFTER, this.slice);
  }

  stop(): void {
    this.cancel?.();
    this.cancel = null;
  }

  private readonly slice = (): void => {
    this.cancel = null;
    const before = this.clock.now();
    let last = this.indexed;
    const done = this.background.transact(() => {
      last = this.index();
    });
    if (!done) {
      this.cancel = this.clock.after(AFTER_TROUBLE, this.slice);
      return;
    }
    this.indexed = last;
    const took = this.clock.now() - before;
    this.rows = took > SLICE_MS ? Math.max(LEAST_ROWS, this.rows >> 1) : Math.min(MOST_ROWS, this.rows * 2);
    this.cancel = this.clock.after(BETWEEN, this.merge);
  };

  private readonly merge = (): void => {
    this.cancel = null;
    this.background.transact(() => this.state.statements.mergeLines.run(MERGE_PAGES));
    if (this.indexed < this.state.lastId) this.cancel = this.clock.after(BETWEEN, this.slice);
  };

  /** Within a transaction: the next rows. Answers the id up to which lines are indexed then. */
  private index(): number {
    const { statements, lastId } = this.state;
    const rows = statements.toIndex.all(this.indexed, this.rows);
    for (const { id, kind, scope, text, low, high } of rows) {
      if (kind >= SAID || text === null) continue;
      const token =
        kind === PRIVATE_KIND ? `${nameToken(low ?? 0)} ${nameToken(high ?? 0)}` : roomToken(scope);
      statements.addLine.run(id, token, text);
    }
    const last = rows.length < this.rows ? lastId : (rows.at(-1)?.id ?? lastId);
    statements.setMeta.run('indexed', last);
    return last;
  }
}
