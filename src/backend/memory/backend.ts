/**
 * The memory backend: the whole contract with nothing on disk, for `--memory` and for tests. It commits once
 * a turn like the embedded one, results never earlier; on demand it stalls, refuses and loses claims, so
 * that what stands on it can be tested against a backend that is slow or failing.
 */

import { type Ban, type Draft, isSaid, type Kept, type PrivateEvent } from '../../chat/event.ts';
import { type Folded, fold } from '../../chat/names.ts';
import type {
  Account,
  AccountSummary,
  Backend,
  BackendSink,
  BackendStats,
  Claim,
  Committed,
  HistoryQuery,
  KnownName,
  Membership,
  Origin,
  PostRefusal,
  RoomRecord,
  RoomSummary,
  SearchQuery,
  SearchResult,
  Token,
} from '../../chat/ports.ts';
import { emptyRoom } from '../empty-room.ts';
import type {
  AccountDeleted,
  BanRemoved,
  BanSet,
  Created,
  Operation,
  OperatorSet,
  PasswordSet,
  TokenAdded,
  TokenRemoved,
} from '../operation.ts';
import type { BackendOptions, Bounds } from '../options.ts';
import { mostSimilar } from '../similar.ts';
import { hasWords, parseWords } from '../words.ts';
import { applyDraft } from './apply.ts';
import { applyServer, useToken } from './operators.ts';
import { purge, purgeByBytes } from './retention.ts';
import { conversationKey, type MemoryNode, type MemoryRoom, MemoryStore } from './store.ts';

/** ms between two purges. */
const PURGE_EVERY = 60_000;

const HELD = 'held';

const NOBODY: BackendSink = {
  committed: () => {},
  refused: () => {},
  claimLost: () => {},
  stalled: () => {},
  recovered: () => {},
};

/** A memory backend; give several the same `store` and they are nodes of one chat. */
export function memoryBackend(options: BackendOptions, store = new MemoryStore()): MemoryBackend {
  return new MemoryBackend(options, store);
}

export class MemoryBackend implements Backend, MemoryNode {
  private sink = NOBODY;
  private pending: Operation[] = [];
  private heard: Committed[] = [];
  private repeated: Committed[] = [];
  private refusals: { origin: Origin | null; code: PostRefusal }[] = [];
  private scheduled = false;
  /** How many operations may be committed while held; null while not held. */
  private allowed: number | null = null;
  private told: 'running' | 'stalled' = 'running';
  private failing: PostRefusal | null = null;
  private bounds: Bounds;
  private stopPurging: () => void = () => {};
  private readonly run = (): void => {
    this.scheduled = false;
    this.commit();
  };

  constructor(
    private readonly options: BackendOptions,
    readonly store: MemoryStore,
  ) {
    this.bounds = options;
  }

  setOptions(bounds: Bounds): void {
    this.bounds = bounds;
  }

  async start(sink: BackendSink): Promise<void> {
    this.sink = sink;
    this.store.nodes.add(this);
    this.purgeLater();
  }

  async stop(): Promise<void> {
    this.stopPurging();
    this.allowed = null;
    this.commit();
    this.sink = NOBODY;
    this.store.nodes.delete(this);
    for (const [name, claim] of this.store.claims) this.unclaim(name, claim.nodes);
    if (this.store.nodes.size === 0) this.store.guests.clear();
  }

  get trouble(): string | null {
    return this.allowed === null ? null : HELD;
  }

  async stats(): Promise<BackendStats> {
    const { bytes, names } = this.store;
    let waiting = 0;
    for (const name of names.values()) waiting += name.waiting.size;
    return { bytes, waiting };
  }

  // ——— what a test can make it do ———

  /** Commits nothing from now on: posts, claims and accounts wait, and the sink is told. */
  hold(): void {
    this.allowed = 0;
    this.schedule();
  }

  /** At the next turn's end, commits what waits and whatever comes; or only the first `n` of what waits. */
  resume(n?: number): void {
    this.allowed = n === undefined ? null : (this.allowed ?? 0) + n;
    this.schedule();
  }

  /** The drafts of the next commit are refused with this code; joins and leaves come back with id 0. */
  failNext(code: PostRefusal): void {
    this.failing = code;
  }

  /** As if another node had taken the name. */
  loseClaim(name: Folded): void {
    this.store.claims.delete(name);
    this.sink.claimLost(name);
  }

  // ——— names and accounts ———

  claim(name: string, as: 'guest' | 'account'): Promise<Claim> {
    return new Promise((resolve, reject) => this.queue({ kind: 'claim', name, as, resolve, reject }));
  }

