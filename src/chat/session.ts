/**
 * A session: one signed-in (or not yet signed-in) connection as the domain sees it. It owns its options,
 * its seats in rooms and its place in the turn being delivered; it knows nothing of sockets.
 */
import type { Block, Portion } from './block.ts';
import type { Dialect, EndReason } from './counters.ts';
import type { PrivateEvent } from './event.ts';
import { DEFAULT_OPTIONS, type Options } from './options.ts';
import type { Encoder, Face, Origin, Outbox, PostRefusal } from './ports.ts';
import type { Room } from './room.ts';
import type { Seat } from './seat.ts';
import type { User } from './user.ts';

/** Where a session stands. A name exists only where there is a user. */
export type Phase =
  | { readonly kind: 'visitor' }
  /** The password is being checked, or the name claimed. */
  | { readonly kind: 'signing-in' }
  | { readonly kind: 'user'; readonly user: User }
  | { readonly kind: 'closed' };

export const VISITOR: Phase = { kind: 'visitor' };
export const SIGNING_IN: Phase = { kind: 'signing-in' };
export const CLOSED: Phase = { kind: 'closed' };

/** How the hub reaches the connection behind a session. */
export interface SessionLink {
  readonly outbox: Outbox;
  readonly face: Face;
  /** Stays as it is while connected: the hub counts by it. */
  readonly dialect: Dialect;
  /** The peer's address; '' for a unix socket. */
  readonly address: string;
  /** What limits per address count this peer under; null where it is exempt. */
  readonly limitKey: string | null;
  /** The encoder for these options. */
  encoderFor(options: Options): Encoder;
  /** Ends the connection once its outbox is empty; `words` is what its rooms are told in place of the reason. */
  close(reason: EndReason, words?: string): void;
  /** What a draft of this session was refused for. */
  refused(code: PostRefusal): void;
  /** Everything this session posted has its outcome. */
  settled(): void;
}

/** One for all: an empty list of one's own takes 64 bytes, and most sessions that are idle are in no room. */
const NO_SEATS: readonly Seat[] = [];

/** There is one a connection: past 18 fields the engine's next size of object is 64 bytes larger. */
export class Session implements Origin {
  phase: Phase = VISITOR;
  options: Options = DEFAULT_OPTIONS;
  encoder: Encoder;
  /** In the order they were last made current; the last is the most recent. */
  seats: readonly Seat[] = NO_SEATS;
  /** The room bare lines are said to. */
  current: Seat | null = null;
  /** Live private messages kept back while the waiting ones are fetched; null once they are shown. */
  inbox: PrivateEvent[] | null = null;
  /** ms since the epoch of the last line from the client. */
  lastActive: number;
  /** Lines from the client so far. */
  lines = 0;

  /** Lines and messages of this session that are posted and neither kept nor refused yet. */
  unsettled = 0;
  private waiters: (() => void)[] | null = null;

  // The turn being delivered (see deliver.ts): what this session is shown of it, and whether it spoke.
  block: Block | null = null;
  more: Portion[] | null = null;
  spokeIn = 0;

  constructor(
    readonly link: SessionLink,
    readonly connectedAt: number,
    /** Rises from one session of this process to the next. */
    readonly id: number,
  ) {
    this.lastActive = connectedAt;
    this.encoder = link.encoderFor(this.options);
  }

  get user(): User | null {
    return this.phase.kind === 'user' ? this.phase.user : null;
  }

  get closed(): boolean {
    return this.phase.kind === 'closed';
  }

  /** A line has come from the client. */
  heard(now: number): void {
    this.lastActive = now;
    this.lines++;
  }

  setOptions(options: Options): void {
    const { user } = this;
    if (user) user.options = options;
    this.options = options;
    this.encoder = this.link.encoderFor(options);
  }

  seatIn(room: Room): Seat | null {
    for (const seat of this.seats) if (seat.room === room) return seat;
    return null;
  }

  /** Adds a seat as the one to come back to first. */
  take(seat: Seat): void {
    this.seats = [...this.seats, seat];
  }

  /** Adds a seat as the one to come back to last. */
  takeLast(seat: Seat): void {
    this.seats = [seat, ...this.seats];
  }

  /** Makes a room the current one, and the one to come back to last. */
  makeCurrent(seat: Seat): void {
    this.seats = [...this.seats.filter(other => other !== seat), seat];
    this.current = seat;
  }

  /** Forgets a seat; the room before it becomes current if it was. */
  dropSeat(seat: Seat): void {
    this.seats = this.seats.filter(other => other !== seat);
    if (this.current === seat) this.current = this.seats.at(-1) ?? null;
  }

  // ——— Origin: a plain line of this session ———

  get session(): Session {
    return this;
  }

  committed(): void {
    // Silence means kept.
    this.settle();
  }

  refused(code: PostRefusal): void {
    this.link.refused(code);
    this.settle();
  }

  /** One of the posts counted in `unsettled` has its outcome. */
  settle(): void {
    this.unsettled--;
    if (this.unsettled > 0) return;
    const { waiters } = this;
    this.waiters = null;
    if (waiters) for (const resolve of waiters) resolve();
    this.link.settled();
  }

  /** Resolves once all that this session said has its outcome: who reads then finds it. */
  whenSettled(): Promise<void> {
    if (this.unsettled === 0) return Promise.resolve();
    return new Promise(resolve => {
      this.waiters ??= [];
      this.waiters.push(resolve);
    });
  }
}
