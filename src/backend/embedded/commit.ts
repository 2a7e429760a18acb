/**
 * The turn's one transaction. Operations wait in order until the turn ends, are written together, and only
 * then is anybody told. Where that cannot be done:
 *
 * - somebody else is writing: everything waits and is tried again, the sink is told when it lasts;
 * - the disk is full or failing: what must be kept is refused, joins and leaves come back unkept, names are
 *   claimed in memory, and what is saved lazily stays; the store is tried again soon;
 * - one operation is at fault (a bug): it alone is refused and the others are written without it.
 */
import type { BackendSink, Clock, Log, Meter, Turn } from '../../chat/ports.ts';
import type { Operation } from '../operation.ts';
import type { State } from './state.ts';
import { type Trouble, troubleOf, whyOf } from './trouble.ts';
import type { StoreRefusal, Writer } from './writer.ts';

/** ms until a busy store is tried again, and how long that may last until users are told. */
const BUSY_RETRY = 50;
const BUSY_TOLD_AFTER = 2000;
/** ms until a full or failing store is tried again. */
const FAILED_RETRY = 250;
/** ms until the store is tried again when nobody posts, for what is saved lazily and to see how it is. */
const LAZY_RETRY = 2000;

const BUSY = 'another program is writing to the database';

interface CommitPorts {
  readonly turn: Turn;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter?: Meter;
}

export class Committer {
  private pending: Operation[] = [];
  private scheduled = false;
  private readonly poisoned = new Set<Operation>();
  private busySince: number | null = null;
  private stalled = false;
  private incident: StoreRefusal | null = null;
  private retryAt = 0;
  private cancelRetry: (() => void) | null = null;
  private readonly run = (): void => {
    this.scheduled = false;
    this.commit();
  };

  constructor(
    private readonly ports: CommitPorts,
    private readonly state: State,
    private readonly writer: Writer,
    private readonly sink: BackendSink,
    /** After a commit that added events. */
    private readonly grown: () => void,
  ) {}

  add(operation: Operation): void {
    this.pending.push(operation);
    this.schedule();
  }

  /** Asks for a commit at the end of this turn. While the store is busy the retry will come. */
  schedule(): void {
    if (this.scheduled || this.busySince !== null) return;
    this.scheduled = true;
    this.ports.turn.commit(this.run);
  }

  /** Asks for a commit within seconds, or with the next one: for what is worth none of its own. */
  scheduleLater(): void {
    if (!this.scheduled && !this.cancelRetry) this.retry(LAZY_RETRY);
  }

  /** What keeps it from committing just now, in words; null where nothing does. */
  get trouble(): string | null {
    if (this.incident)
      return this.incident === 'store-full' ? 'the disk is full' : 'the store takes no writes';
    return this.stalled ? BUSY : null;
  }

  /** Commits what is pending now; whatever still cannot be written is refused. */
  finish(): void {
    this.stopRetrying();
    this.retryAt = 0;
    this.commit();
    this.stopRetrying();
    if (this.busySince !== null) this.refuseAll('store-failed');
  }

  private commit(): void {
    if (this.pending.length === 0 && this.state.lazy.empty && !this.incident) return;
    const now = this.ports.clock.now();
    if (this.incident && now < this.retryAt) {
      this.refuseAll(this.incident);
      return;
    }
    const began = this.ports.meter?.now() ?? 0;
    let trouble = this.attempt(now);
    // Each poisoned operation is left out of the next attempt.
    while (trouble === 'bug') trouble = this.attempt(now);
    if (trouble === null) this.succeeded(began);
    else if (trouble === 'busy') this.waitWhileBusy(now);
    else this.failed(trouble === 'full' ? 'store-full' : 'store-failed', now);
  }

