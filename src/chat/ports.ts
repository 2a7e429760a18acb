/**
 * What the domain asks of the outside world. `src/chat/` imports nothing from Bun: time, storage, hashing
 * and the way out to a client arrive through these interfaces, so that whole conversations run in memory.
 */
import type { ErrorCode, Refusal } from './errors.ts';
import type { Ban, ChatEvent, Draft, Kept, PrivateEvent, Rank } from './event.ts';
import type { Folded } from './names.ts';
import type { Session } from './session.ts';

/** Time, in ms since the epoch; `after` answers what cancels it. */
export interface Clock {
  now(): number;
  after(ms: number, run: () => void): () => void;
}

/**
 * A turn: one pass of the event loop. Everything that arrived is committed once, then delivered, then
 * flushed once. Work asked for during a turn runs at its end, commits before flushes; asking from within
 * a commit for a flush has it run in the same turn.
 */
export interface Turn {
  commit(run: () => void): void;
  flush(run: () => void): void;
}

/** Who is told how long things took, in ms. */
export interface Meter {
  /** A reading that only rises, in ms from anywhere; times are differences of two. */
  now(): number;
  /** One transaction, from its beginning until it was safe. */
  committed(ms: number): void;
  /** One turn, from the first thing asked of it until all it had for anybody was handed to the kernel. */
  delivered(ms: number): void;
}

