/**
 * The embedded backend: one SQLite file in the data directory, one transaction a turn before anybody is
 * shown or told anything. This file is the contract's face; the turn's transaction is in commit.ts, what an
 * operation does in writer.ts, what is asked in reader.ts and search.ts, the rest runs beside.
 */
import { type Database, SQLiteError } from 'bun:sqlite';
import { refusal } from '../../chat/errors.ts';
import type { Ban, Draft, Kept, PrivateEvent } from '../../chat/event.ts';
import type { Folded } from '../../chat/names.ts';
import type {
  Account,
  AccountSummary,
  Backend,
  BackendSink,
  BackendStats,
  Claim,
  HistoryQuery,
  KnownName,
  Log,
  Membership,
  Origin,
  RoomRecord,
  RoomSummary,
  SearchQuery,
  SearchResult,
  Token,
} from '../../chat/ports.ts';
import type {
  AccountDeleted,
  BanRemoved,
  BanSet,
  Created,
  OperatorSet,
  PasswordSet,
  TokenAdded,
  TokenRemoved,
} from '../operation.ts';
import type { BackendOptions, Bounds } from '../options.ts';
import { Committer } from './commit.ts';
import { Indexer } from './indexer.ts';
import { type OpenedStore, openStore, type Sync, setSync, storeBytes } from './open.ts';
import { OperatorTables } from './operators.ts';
import { Reader } from './reader.ts';
import { Retainer } from './retention.ts';
import type { Filing } from './said.ts';
import { SEARCH_BOUNDS, type SearchBounds, Searcher } from './search.ts';
import { SearchThread } from './search-thread.ts';
import { State } from './state.ts';
import { prepareStatements, type Statements } from './statements.ts';
import { whyOf } from './trouble.ts';
import { Writer } from './writer.ts';

/** What a reload may change. */
export interface EmbeddedBounds extends Bounds {
  /** `normal`: what was shown survives the process. `full`: also a power cut. */
  readonly sync: Sync;
}

export interface EmbeddedOptions extends BackendOptions, EmbeddedBounds {
  /** The data directory; made where it is missing. */
  readonly dir: string;
  /** How far lines are filed behind: for tests, which have fewer than there are otherwise. */
  readonly filing?: Filing;
  /** For tests, too. */
  readonly searching?: SearchBounds;
}

/** ms that the last commit waits for another program that is writing. */
const LAST_WAIT = 2000;

/** Everything there is between `start` and `stop`. */
interface Running {
  readonly store: OpenedStore;
  readonly state: State;
  readonly writer: Writer;
  readonly committer: Committer;
  readonly reader: Reader;
  readonly tables: OperatorTables;
  readonly searcher: Searcher;
  readonly indexer: Indexer;
  readonly retainer: Retainer;
}

export class EmbeddedBackend implements Backend {
  private running: Running | null = null;
  private bounds: EmbeddedBounds;

  constructor(private readonly options: EmbeddedOptions) {
    this.bounds = options;
  }

  setOptions(bounds: EmbeddedBounds): void {
    this.bounds = bounds;
    if (!this.running) return;
    const { store, writer, retainer } = this.running;
    setSync(store.db, bounds.sync);
    writer.mailbox = bounds.mailbox;
    retainer.retention = bounds.retention;
  }

  async start(sink: BackendSink): Promise<void> {
    const { dir, clock, log, filing, searching = SEARCH_BOUNDS } = this.options;
    const store = openStore(dir, this.bounds.sync);
    for (const { version, what } of store.migrated)
      log.info('database brought up to date', { version, what });
    const state = stateOf(store, log, filing);
    const tables = new OperatorTables(state);
    const writer = new Writer(state, tables, this.bounds.mailbox);
    const indexer = new Indexer(state, clock, log);
    const committer = new Committer(this.options, state, writer, sink, () => indexer.wake());
    const retainer = new Retainer(state, clock, log, () => indexer.indexed, this.bounds.retention);
    const thread = new SearchThread(store.file, clock, log);
    this.running = {
      store,
      state,
      writer,
      committer,
      reader: new Reader(state),
      tables,
      searcher: new Searcher(state, clock, thread, () => indexer.indexed, searching),
      indexer,
      retainer,
    };
    if (indexer.indexed < state.lastId) indexer.wake();
    retainer.start();
  }

  async stop(): Promise<void> {
    if (!this.running) return;
    const { store, state, committer, searcher, indexer, retainer } = this.running;
    indexer.stop();
    retainer.stop();
    store.db.run(`PRAGMA busy_timeout = ${LAST_WAIT}`);
    committer.finish();
    // The last commit may have woken it.
    indexer.stop();
    // What cannot be filed now will be after the next start.
    store.db.run('PRAGMA busy_timeout = 0');
    state.said.finish();
    this.running = null;
    await searcher.stop();
    state.statements.finalize();
    store.close();
  }

  get trouble(): string | null {
    return this.running?.committer.trouble ?? null;
  }

  async stats(): Promise<BackendStats> {
    const { reader, store } = this.on;
    return { bytes: storeBytes(store.file), waiting: reader.countWaiting() };
  }

  // ——— names and accounts ———