  release(name: Folded): void {
    this.queue({ kind: 'release', name });
  }

  async known(name: Folded): Promise<KnownName | null> {
    const known = this.store.names.get(name);
    return known ? { name: known.name, account: known.account !== null, lastSeen: known.lastSeen } : null;
  }

  async similarNames(name: Folded): Promise<readonly string[]> {
    return mostSimilar(name, new Map([...this.store.names].map(([folded, known]) => [folded, known.name])));
  }

  async account(name: Folded): Promise<Account | null> {
    const known = this.store.names.get(name);
    if (!known?.account) return null;
    const memberships: Membership[] = [];
    for (const room of byFolded(this.store.rooms)) {
      const member = room.members.get(name);
      if (member) memberships.push({ room: room.name, rank: member.rank, read: member.read });
    }
    return { name: known.name, ...known.account, memberships };
  }

  createAccount(name: string, passwordHash: string, memberships: readonly Membership[]): Promise<Created> {
    return new Promise(resolve => this.queue({ kind: 'create', name, passwordHash, memberships, resolve }));
  }

  setPassword(name: Folded, passwordHash: string): Promise<PasswordSet> {
    return new Promise(resolve => this.queue({ kind: 'password', name, passwordHash, resolve }));
  }

  saveSettings(name: Folded, settings: Readonly<Record<string, unknown>>): void {
    const account = this.store.names.get(name)?.account;
    if (account) account.settings = structuredClone(settings);
  }

  saveRead(name: Folded, positions: readonly (readonly [room: Folded, id: number])[]): void {
    for (const [room, id] of positions) {
      const member = this.store.rooms.get(room)?.members.get(name);
      if (member && member.read < id) member.read = id;
    }
  }

  // ——— what operators of the server decide ———

  async accounts(after: Folded | '', limit: number): Promise<readonly AccountSummary[]> {
    const behind = [...this.store.names].filter(([folded, { account }]) => account && folded > after);
    return behind
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .slice(0, limit)
      .flatMap(([, { name, lastSeen, account }]) =>
        account ? [{ name, created: account.created, lastSeen, operator: account.operator }] : [],
      );
  }

  deleteAccount(name: Folded): Promise<AccountDeleted> {
    return new Promise(resolve => this.queue({ kind: 'delete-account', name, resolve }));
  }

  setOperator(name: Folded, operator: boolean): Promise<OperatorSet> {
    return new Promise(resolve => this.queue({ kind: 'operator', name, operator, resolve }));
  }

  async tokens(): Promise<readonly Token[]> {
    return [...this.store.tokens.values()].map(({ token }) => token);
  }

  async tokenOf(hash: string): Promise<Token | null> {
    for (const { token, hash: its } of this.store.tokens.values()) if (its === hash) return token;
    return null;
  }

  addToken(token: Token, hash: string): Promise<TokenAdded> {
    return new Promise(resolve => this.queue({ kind: 'add-token', token, hash, resolve }));
  }

  removeToken(id: string): Promise<TokenRemoved> {
    return new Promise(resolve => this.queue({ kind: 'remove-token', id, resolve }));
  }

  tokenUsed(id: string, at: number): void {
    useToken(this.store, id, at);
  }

  async serverBans(): Promise<readonly Ban[]> {
    return this.store.serverBans;
  }

  addServerBan(ban: Ban): Promise<BanSet> {
    return new Promise(resolve => this.queue({ kind: 'server-ban', ban, resolve }));
  }

  removeServerBan(label: string): Promise<BanRemoved> {
    return new Promise(resolve => this.queue({ kind: 'server-unban', label, resolve }));
  }

  // ——— rooms ———

  async openRoom(name: string): Promise<RoomRecord> {
    const room = this.store.rooms.get(fold(name));
    if (!room) return emptyRoom(name);
    const members = [...room.members.keys()].sort().map(folded => ({
      name: this.store.names.get(folded)?.name ?? folded,
      rank: room.members.get(folded)?.rank ?? 'member',
    }));
    return {
      name: room.name,
      exists: true,
      topic: room.topic,
      key: room.key,
      moderated: room.moderated,
      unlisted: room.unlisted,
      members,
      bans: [...room.bans],
      lastId: room.events.at(-1)?.id ?? 0,
    };
  }

  keepGuest(room: Folded, name: Folded): void {
    this.store.guests.add(room, name);
  }

  closeRoom(): void {
    // Events of rooms nobody opened cost nothing here.
  }

