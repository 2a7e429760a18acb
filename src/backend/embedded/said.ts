/**
 * The lines of each room and conversation, by id: table `said`, filled behind the events. Filing each line
 * as it is said would touch a page a room with every commit; here many lines of a room go to its page at once.
 *
 * Until then their ids are kept in memory, so that every reader sees what is committed: `young` takes what is
 * said, and once that reaches over enough ids it becomes `old` and is filed slice by slice, room by room. In
 * the file `meta.said` is the id up to which every line is filed, so a restart finds the others in `events`.
 * Within a room or conversation what is filed is older than what is in `old`, and that older than `young`.
 */
import type { Log } from '../../chat/ports.ts';
import { Background } from './background.ts';
import type { EventRow } from './rows.ts';
import type { Statements } from './statements.ts';

export interface Filing {
  /** Ids that `young` reaches over before it is filed. */
  readonly after: number;
  /** Lines filed at once; more where more than that are said at once. */
  readonly slice: number;
}

const FILING: Filing = { after: 16_384, slice: 1024 };

/** Ids by scope (rows of `events`), rising within each. */
type Tails = Map<number, number[]>;

export class Said {
  private young: Tails = new Map();
  private old: Tails = new Map();
  /** Every line up to this id is filed. */
  private filed: number;
  /** Lines up to this id are filed or in `old`. */
  private until: number;
  /** Lines deleted in this transaction, with their scope. */
  private readonly gone = new Map<number, number>();
  private readonly background: Background;

  constructor(
    private readonly statements: Statements,
    log: Log,
    /** The newest id given out by a commit. */
    private lastId: number,
    private readonly filing: Filing = FILING,
  ) {
    this.background = new Background('filing lines', statements, log);
    this.filed = statements.meta.get('said')?.value ?? 0;
    this.until = this.filed;
    for (const { scope, id } of statements.unfiled.iterate(this.filed)) this.add(scope, id);
  }

  // ——— within a transaction ———

  /** A line with an id above all others. */
  add(scope: number, id: number): void {
    const tail = this.young.get(scope);
    if (tail) tail.push(id);
    else this.young.set(scope, [id]);
  }

  /** In memory it goes with `settle`. */
  remove(scope: number, id: number): void {
    this.statements.deleteSaid.run(scope, id);
    if (id > this.filed) this.gone.set(id, scope);
  }

  /** After a transaction that removed lines. */
  settle(): void {
    if (this.gone.size === 0) return;
    for (const scope of new Set(this.gone.values())) {
      for (const tails of [this.old, this.young]) {
        const left = (tails.get(scope) ?? []).filter(id => !this.gone.has(id));
        keep(tails, scope, left);
      }
    }
    this.gone.clear();
  }

  /** After one that was rolled back; `lastId` as it was before. */
  drop(lastId: number): void {
    this.gone.clear();
    for (const [scope, tail] of this.young) {
      while ((tail.at(-1) ?? 0) > lastId) tail.pop();
      if (tail.length === 0) this.young.delete(scope);
    }
  }

  // ——— asked ———

  /** The newest `limit` lines between two ids, in no order. */
  newest(scope: number, after: number, before: number, limit: number): EventRow[] {
    const ids = this.unfiled(scope, after, before);
    const rows = this.rowsOf(ids.slice(Math.max(0, ids.length - limit)));
    const missing = limit - rows.length;
    return missing > 0 ? rows.concat(this.statements.newestSaid.all(scope, after, before, missing)) : rows;
  }

  /** The oldest `limit` lines between two ids, in no order. */
  oldest(scope: number, after: number, before: number, limit: number): EventRow[] {
    const rows = this.statements.oldestSaid.all(scope, after, before, limit);
    const missing = limit - rows.length;
    return missing > 0
      ? rows.concat(this.rowsOf(this.unfiled(scope, after, before).slice(0, missing)))
      : rows;
  }

  /** How many lines there are above an id; counts no further than `most`. */
  count(scope: number, after: number, most: number): number {
    const { length } = this.unfiled(scope, after, Number.MAX_SAFE_INTEGER);
    if (length >= most) return most;
    return length + (this.statements.countSaid.get(scope, after, most - length)?.count ?? 0);
  }