  claim(name: string, as: 'guest' | 'account'): Promise<Claim> {
    return new Promise((resolve, reject) =>
      this.on.committer.add({ kind: 'claim', name, as, resolve, reject }),
    );
  }

  release(name: Folded): void {
    // Connections may still be closing after the backend has.
    this.running?.committer.add({ kind: 'release', name });
  }

  async known(name: Folded): Promise<KnownName | null> {
    return this.on.reader.known(name);
  }

  async similarNames(name: Folded): Promise<readonly string[]> {
    return this.on.reader.similarNames(name);
  }

  async account(name: Folded): Promise<Account | null> {
    return this.on.reader.account(name);
  }

  createAccount(name: string, passwordHash: string, memberships: readonly Membership[]): Promise<Created> {
    return new Promise(resolve =>
      this.on.committer.add({ kind: 'create', name, passwordHash, memberships, resolve }),
    );
  }

  setPassword(name: Folded, passwordHash: string): Promise<PasswordSet> {
    return new Promise(resolve => this.on.committer.add({ kind: 'password', name, passwordHash, resolve }));
  }

  saveSettings(name: Folded, settings: Readonly<Record<string, unknown>>): void {
    this.running?.state.lazy.saveSettings(name, settings);
    this.running?.committer.schedule();
  }

  saveRead(name: Folded, positions: readonly (readonly [room: Folded, id: number])[]): void {
    this.running?.state.lazy.saveRead(name, positions);
    this.running?.committer.schedule();
  }

  // ——— what operators of the server decide ———

  async accounts(after: Folded | '', limit: number): Promise<readonly AccountSummary[]> {
    return this.on.tables.accounts(after, limit);
  }

  deleteAccount(name: Folded): Promise<AccountDeleted> {
    return new Promise(resolve => this.on.committer.add({ kind: 'delete-account', name, resolve }));
  }

  setOperator(name: Folded, operator: boolean): Promise<OperatorSet> {
    return new Promise(resolve => this.on.committer.add({ kind: 'operator', name, operator, resolve }));
  }

  async tokens(): Promise<readonly Token[]> {
    return this.on.tables.tokens();
  }

  async tokenOf(hash: string): Promise<Token | null> {
    return this.on.tables.tokenOf(hash);
  }

  addToken(token: Token, hash: string): Promise<TokenAdded> {
    return new Promise(resolve => this.on.committer.add({ kind: 'add-token', token, hash, resolve }));
  }

  removeToken(id: string): Promise<TokenRemoved> {
    return new Promise(resolve => this.on.committer.add({ kind: 'remove-token', id, resolve }));
  }

  tokenUsed(id: string, at: number): void {
    this.running?.state.lazy.tokenUsed(id, at);
    this.running?.committer.scheduleLater();
  }

  async serverBans(): Promise<readonly Ban[]> {
    return this.on.tables.bans();
  }

  addServerBan(ban: Ban): Promise<BanSet> {
    return new Promise(resolve => this.on.committer.add({ kind: 'server-ban', ban, resolve }));
  }

  removeServerBan(label: string): Promise<BanRemoved> {
    return new Promise(resolve => this.on.committer.add({ kind: 'server-unban', label, resolve }));
  }

  // ——— rooms ———

  async openRoom(room: string): Promise<RoomRecord> {
    return this.on.reader.room(room);
  }

  keepGuest(room: Folded, name: Folded): void {
    this.on.state.guests.add(room, name);
  }

  closeRoom(): void {
    // Events of rooms nobody opened cost nothing here.
  }

  async listedRooms(): Promise<readonly RoomSummary[]> {
    return this.on.state.rooms.listed();
  }

  get roomCount(): number {
    return this.on.state.roomCount;
  }

  // ——— events ———

  post(draft: Draft, origin: Origin | null, key?: string): void {
    this.on.committer.add({ kind: 'post', draft, origin, key });
  }

  async history(query: HistoryQuery): Promise<readonly Kept[]> {
    return this.on.reader.history(query);
  }

  async countSaid(room: Folded, after: number, most: number): Promise<number> {
    return this.on.reader.countSaid(room, after, most);
  }

  async search(query: SearchQuery): Promise<SearchResult> {
    return this.on.searcher.search(query);
  }

  async waiting(name: Folded): Promise<readonly PrivateEvent[]> {
    return this.on.reader.waiting(name);
  }

  delivered(name: Folded, ids: readonly number[]): void {
    this.running?.state.lazy.delivered(name, ids);
    this.running?.committer.schedule();
  }

  /** The connection while running: for tests, which fill the disk through it. */
  get db(): Database | null {
    return this.running?.store.db ?? null;
  }

  private get on(): Running {
    if (!this.running) throw new Error('the backend is not running');
    return this.running;
  }
}

/** Throws `database-corrupt` where the file's tables are not what they were made as. */
function stateOf(store: OpenedStore, log: Log, filing: Filing | undefined): State {
  let statements: Statements | null = null;
  try {
    statements = prepareStatements(store.db);
    return new State(statements, log, filing);
  } catch (error) {
    statements?.finalize();
    store.close();
    if (!(error instanceof SQLiteError)) throw error;
    throw refusal('database-corrupt', store.file, whyOf(error));
  }
}
