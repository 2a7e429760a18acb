/**
 * The hub: who is here, which rooms are awake, and the one place where committed events come back. It owns
 * users, rooms in memory and the backend; what people do with them is in the files beside it (signin,
 * membership, moderation, mail, reading, people).
 */
import { Counters, type Dialect } from './counters.ts';
import { Delivery, showNow } from './deliver.ts';
import { bugText, type ErrorCode, type Refusal, refusal } from './errors.ts';
import { type Draft, isSaid, type Kept, type PrivateEvent } from './event.ts';
import { AttemptLimiter } from './limits.ts';
import { type Folded, fold } from './names.ts';
import type {
  Backend,
  BackendSink,
  Clock,
  Committed,
  Log,
  Origin,
  Passwords,
  PostRefusal,
  Turn,
} from './ports.ts';
import { savePositions } from './reading.ts';
import { Room } from './room.ts';
import type { Rules } from './rules.ts';
import { ServerBans } from './server-bans.ts';
import { CLOSED, Session, type SessionLink } from './session.ts';
import { dropUser, type Hold, signOut } from './signin.ts';
import { Turnstile } from './turnstile.ts';
import type { User } from './user.ts';

export interface HubPorts {
  readonly backend: Backend;
  readonly turn: Turn;
  readonly clock: Clock;
  readonly log: Log;
  readonly passwords: Passwords;
}

/** What everyone is told while nothing can be committed, and who comes then on coming. */
export const STALLED = 'The store is not answering. What you say waits, in order, and nothing is lost.';

/** Refusals that say how long to wait. */
type LimitCode = Extract<ErrorCode, 'too-many-registrations' | 'too-many-new-rooms' | 'too-many-searches'>;

/** How often read positions of accounts are saved: what a crash can repeat. */
const SAVE_EVERY = 2000;
/** Newcomers heard, and sign-ins begun, in one turn: some 5 ms of work, what each does next included. */
const NEWCOMERS_A_TURN = 32;
const MINUTE = 60_000;

export class Hub implements BackendSink {
  readonly backend: Backend;
  readonly clock: Clock;
  readonly log: Log;
  readonly passwords: Passwords;
  readonly counters = new Counters();
  readonly users = new Map<Folded, User>();
  readonly rooms = new Map<Folded, Room>();
  readonly sessions = new Set<Session>();
  /** How many of them speak what. */
  readonly dialects: Record<Dialect, number> = { text: 0, json: 0, irc: 0 };
  /** Who relies on which claim (signin.ts): it is released when nobody does. */
  readonly holds = new Map<Folded, Hold>();
  /** As the backend has them since `start`. */
  readonly serverBans = new ServerBans();
  readonly newcomers: Turnstile;
  readonly signIns: Turnstile;
  readonly attemptsByAddress: AttemptLimiter;
  readonly attemptsByAccount: AttemptLimiter;
  readonly registrations: AttemptLimiter;
  readonly newRooms: AttemptLimiter;
  readonly searches: AttemptLimiter;
  /** Set while the backend commits nothing, with the reason. */
  stalledFor: string | null = null;
  private readonly observers = new Set<(batch: readonly Committed[]) => void>();
  private readonly named = new Map<string, Room>();
  /** Rooms whose members changed just now: they may fall asleep once observers were told of it. */
  private readonly changed = new Set<Room>();
  private readonly loading = new Map<Folded, { room: Promise<Room>; early: Committed[] }>();
  private readonly delivery = new Delivery({
    roomNamed: name => this.named.get(name),
    userNamed: name => this.users.get(fold(name)),
    seen: (user, event) => this.backend.delivered(user.folded, [event.id]),
    orphaned: (room, name) => this.takeOut(room, name, 'connection closed'),
    membersChanged: room => this.afterChange(room),
    delivered: count => this.counters.delivered(count),
    failed: bug => this.log.error('a delivery failed', { why: bugText(bug) }),
  });
  private stopSaving: () => void = () => {};
  /** The number of the newest session. */
  lastSession = 0;

  constructor(
    ports: HubPorts,
    public rules: Rules,
  ) {
    this.backend = ports.backend;
    this.clock = ports.clock;
    this.log = ports.log;
    this.passwords = ports.passwords;
    this.newcomers = new Turnstile(ports.turn, NEWCOMERS_A_TURN);
    this.signIns = new Turnstile(ports.turn, NEWCOMERS_A_TURN);
    this.attemptsByAddress = new AttemptLimiter(rules.signInAttemptsPerAddress, rules.signInWindow);
    this.attemptsByAccount = new AttemptLimiter(rules.signInAttemptsPerAccount, rules.signInWindow);
    this.registrations = new AttemptLimiter(rules.registrationsPerAddress, rules.registrationWindow);
    this.newRooms = new AttemptLimiter(rules.newRoomsPerAddress, rules.registrationWindow);
    this.searches = new AttemptLimiter(rules.searchesPerMinute, MINUTE);
  }