/** How a session is spoken to outside of events and results. */
export interface Face {
  /** A line from parley to this session alone. */
  notice(text: string): void;
  refusal(refusal: Refusal): void;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** Where incidents go. Never given a password or the text of a message. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Password hashing (argon2id), off the event loop. */
export interface Passwords {
  hash(password: string): Promise<string>;
  verify(password: string, hash: string): Promise<boolean>;
}

/** What is said of a chunk that may be dropped when its reader is too slow: it holds lines of one room. */
export interface Skippable {
  readonly room: string;
  /** Lines said in the chunk; those that this session is not shown (its own) count, as history has them. */
  readonly lines: number;
  /** The id of the last event before the chunk: `history … after #id` starts there. */
  readonly after: number;
}

/**
 * A session's bounded queue of bytes on their way out. Nothing is written before the end of the turn; then
 * everything goes out in one write.
 */
export interface Outbox {
  /**
   * Appends bytes that are the caller's no more. With `skip`, they may be dropped and counted instead, and may
   * be none at all.
   */
  push(bytes: Uint8Array, skip?: Skippable): void;
  pushText(text: string): void;
  /**
   * Calls back once everything pushed so far has been handed to the kernel; never if the link dies first.
   * `seen`: the private messages that it is about.
   */
  mark(left: () => void, seen?: readonly number[]): void;
  /** Resolves when little enough is waiting to push another page; at once if so. Rejects never. */
  drained(): Promise<void>;
  /** True when all that was pushed has been handed to the kernel. */
  readonly empty: boolean;
  /** Bytes that have not. */
  readonly waiting: number;
}

/**
 * How a session is shown events. Sessions with the same encoder are given the same bytes: one encoder a
 * variant (dialect and settings), shared by all sessions of that variant.
 */
export interface Encoder {
  /** Small, dense, unique: the index of this variant in a block's table. */
  readonly index: number;
  /** The text of one event with its line end, or '' where this variant does not show it. */
  line(event: ChatEvent): string;
  /** Where the bytes differ by session after all (a prompt): what a text becomes. Null where they do not. */
  readonly frame: ((text: string, session: Session) => string) | null;
}

// ——— the backend: where events, accounts and membership live ———

/**
 * Who posted a draft: handed back untouched with the outcome, on the node that posted it. `session` is
 * whose own line it is.
 */
export interface Origin {
  readonly session: Session | null;
  /** `repeated`: its key was posted before; this is the first event. */
  committed(event: Kept, waiting: boolean, repeated?: boolean): void;
  refused(code: PostRefusal): void;
}

/** Why a draft was not kept. */
export type PostRefusal = Extract<ErrorCode, 'store-full' | 'store-failed' | 'no-such-name' | 'mailbox-full'>;

export interface Committed {
  readonly event: Kept;
  /** Null where another node posted it. */
  readonly origin: Origin | null;
  /** A private message whose addressee is not signed in anywhere: it waits. */
  readonly waiting: boolean;
}

/** What a backend tells the hub. Called from the event loop, never from within a call to the backend. */
export interface BackendSink {
  /** Committed events in the backend's order; at most one call a turn. */
  committed(batch: readonly Committed[]): void;
  /** Drafts that were not kept and never will be. */
  refused(origin: Origin | null, code: PostRefusal): void;
  /** A claim was lost from outside (another node, a partition): whoever holds the name must be dropped. */
  claimLost(name: Folded): void;
  /** Nothing is committed for now; everything posted waits, in order, and nothing is dropped. */
  stalled(why: string): void;
  /** Committing again. */
  recovered(): void;
}

/** `owned`: the name is an account's, to be had with its password only, or that of a token. */
export type Claim = 'claimed' | 'taken' | 'owned';

export interface KnownName {
  readonly name: string;
  readonly account: boolean;
  /** ms since the epoch: when it last signed in or out. */
  readonly lastSeen: number;
}

export interface Membership {
  readonly room: string;
  readonly rank: Rank;
  /** The id of the last event of the room that was shown to the account. */
  readonly read: number;
}

export interface Account {
  readonly name: string;
  readonly passwordHash: string;
  /** ms since the epoch. Private history from before then is not this account's. */
  readonly created: number;
  /** As saved by `saveSettings`; the domain validates it. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly memberships: readonly Membership[];
  /** May do what operators of the whole server may. */
  readonly operator: boolean;
}

/** An account as those see it who look after all of them. */
export interface AccountSummary {
  readonly name: string;
  /** ms since the epoch, both; `lastSeen`: when it last signed in or out. */
  readonly created: number;
  readonly lastSeen: number;
  readonly operator: boolean;
}

/** How much there is. */
export interface BackendStats {
  /** Of everything kept, on the disk where it is on one. */
  readonly bytes: number;
  /** Private messages that nobody has seen. */
  readonly waiting: number;
}

/** What a program signs in with: a bearer token, of which only the SHA-256 is kept. */
export interface Token {
  /** Short; what it is called when it is taken back. */
  readonly id: string;
  /** Who speaks with it. While there is such a token, nobody else takes the name. */
  readonly name: string;
  /** The rooms it is for, as they are spelled; null for all. */
  readonly rooms: readonly string[] | null;
  readonly read: boolean;
  readonly write: boolean;
  /** ms since the epoch. `lastUsed`: null where it never was. */
  readonly created: number;
  readonly lastUsed: number | null;
}

export interface StoredMember {
  readonly name: string;
  readonly rank: Rank;
}

export interface RoomRecord {
  readonly name: string;
  /** False where nobody ever joined: the first committed join creates it. */
  readonly exists: boolean;
  readonly topic: { readonly text: string; readonly from: string; readonly at: number } | null;
  readonly key: string | null;
  readonly moderated: boolean;
  readonly unlisted: boolean;
  /** Accounts that are members, online or not. */
  readonly members: readonly StoredMember[];
  readonly bans: readonly Ban[];
  /** The id of its newest event; 0 where there is none. */
  readonly lastId: number;
}

export interface RoomSummary {
  readonly name: string;
  readonly topic: string;
  /** ms since the epoch of the newest event; 0 where there is none. */
  readonly lastAt: number;
}

/** Whose events: a room's, or those between two names from `since` (ms since the epoch) on. */
export type Scope =
  | { readonly room: Folded }
  | { readonly between: readonly [Folded, Folded]; readonly since: number };

export interface HistoryQuery {
  readonly scope: Scope;
  /** Only ids above this; the oldest `limit` of them, unless `newest`. */
  readonly after?: number;
  /** Only ids below this. */
  readonly before?: number;
  /** With `after`: the newest `limit` of the range instead of its oldest. Implied without `after`. */
  readonly newest?: boolean;
  /** Lines said only (messages and actions), or every kept event. */
  readonly only: 'said' | 'all';
  readonly limit: number;
}

export interface SearchQuery {
  /** Words as typed; all must occur. Quotes make a phrase, a trailing `*` a prefix. */
  readonly words: string;
  readonly rooms: readonly Folded[];
  /** Also the private messages of this account from `since` on. */
  readonly mine: { readonly name: Folded; readonly since: number } | null;
  readonly limit: number;
}

export interface SearchResult {
  /** Newest last. */
  readonly events: readonly Kept[];
  /** False while the newest lines are not yet indexed (and more than can be looked through at once). */
  readonly complete: boolean;
}

/**
 * The one contract every backend keeps; `test/contract/` judges it. Nothing outside a backend assumes
 * that a commit is immediate, that it succeeds, or that ids are contiguous.
 */
export interface Backend {
  /** Opens the store; from then on `sink` is told. Throws a `Refusal` that says what to do. */
  start(sink: BackendSink): Promise<void>;
  /** Commits what is pending, tells the sink of it, then closes. */
  stop(): Promise<void>;
  /** What keeps it from committing just now, in words; null where nothing does. */
  readonly trouble: string | null;
  stats(): Promise<BackendStats>;