  /** The id of the nth newest line, from 0; 0 where there are fewer. */
  nth(scope: number, n: number): number {
    const ids = this.unfiled(scope, 0, Number.MAX_SAFE_INTEGER);
    return ids.at(-1 - n) ?? this.statements.nthSaid.get(scope, n - ids.length)?.id ?? 0;
  }

  /** The id of the newest line, 0 where there is none. To be asked within a transaction too. */
  last(scope: number): number {
    for (const tails of [this.young, this.old]) {
      const id = tails.get(scope)?.findLast(id => !this.gone.has(id));
      if (id !== undefined) return id;
    }
    return this.statements.lastSaid.get(scope)?.id ?? 0;
  }

  // ——— filing ———

  /** After a commit: files some, where enough has come together. Where that fails, another commit will do. */
  file(lastId: number): void {
    const grown = lastId - this.lastId;
    this.lastId = lastId;
    if (this.until === this.filed && lastId - this.filed >= this.filing.after) this.age();
    // Twice what is said: `old` is filed before `young` has grown as large.
    if (this.until > this.filed) this.fileSlice(Math.max(this.filing.slice, 2 * grown));
  }

  /** Files everything. Where that fails, the next start finds it in `events`. */
  finish(): void {
    if (this.until > this.filed && !this.fileSlice(Number.POSITIVE_INFINITY)) return;
    if (this.lastId === this.filed) return;
    this.age();
    this.fileSlice(Number.POSITIVE_INFINITY);
  }

  /** Sorted by scope: small rooms, which share pages, are filed side by side. */
  private age(): void {
    this.old = new Map([...this.young].sort(([one], [other]) => one - other));
    this.young = new Map();
    this.until = this.lastId;
  }

  /** Answers whether it could be done. Nothing of it happened otherwise. */
  private fileSlice(most: number): boolean {
    const { taken, whole } = first(this.old, most);
    const done = this.background.transact(() => {
      for (const [scope, ids] of taken) for (const id of ids) this.statements.addSaid.run(scope, id);
      if (whole) this.statements.setMeta.run('said', this.until);
    });
    if (!done) return false;
    for (const [scope, ids] of taken) keep(this.old, scope, this.old.get(scope)?.slice(ids.length) ?? []);
    if (whole) this.filed = this.until;
    return true;
  }

  /** The ids between two others that are not filed yet, rising. */
  private unfiled(scope: number, after: number, before: number): readonly number[] {
    const old = between(this.old.get(scope), after, before);
    const young = between(this.young.get(scope), after, before);
    if (old.length === 0) return young;
    return young.length === 0 ? old : [...old, ...young];
  }

  private rowsOf(ids: readonly number[]): EventRow[] {
    return ids.flatMap(id => this.statements.event.get(id) ?? []);
  }
}

/** The first `most` ids, or the whole of them. */
function first(tails: Tails, most: number): { taken: Tails; whole: boolean } {
  const taken: Tails = new Map();
  let left = most;
  for (const [scope, ids] of tails) {
    if (left === 0) return { taken, whole: false };
    const some = ids.length > left ? ids.slice(0, left) : ids;
    taken.set(scope, some);
    left -= some.length;
    if (some.length < ids.length) return { taken, whole: false };
  }
  return { taken, whole: true };
}

/** In the same place among the others. */
function keep(tails: Tails, scope: number, ids: number[]): void {
  if (ids.length > 0) tails.set(scope, ids);
  else tails.delete(scope);
}

const NONE: readonly number[] = [];

function between(ids: readonly number[] | undefined, after: number, before: number): readonly number[] {
  if (!ids) return NONE;
  const from = firstAtLeast(ids, after + 1);
  const to = firstAtLeast(ids, before);
  return from === 0 && to === ids.length ? ids : ids.slice(from, to);
}

/** The index of the first of these rising ids that is `least` or more; their number where none is. */
function firstAtLeast(ids: readonly number[], least: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ids[middle] ?? least) < least) low = middle + 1;
    else high = middle;
  }
  return low;
}
