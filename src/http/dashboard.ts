/** What the dashboard is told, by the server and in the page: the one description of it that both go by. */

/** One point of the plots: a second, or the minute it was part of. Rates are a second, times ms, sizes bytes. */
export interface Sample {
  /** Seconds since the epoch: its end. */
  readonly at: number;
  readonly text: number;
  readonly json: number;
  readonly irc: number;
  readonly rooms: number;
  readonly messages: number;
  readonly deliveries: number;
  /** The longest the event loop was late, and the longest commit. */
  readonly lag: number;
  readonly commit: number;
  readonly outbox: number;
  readonly memory: number;
}

export interface RoomLine {
  readonly name: string;
  readonly people: number;
  readonly perMinute: number;
}

/** Somebody came into a listed room or left it. */
export interface Movement {
  /** ms since the epoch. */
  readonly at: number;
  readonly kind: 'join' | 'leave';
  readonly room: string;
  readonly name: string;
}

export interface Health {
  readonly state: 'ok' | 'slow' | 'stalled' | 'full' | 'stopping';
  /** In words; '' where all is well. */
  readonly why: string;
}

/** Sums since the start. */
export interface Totals {
  readonly messages: number;
  readonly deliveries: number;
  readonly signIns: number;
  readonly connections: number;
  readonly skipped: number;
  /** Closed connections by reason. */
  readonly closed: Readonly<Record<string, number>>;
  /** Watchers of this stream now. */
  readonly watchers: number;
}

/** The events of the stream, by name. */
export interface DashboardEvents {
  /** First on every new stream, and after `resync`. */
  hello: {
    readonly version: string;
    readonly server: string;
    /** ms since the epoch. */
    readonly startedAt: number;
    readonly health: Health;
    readonly totals: Totals;
    readonly rooms: readonly RoomLine[];
    readonly movements: readonly Movement[];
    /** The last 10 minutes by the second, and the last 24 hours by the minute; oldest first. */
    readonly seconds: readonly Sample[];
    readonly minutes: readonly Sample[];
  };
  /** Each second. */
  tick: { readonly sample: Sample; readonly health: Health; readonly totals: Totals };
  /** A minute is over. */
  minute: Sample;
  /** All listed rooms with somebody in them, the fullest first, at most 200; when something changed. */
  rooms: readonly RoomLine[];
  movement: Movement;
  /** What was missed is gone: a `hello` follows. */
  resync: { readonly why: string };
  /** The last of a stream, and the only one without an id beside `resync`: parley is stopping. */
  bye: { readonly why: string };
}
