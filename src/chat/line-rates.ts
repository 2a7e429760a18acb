/**
 * How fast sessions send lines, from what was counted whenever somebody looked: nothing is measured while
 * nobody does, and a line costs no more than its count.
 */
import type { Session } from './session.ts';

/** How many lines each session had sent by then. */
interface Mark {
  readonly at: number;
  readonly lines: ReadonlyMap<number, number>;
}

/** ms between two marks; a rate is about once to twice as long, while somebody looks. */
const STEP = 10_000;
const MINUTE = 60_000;

export class LineRates {
  private older: Mark | null = null;
  private newer: Mark | null = null;

  /** Somebody looks: marks where the sessions are, unless that was done just now. */
  look(sessions: Iterable<Session>, now: number): void {
    if (this.newer && Math.abs(now - this.newer.at) < STEP) return;
    const lines = new Map<number, number>();
    for (const session of sessions) lines.set(session.id, session.lines);
    this.older = this.newer;
    this.newer = { at: now, lines };
  }

  /** Lines a minute since the older mark; since it connected, where there is none. */
  perMinute(session: Session, now: number): number {
    const before = this.older?.lines.get(session.id);
    const since = before === undefined || !this.older ? session.connectedAt : this.older.at;
    const lines = session.lines - (before ?? 0);
    return (lines * MINUTE) / Math.max(now - since, STEP);
  }
}