  /** Opens the backend. Throws the `Refusal` that says what to do where that fails. */
  async start(): Promise<void> {
    await this.backend.start(this);
    for (const ban of await this.backend.serverBans()) this.serverBans.set(ban);
    this.saveLater();
  }

  /** Saves what is worth saving and closes the backend; sessions are gone by then. */
  async stop(): Promise<void> {
    this.stopSaving();
    savePositions(this);
    await this.backend.stop();
  }

  setRules(rules: Rules): void {
    this.rules = rules;
    this.attemptsByAddress.configure(rules.signInAttemptsPerAddress, rules.signInWindow);
    this.attemptsByAccount.configure(rules.signInAttemptsPerAccount, rules.signInWindow);
    this.registrations.configure(rules.registrationsPerAddress, rules.registrationWindow);
    this.newRooms.configure(rules.newRoomsPerAddress, rules.registrationWindow);
    this.searches.configure(rules.searchesPerMinute, MINUTE);
  }

  private saveLater(): void {
    this.stopSaving = this.clock.after(SAVE_EVERY, () => {
      savePositions(this);
      this.saveLater();
    });
  }

  // ——— sessions ———

  /** `before`: it was connected to another program already. */
  connect(link: SessionLink, before?: { readonly id: number; readonly connectedAt: number }): Session {
    const session = new Session(
      link,
      before?.connectedAt ?? this.clock.now(),
      before?.id ?? ++this.lastSession,
    );
    this.sessions.add(session);
    this.dialects[link.dialect]++;
    return session;
  }

  /** The connection behind a session is gone. `reason` is what its rooms are told. */
  disconnect(session: Session, reason: string): void {
    if (!this.sessions.delete(session)) return;
    this.dialects[session.link.dialect]--;
    signOut(this, session, reason);
    session.phase = CLOSED;
  }

  // ——— rooms in memory ———

  /**
   * The room of this name, awake, until `work` is done: it may be one that nobody ever joined. Throws what
   * `work` throws.
   */
  async withRoom<T>(name: string, work: (room: Room) => Promise<T>): Promise<T> {
    const room = await this.wake(name);
    try {
      return await work(room);
    } finally {
      room.pins--;
      this.letSleep(room);
    }
  }

  /** Wakes a room and pins it. */
  private async wake(name: string): Promise<Room> {
    const folded = fold(name);
    const awake =
      this.rooms.get(folded) ?? (await (this.loading.get(folded)?.room ?? this.load(name, folded)));
    // Two may have waited for one load, and the room may have gone back to sleep before the second ran.
    if (this.rooms.get(folded) !== awake) return await this.wake(name);
    awake.pins++;
    return awake;
  }

  private load(name: string, folded: Folded): Promise<Room> {
    const early: Committed[] = [];
    const room = this.backend.openRoom(name).then(
      record => {
        this.loading.delete(folded);
        const loaded = new Room(record);
        this.rooms.set(folded, loaded);
        this.named.set(loaded.name, loaded);
        const missed = early.filter(({ event }) => event.id === 0 || event.id > record.lastId);
        if (missed.length > 0)
          this.delivery.run(missed.map(({ event }) => ({ event, origin: null, waiting: false })));
        this.letChangedSleep();
        return loaded;
      },
      error => {
        this.loading.delete(folded);
        throw error;
      },
    );
    this.loading.set(folded, { room, early });
    return room;
  }

  /** Forgets a room that nothing here needs; the backend has it. */
  letSleep(room: Room): void {
    if (!room.idle || this.rooms.get(room.folded) !== room) return;
    this.rooms.delete(room.folded);
    this.named.delete(room.name);
    this.backend.closeRoom(room.folded);
  }

  // ——— posting ———

  /** Posts a draft and waits for its commit. Rejects with the `Refusal` where it was not kept. */
  keep(draft: Draft, session: Session | null): Promise<Kept> {
    return new Promise((resolve, reject) => {
      this.backend.post(draft, {
        session,
        committed: resolve,
        refused: code => reject(this.postRefusal(code)),
      });
    });
  }

  /** Posts what nobody waits for; a refusal is logged, as nobody is there to be told. */
  post(draft: Draft, session: Session | null): void {
    const origin: Origin = {
      session,
      committed: () => {},
      refused: code => this.log.warn('not kept', { type: draft.type, code }),
    };
    this.backend.post(draft, origin);
  }