  async listedRooms(): Promise<readonly RoomSummary[]> {
    const newest = (room: MemoryRoom): number => room.events.at(-1)?.id ?? 0;
    return [...this.store.rooms.values()]
      .filter(room => !room.unlisted)
      .sort((a, b) => newest(b) - newest(a) || (a.folded < b.folded ? -1 : 1))
      .map(room => ({ name: room.name, topic: room.topic?.text ?? '', lastAt: room.events.at(-1)?.at ?? 0 }));
  }

  get roomCount(): number {
    return this.store.rooms.size;
  }

  // ——— events ———

  post(draft: Draft, origin: Origin | null, key?: string): void {
    this.queue({ kind: 'post', draft, origin, key });
  }

  async history({ scope, after, before, newest, only, limit }: HistoryQuery): Promise<readonly Kept[]> {
    const events: readonly Kept[] =
      'room' in scope
        ? (this.store.rooms.get(scope.room)?.events ?? [])
        : (this.store.conversations.get(conversationKey(...scope.between)) ?? []);
    const since = 'room' in scope ? 0 : scope.since;
    const start = firstAbove(events, after ?? 0);
    const end = before === undefined ? events.length : firstAbove(events, before - 1);
    const backward = after === undefined || newest === true;
    const found: Kept[] = [];
    for (let i = 0; i < end - start && found.length < limit; i++) {
      const event = events[backward ? end - 1 - i : start + i];
      if (event && event.at >= since && (only === 'all' || isSaid(event))) found.push(event);
    }
    return backward ? found.reverse() : found;
  }

  async countSaid(room: Folded, after: number, most: number): Promise<number> {
    const events = this.store.rooms.get(room)?.events ?? [];
    let count = 0;
    for (let i = firstAbove(events, after); i < events.length && count < most; i++) {
      const event = events[i];
      if (event && isSaid(event)) count++;
    }
    return count;
  }

  async search({ words, rooms, mine, limit }: SearchQuery): Promise<SearchResult> {
    const terms = parseWords(words);
    if (terms.length === 0 || limit <= 0) return { events: [], complete: true };
    const found: Kept[] = [];
    const look = (events: readonly Kept[], since: number): void => {
      for (const event of events) {
        if (isSaid(event) && event.at >= since && hasWords(event.text, terms)) found.push(event);
      }
    };
    for (const room of new Set(rooms)) look(this.store.rooms.get(room)?.events ?? [], 0);
    if (mine) {
      for (const [key, events] of this.store.conversations) {
        if (key.split(' ').includes(mine.name)) look(events, mine.since);
      }
    }
    return { events: found.sort((a, b) => a.id - b.id).slice(-limit), complete: true };
  }

  async waiting(name: Folded): Promise<readonly PrivateEvent[]> {
    return [...(this.store.names.get(name)?.waiting.values() ?? [])];
  }

  delivered(name: Folded, ids: readonly number[]): void {
    const waiting = this.store.names.get(name)?.waiting;
    for (const id of ids) waiting?.delete(id);
  }

  // ——— committing ———

  hear(batch: readonly Committed[]): void {
    for (const { event, waiting } of batch) this.heard.push({ event, waiting, origin: null });
    this.schedule();
  }

  private queue(operation: Operation): void {
    this.pending.push(operation);
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.options.turn.commit(this.run);
  }

  private commit(): void {
    const operations = this.pending.splice(0, this.allowed ?? this.pending.length);
    if (this.allowed !== null) this.allowed -= operations.length;
    const others = this.heard;
    const own: Committed[] = [];
    this.heard = [];
    for (const operation of operations) this.apply(operation, own);
    if (operations.length > 0) this.failing = null;
    for (const operation of operations) this.tidyAfter(operation);
    purgeByBytes(this.store, this.bounds.retention.bytes);
    for (const node of this.store.nodes) if (node !== this && own.length > 0) node.hear(own);
    this.tell(others.length > 0 ? [...others, ...own] : own);
  }

  private tell(batch: readonly Committed[]): void {
    const repeated = this.repeated;
    const refusals = this.refusals;
    this.repeated = [];
    this.refusals = [];
    if (batch.length > 0) this.sink.committed(batch);
    for (const { event, origin, waiting } of repeated) origin?.committed(event, waiting, true);
    for (const { origin, code } of refusals) this.sink.refused(origin, code);
    const now = this.allowed === null ? 'running' : 'stalled';
    if (now === this.told) return;
    this.told = now;
    if (now === 'stalled') this.sink.stalled(HELD);
    else this.sink.recovered();
  }

