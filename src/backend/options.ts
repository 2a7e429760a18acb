/** What every backend is given: its time and turn, where incidents go, and the bounds on what it keeps. */
import type { Clock, Log, Meter, Turn } from '../chat/ports.ts';

/** How much history is kept. 0 means no bound. The oldest goes first. */
export interface Retention {
  /** ms: events older than this go, waiting private messages too. */
  readonly age: number;
  /** Lines said a room. */
  readonly lines: number;
  /** Bytes in all, roughly: of the file, or of what is held in memory. Waiting messages stay. */
  readonly bytes: number;
}

/** Bounds that a reload may change. */
export interface Bounds {
  /** Waiting private messages a name that is not signed in can have. */
  readonly mailbox: number;
  readonly retention: Retention;
}

export interface BackendOptions extends Bounds {
  readonly turn: Turn;
  readonly clock: Clock;
  readonly log: Log;
  /** Is told how long commits take. */
  readonly meter?: Meter;
}

/** How long a posted key is remembered, in ms. */
export const KEY_LIFE = 24 * 60 * 60 * 1000;