  /** What a refused post says where nothing more is known of it. */
  postRefusal(code: PostRefusal, to = ''): Refusal {
    switch (code) {
      case 'store-full':
      case 'store-failed':
        return refusal(code);
      case 'no-such-name':
        return refusal(code, to, '');
      case 'mailbox-full':
        return refusal(code, to, this.rules.waitingMessages);
    }
  }

  /** Posts that somebody leaves, and in the same turn who runs the room from then on. */
  takeOut(room: Room, name: string, reason: string): void {
    this.post({ type: 'leave', room: room.name, from: name, reason }, null);
    this.handOver(room, fold(name));
  }

  /** Where the last operator is leaving, has its heir made operator, in the turn of the leaving. */
  handOver(room: Room, leaving: Folded): void {
    if (room.members.get(leaving)?.rank === 'operator') this.appoint(room, leaving);
  }

  /**
   * A room without an operator is run by whoever has been in it longest, of those who are here if anybody is,
   * so that none is ownerless.
   */
  private appoint(room: Room, leaving: Folded | null): void {
    const members = [...room.members].filter(([folded]) => folded !== leaving).map(([, member]) => member);
    if (members.some(member => member.rank === 'operator')) return;
    const heir = members.find(member => member.user) ?? members[0];
    if (heir)
      this.post({ type: 'rank', room: room.name, from: 'parley', name: heir.name, rank: 'operator' }, null);
  }

  /** After the members of a room have changed: it may be ownerless all the same (two left at once), or empty. */
  private afterChange(room: Room): void {
    if (!room.hasOperator) this.appoint(room, null);
    this.changed.add(room);
  }

  private letChangedSleep(): void {
    for (const room of this.changed) this.letSleep(room);
    this.changed.clear();
  }

  // ——— BackendSink ———

  committed(batch: readonly Committed[]): void {
    if (this.loading.size > 0) for (const item of batch) this.keepForLoading(item);
    for (const { event } of batch) if (isSaid(event)) this.counters.message(event.type);
    this.delivery.run(batch);
    for (const observe of this.observers) this.tellObserver(observe, batch);
    this.letChangedSleep();
  }

  /**
   * Tells `observe` of every batch of committed events after its delivery and before rooms fall asleep for it;
   * those of rooms that are asleep here are not always among them (`withRoom` keeps one awake). Answers what
   * ends that.
   */
  observe(observe: (batch: readonly Committed[]) => void): () => void {
    // A function of its own, so that one may observe twice.
    const own = (batch: readonly Committed[]): void => observe(batch);
    this.observers.add(own);
    return () => this.observers.delete(own);
  }

  private tellObserver(observe: (batch: readonly Committed[]) => void, batch: readonly Committed[]): void {
    try {
      observe(batch);
    } catch (bug) {
      this.log.error('an observer failed', { why: bugText(bug) });
    }
  }

  private keepForLoading(item: Committed): void {
    if (item.event.type !== 'private') this.loading.get(fold(item.event.room))?.early.push(item);
  }

  refused(origin: Origin | null, code: PostRefusal): void {
    origin?.refused(code);
  }

  claimLost(name: Folded): void {
    const hold = this.holds.get(name);
    if (hold) hold.claimed = false;
    const user = this.users.get(name);
    if (user) dropUser(this, user, refusal('name-lost', user.name));
  }

  stalled(why: string): void {
    this.stalledFor = why;
    this.log.warn('the store is not answering', { why });
    this.announce(STALLED);
  }

  recovered(): void {
    this.stalledFor = null;
    this.log.info('the store answers again');
    this.announce('The store answers again.');
  }

  // ——— speaking to everyone ———

  announce(text: string): void {
    showNow({ type: 'announce', from: 'parley', text, id: 0, at: this.clock.now() }, this.sessions);
  }

  /** Counts an attempt under a limit; throws the refusal with the seconds to wait where there were too many. */
  countAttempt(limiter: AttemptLimiter, key: string | null, code: LimitCode): void {
    const now = this.clock.now();
    if (key === null || limiter.take(key, now)) return;
    throw refusal(code, Math.ceil(limiter.wait(key, now) / 1000));
  }

  /** Counts a refusal for the metrics. */
  count(code: ErrorCode): void {
    this.counters.refused(code);
  }

  privateSeen(user: User, events: readonly PrivateEvent[]): void {
    if (events.length > 0)
      this.backend.delivered(
        user.folded,
        events.map(event => event.id),
      );
  }
}
