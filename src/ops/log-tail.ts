/**
 * The end of the log, for those who look at it while parley runs: its newest lines, and each line as it comes.
 * Who looks may be shown more than is logged: lines below the level in force are told live, and not kept.
 */
import type { LogFields } from '../chat/ports.ts';
import { Ring } from './ring.ts';

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** A line of the log, cleaned of what would steer a terminal. */
export interface LogLine {
  /** ms since the epoch. */
  readonly at: number;
  readonly level: LogLevel;
  readonly message: string;
  readonly fields: LogFields;
}

const KEPT = 500;

export class LogTail {
  private readonly newest = new Ring<LogLine>(KEPT);
  private readonly listeners = new Set<(line: LogLine) => void>();

  /** Somebody listens: lines that are not logged are wanted, too. */
  get wanted(): boolean {
    return this.listeners.size > 0;
  }

  /** `logged`: it is of the level in force, or above. */
  add(line: LogLine, logged: boolean): void {
    if (logged) this.newest.add(line);
    for (const listen of this.listeners) listen(line);
  }

  /** The newest lines of this level and above that were logged, the oldest first. */
  recent(level: LogLevel, most: number): readonly LogLine[] {
    const lines = this.newest.all().filter(line => isAtLeast(line.level, level));
    return most > 0 ? lines.slice(-most) : [];
  }

  /** Tells `listen` of each line of this level and above from now on; answers what ends that. */
  listen(level: LogLevel, listen: (line: LogLine) => void): () => void {
    const own = (line: LogLine): void => {
      if (isAtLeast(line.level, level)) listen(line);
    };
    this.listeners.add(own);
    return () => this.listeners.delete(own);
  }
}

export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  return LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(least);
}