  /** Writes everything pending in one transaction; on trouble nothing of it happened. */
  private attempt(now: number): Trouble | null {
    const { state, writer } = this;
    const { statements, lazy, lastId, lastAt } = state;
    let current: Operation | null = null;
    try {
      statements.begin.run();
      lazy.writeBefore(statements);
      for (const operation of this.pending) {
        current = operation;
        if (this.poisoned.size > 0 && this.poisoned.has(operation))
          writer.refuse(operation, 'store-failed', now);
        else writer.write(operation, now);
      }
      current = null;
      // With nothing else to write, this shows whether the store takes writes again.
      if (this.incident) state.keepLast();
      writer.tidy();
      lazy.writeAfter(statements);
      statements.commit.run();
      return null;
    } catch (error) {
      this.rollback(lastId, lastAt);
      return this.blame(error, current);
    }
  }

  private rollback(lastId: number, lastAt: number): void {
    const { state } = this;
    try {
      // SQLite has rolled back by itself after some errors.
      state.statements.rollback.run();
    } catch {}
    state.undo.rollback();
    state.said.drop(lastId);
    state.rooms.clear();
    state.conversations.clear();
    state.lastId = lastId;
    state.lastAt = lastAt;
    this.writer.reset();
  }

  private blame(error: unknown, current: Operation | null): Trouble {
    const trouble = troubleOf(error);
    if (trouble === 'busy') return trouble;
    if (trouble !== 'bug') {
      const code = trouble === 'full' ? 'store-full' : 'store-failed';
      if (this.incident !== code)
        this.ports.log.error('the store takes no writes', { code, why: whyOf(error) });
      return trouble;
    }
    const what = current ? current.kind : 'saving';
    this.ports.log.error('the store refused a write: a bug', { what, why: whyOf(error) });
    if (current && !this.poisoned.has(current)) this.poisoned.add(current);
    else if (!this.state.lazy.empty) this.state.lazy.clear();
    else return 'failed';
    return trouble;
  }

  private succeeded(began: number): void {
    const { state, ports } = this;
    ports.meter?.committed(ports.meter.now() - began);
    this.pending = [];
    this.poisoned.clear();
    state.undo.clear();
    state.lazy.clear();
    if (this.incident) {
      this.incident = null;
      ports.log.info('the store takes writes again');
    }
    this.tell();
    this.noLongerBusy();
    state.said.file(state.lastId);
  }

  private noLongerBusy(): void {
    this.busySince = null;
    if (!this.stalled) return;
    this.stalled = false;
    this.sink.recovered();
  }

  private waitWhileBusy(now: number): void {
    this.busySince ??= now;
    if (!this.stalled && now - this.busySince >= BUSY_TOLD_AFTER) {
      this.stalled = true;
      this.sink.stalled(BUSY);
    }
    this.retry(BUSY_RETRY);
  }

  private failed(code: StoreRefusal, now: number): void {
    this.incident = code;
    this.retryAt = now + FAILED_RETRY;
    if (code === 'store-full') this.emptyLog();
    this.refuseAll(code);
    this.noLongerBusy();
  }

  /** Moves the write-ahead log into the file, so that its space can be used again. */
  private emptyLog(): void {
    try {
      this.state.statements.checkpoint.all();
    } catch {
      // There was no space for that either.
    }
  }

  private refuseAll(code: StoreRefusal): void {
    const operations = this.pending;
    const now = this.ports.clock.now();
    this.pending = [];
    this.poisoned.clear();
    for (const operation of operations) this.writer.refuse(operation, code, now);
    this.state.undo.clear();
    this.tell();
    if (this.incident || !this.state.lazy.empty) this.retry(LAZY_RETRY);
  }

  /** By the clock, and then at the end of that turn as ever. */
  private retry(ms: number): void {
    this.stopRetrying();
    this.cancelRetry = this.ports.clock.after(ms, () => {
      this.cancelRetry = null;
      if (this.scheduled) return;
      this.scheduled = true;
      this.ports.turn.commit(this.run);
    });
  }

  private stopRetrying(): void {
    this.cancelRetry?.();
    this.cancelRetry = null;
  }

  private tell(): void {
    const { batch, repeated, refusals, answers } = this.writer;
    this.writer.reset();
    for (const answer of answers) answer();
    if (batch.length > 0) {
      this.grown();
      this.sink.committed(batch);
    }
    for (const { event, origin, waiting } of repeated) origin?.committed(event, waiting, true);
    for (const { origin, code } of refusals) this.sink.refused(origin, code);
  }
}