  private apply(operation: Operation, batch: Committed[]): void {
    const now = this.options.clock.now();
    switch (operation.kind) {
      case 'post':
        this.applyPost(operation.draft, operation.origin, operation.key, batch, now);
        break;
      case 'claim':
        operation.resolve(this.applyClaim(operation.name, operation.as, now));
        break;
      case 'release':
        this.applyRelease(operation.name, now);
        break;
      case 'create':
        operation.resolve(
          this.applyCreate(operation.name, operation.passwordHash, operation.memberships, now),
        );
        break;
      case 'password':
        operation.resolve(this.applyPassword(operation.name, operation.passwordHash));
        break;
      default:
        if (this.failing) operation.resolve(failure(this.failing));
        else applyServer(this.store, operation);
    }
  }

  private applyPost(
    draft: Draft,
    origin: Origin | null,
    key: string | undefined,
    batch: Committed[],
    now: number,
  ): void {
    const first = key === undefined ? undefined : this.store.posted.get(key);
    if (first) {
      const waiting = first.type === 'private' && !this.store.claims.has(fold(first.to));
      this.repeated.push({ event: first, origin, waiting });
      return;
    }
    if (this.failing) {
      if (draft.type === 'join' || draft.type === 'leave') {
        batch.push({ event: { ...draft, id: 0, at: this.store.stamp(now) }, origin, waiting: false });
      } else this.refusals.push({ origin, code: this.failing });
      return;
    }
    const outcome = applyDraft(this.store, draft, origin, now, this.bounds.mailbox);
    if (typeof outcome === 'string') {
      this.refusals.push({ origin, code: outcome });
      return;
    }
    if (key !== undefined && outcome.event.id > 0) this.store.posted.set(key, outcome.event);
    batch.push(outcome);
  }

  private applyClaim(name: string, as: 'guest' | 'account', now: number): Claim {
    const folded = fold(name);
    const account = (this.store.names.get(folded)?.account ?? null) !== null;
    const held = this.store.claims.get(folded);
    if ((account && as === 'guest') || this.store.tokenNames.has(folded)) return 'owned';
    if (held && !account) return 'taken';
    if (held) {
      held.account = true;
      held.nodes.add(this);
    } else this.store.claims.set(folded, { account, nodes: new Set<MemoryNode>([this]) });
    this.store.know(name, this.store.stamp(now));
    return 'claimed';
  }

  private applyRelease(name: Folded, now: number): void {
    const claim = this.store.claims.get(name);
    if (!claim?.nodes.has(this)) return;
    this.unclaim(name, claim.nodes);
    const known = this.store.names.get(name);
    if (known) known.lastSeen = this.store.stamp(now);
  }

  private unclaim(name: Folded, nodes: Set<MemoryNode>): void {
    nodes.delete(this);
    if (nodes.size === 0) this.store.claims.delete(name);
  }

  private applyCreate(
    name: string,
    passwordHash: string,
    memberships: readonly Membership[],
    now: number,
  ): Created {
    if (this.failing) return failure(this.failing);
    const known = this.store.know(name, this.store.stamp(now));
    if (known.account || this.store.tokenNames.has(fold(name))) return 'owned';
    // Strictly after whatever was said to the guest of that name before.
    this.store.lastAt++;
    known.account = { passwordHash, created: this.store.lastAt, settings: {}, operator: false };
    const claim = this.store.claims.get(fold(name));
    if (claim) claim.account = true;
    for (const { room, rank, read } of memberships) {
      this.store.rooms.get(fold(room))?.members.set(fold(name), { rank, read });
    }
    return 'created';
  }

  private applyPassword(name: Folded, passwordHash: string): PasswordSet {
    if (this.failing) return failure(this.failing);
    const account = this.store.names.get(name)?.account;
    if (!account) return 'store-failed';
    account.passwordHash = passwordHash;
    return 'set';
  }

  private tidyAfter(operation: Operation): void {
    if (operation.kind !== 'post' || isSaid(operation.draft) || operation.draft.type === 'join') return;
    if (operation.draft.type !== 'private') this.store.tidy(fold(operation.draft.room));
  }

  private purgeLater(): void {
    this.stopPurging = this.options.clock.after(PURGE_EVERY, () => {
      purge(this.store, this.bounds.retention, this.options.clock.now());
      this.purgeLater();
    });
  }
}

function byFolded(rooms: ReadonlyMap<Folded, MemoryRoom>): readonly MemoryRoom[] {
  return [...rooms.values()].sort((a, b) => (a.folded < b.folded ? -1 : 1));
}

/** Where the first event with an id above this one stands. */
function firstAbove(events: readonly Kept[], id: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle]?.id ?? 0) > id) high = middle;
    else low = middle + 1;
  }
  return low;
}

function failure(code: PostRefusal): 'store-full' | 'store-failed' {
  return code === 'store-full' ? 'store-full' : 'store-failed';
}