  /**
   * Claims a name for this node until `release`. A guest's claim has one winner; an account's may be
   * claimed again (it is the same owner). The name is known from then on. Resolves once committed.
   */
  claim(name: string, as: 'guest' | 'account'): Promise<Claim>;
  release(name: Folded): void;
  /** Who this name is or was; null where nobody ever had it. */
  known(name: Folded): Promise<KnownName | null>;
  /** Known names that look like `name`, best first, at most three, for "did you mean". */
  similarNames(name: Folded): Promise<readonly string[]>;

  account(name: Folded): Promise<Account | null>;
  /** Makes a claimed name an account, a member of these rooms. `owned` where it is one already, or a token's. */
  createAccount(
    name: string,
    passwordHash: string,
    memberships: readonly Membership[],
  ): Promise<'created' | 'owned' | 'store-full' | 'store-failed'>;
  setPassword(name: Folded, passwordHash: string): Promise<'set' | 'store-full' | 'store-failed'>;
  /** Makes an account an operator of the server, or one no more. */
  setOperator(
    name: Folded,
    operator: boolean,
  ): Promise<'set' | 'no-such-account' | 'store-full' | 'store-failed'>;
  /** Accounts in the order of their folded names, at most `limit` of those behind `after` ('' for the first). */
  accounts(after: Folded | '', limit: number): Promise<readonly AccountSummary[]>;
  /**
   * The account is no more: its password, settings, rights, memberships and waiting messages go. What it said
   * stays, and whoever has claimed the name keeps it; then it is anybody's.
   */
  deleteAccount(name: Folded): Promise<'deleted' | 'no-such-account' | 'store-full' | 'store-failed'>;
  /** Replaces the account's settings, soon; the last one wins. */
  saveSettings(name: Folded, settings: Readonly<Record<string, unknown>>): void;
  /** Moves read positions (room, id) forward, soon; never backward. */
  saveRead(name: Folded, positions: readonly (readonly [room: Folded, id: number])[]): void;

  /** Every token, oldest first. */
  tokens(): Promise<readonly Token[]>;
  /** The token whose secret has this SHA-256, in hex; null where there is none. */
  tokenOf(hash: string): Promise<Token | null>;
  /** Its name is nobody else's from then on; a guest who has it keeps it until `release`. `owned`: an account's. */
  addToken(token: Token, hash: string): Promise<'added' | 'owned' | 'store-full' | 'store-failed'>;
  /** Its name is free again with the last token of that name. */
  removeToken(id: string): Promise<'removed' | 'no-such-token' | 'store-full' | 'store-failed'>;
  /** Notes when (ms since the epoch) a token was used, soon; the newest wins. */
  tokenUsed(id: string, at: number): void;

  /** Who is kept out of the whole server, oldest first. */
  serverBans(): Promise<readonly Ban[]>;
  /** Takes the place of one that keeps the same out. */
  addServerBan(ban: Ban): Promise<'set' | 'store-full' | 'store-failed'>;
  removeServerBan(label: string): Promise<'removed' | 'no-such-ban' | 'store-full' | 'store-failed'>;

  /** From now on the room's events reach the sink; answers its state up to that point. */
  openRoom(room: string): Promise<RoomRecord>;
  /** Its events need not reach the sink any more. */
  closeRoom(room: Folded): void;
  /** A guest is in this room since before the store was opened. (Memberships of accounts are stored.) */
  keepGuest(room: Folded, name: Folded): void;
  /** Rooms that exist and are listed, newest event first. */
  listedRooms(): Promise<readonly RoomSummary[]>;
  /** How many rooms exist, listed or not. */
  readonly roomCount: number;

  /**
   * Asks for a draft to be committed; the outcome reaches the sink with `origin`. Posted again with the
   * same `key` (within a day), it is answered with the first event and nothing is added. A `join` or a
   * `leave` is never refused: where it cannot be kept, it comes back with id 0. A state-changing draft
   * (topic, mode, rank, ban, join, leave, kick) changes the stored room with the commit. A private draft
   * to a name nobody ever had is refused.
   */
  post(draft: Draft, origin: Origin | null, key?: string): void;

  /** Kept events, oldest first. Never ahead of what the sink was told of. */
  history(query: HistoryQuery): Promise<readonly Kept[]>;
  /** How many lines were said in a room after `after`; counts no further than `most`. */
  countSaid(room: Folded, after: number, most: number): Promise<number>;
  search(query: SearchQuery): Promise<SearchResult>;

  /** Private messages to this name that nobody has seen, oldest first. */
  waiting(name: Folded): Promise<readonly PrivateEvent[]>;
  /** These were seen: they wait no more. */
  delivered(name: Folded, ids: readonly number[]): void;
}
