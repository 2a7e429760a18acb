/**
 * One operation at a time, within the turn's transaction or, where the store takes no writes, without it.
 * What comes of them is collected and told only after the commit.
 */
import type { Draft, Joined, Kept, ModeSet, PrivateEvent, RoomDraft, RoomEvent } from '../../chat/event.ts';
import { type Folded, fold } from '../../chat/names.ts';
import type { Claim, Committed, Membership, Origin, PostRefusal } from '../../chat/ports.ts';
import type { Created, Operation, PasswordSet } from '../operation.ts';
import type { Conversation } from './conversations.ts';
import type { OperatorTables } from './operators.ts';
import type { RoomEntry } from './rooms.ts';
import {
  decodePrivate,
  decodeRoomEvent,
  encodePrivate,
  encodeRoomDraft,
  PRIVATE_KIND,
  rankNumber,
  SAID,
} from './rows.ts';
import type { State } from './state.ts';
import { tidyRoom } from './tidy.ts';

export type StoreRefusal = 'store-full' | 'store-failed';

export class Writer {
  batch: Committed[] = [];
  /** Drafts posted before with the same key: only who posted is told. */
  repeated: Committed[] = [];
  refusals: { readonly origin: Origin | null; readonly code: PostRefusal }[] = [];
  answers: (() => void)[] = [];
  private readonly thinned = new Set<Folded>();

  constructor(
    private readonly state: State,
    private readonly tables: OperatorTables,
    public mailbox: number,
  ) {}

  reset(): void {
    this.batch = [];
    this.repeated = [];
    this.refusals = [];
    this.answers = [];
    this.thinned.clear();
  }

  /** Within a transaction. Throws what SQLite throws. */
  write(operation: Operation, now: number): void {
    switch (operation.kind) {
      case 'post':
        this.post(operation.draft, operation.origin, operation.key, now);
        break;
      case 'claim': {
        const claim = this.claim(operation.name, operation.as, now, true);
        this.answers.push(() => operation.resolve(claim));
        break;
      }
      case 'release':
        this.release(operation.name, now, true);
        break;
      case 'create': {
        const created = this.create(operation.name, operation.passwordHash, operation.memberships, now);
        this.answers.push(() => operation.resolve(created));
        break;
      }
      case 'password': {
        const set = this.setPassword(operation.name, operation.passwordHash);
        this.answers.push(() => operation.resolve(set));
        break;
      }
      default:
        this.answers.push(this.tables.write(operation));
    }
  }

  /** Within a transaction, after its operations. */
  tidy(): void {
    for (const room of this.thinned) tidyRoom(this.state, room);
  }

  /** What becomes of an operation while nothing can be written. */
  refuse(operation: Operation, code: StoreRefusal, now: number): void {
    switch (operation.kind) {
      case 'post':
        this.refusePost(operation.draft, operation.origin, code, now);
        break;
      case 'claim':
        this.claimUnwritten(operation, now);
        break;
      case 'release':
        this.release(operation.name, now, false);
        break;
      default:
        this.answers.push(() => operation.resolve(code));
    }
  }

  // ——— drafts ———

  private post(draft: Draft, origin: Origin | null, key: string | undefined, now: number): void {
    if (key !== undefined && this.repeat(draft, origin, key)) return;
    const id =
      draft.type === 'private' ? this.postPrivate(draft, origin, now) : this.postToRoom(draft, origin, now);
    if (key !== undefined && id > 0) this.state.statements.addPosted.run(id, this.state.lastAt, key);
  }

  /** Answers whether this key was posted before; then who posts is given the first event. */
  private repeat(draft: Draft, origin: Origin | null, key: string): boolean {
    const { statements, claims } = this.state;
    const posted = statements.posted.get(key);
    if (!posted) return false;
    // Where the event is gone within a day, the draft itself says what it was.
    const event = this.stored(posted.event) ?? { ...draft, id: posted.event, at: posted.at };
    const waiting = event.type === 'private' && !claims.has(fold(event.to));
    this.repeated.push({ event, origin, waiting });
    return true;
  }

  private stored(id: number): Kept | null {
    const { statements } = this.state;
    const row = statements.event.get(id);
    if (!row) return null;
    if (row.kind === PRIVATE_KIND) {
      const sides = statements.sides.get(-row.scope);
      return sides && decodePrivate(row, sides.low as Folded, sides.high as Folded);
    }
    const room = statements.roomOfEvent.get(row.scope);
    return room && decodeRoomEvent(row, room.name);
  }

  private postToRoom(draft: RoomDraft, origin: Origin | null, now: number): number {
    const { state } = this;
    const at = state.stamp(now);
    const room =
      state.rooms.get(draft.room) ?? (draft.type === 'leave' ? null : this.addRoom(draft.room, at));
    if (!room) {
      this.exit(fold(draft.room), fold(draft.from));
      this.batch.push({ event: { ...draft, id: 0, at }, origin, waiting: false });
      return 0;
    }
    const id = ++state.lastId;
    const event = this.addEvent(draft, room, id, at);
    room.lastId = id;
    room.lastAt = at;
    this.batch.push({ event, origin, waiting: false });
    return id;
  }

  private addEvent(draft: RoomDraft, room: RoomEntry, id: number, at: number): RoomEvent {
    const { said, statements } = this.state;
    const { addEvent } = statements;
    if (draft.type === 'message') {
      const { type, from, text } = draft;
      addEvent.run(id, at, room.id, 0, from, text, null);
      said.add(room.id, id);
      return { type, room: room.name, from, text, id, at };
    }
    const { kind, text, data } = encodeRoomDraft(draft);
    addEvent.run(id, at, room.id, kind, draft.from, text, data);
    if (kind < SAID) said.add(room.id, id);
    const event: RoomEvent = { ...draft, room: room.name, id, at };
    this.changeRoom(event, room);
    return event;
  }

  private addRoom(name: string, at: number): RoomEntry {
    const { state } = this;
    const folded = fold(name);
    const added = state.statements.addRoom.get(folded, name, at);
    if (!added) throw new Error('a room was added without an id');
    state.roomCount++;
    state.undo.push(() => state.roomCount--);
    return state.rooms.add({ id: added.id, name, folded, topic: '', unlisted: false, lastId: 0, lastAt: 0 });
  }

  private changeRoom(event: RoomEvent, room: RoomEntry): void {
    const { statements } = this.state;
    switch (event.type) {
      case 'message':
      case 'action':
        return;
      case 'join':
        this.join(event, room);
        return;
      case 'leave':
        this.part(room, event.from);
        break;
      case 'kick':
        this.part(room, event.name);
        break;
      case 'topic': {
        const { text, from, at } = event;
        if (text === '') statements.setTopic.run(null, null, null, room.id);
        else statements.setTopic.run(text, from, at, room.id);
        room.topic = text;
        break;
      }
      case 'mode':
        this.setMode(event, room);
        break;
      case 'rank':
        statements.setRank.run(rankNumber(event.rank), room.id, fold(event.name));
        break;
      case 'ban': {
        const { kind, what, label, reason } = event.ban;
        statements.addBan.run(room.id, kind, what, label, reason);
        break;
      }
      case 'unban':
        statements.removeBan.run(room.id, event.label);
        break;
    }
    this.thinned.add(room.folded);
  }

  private setMode({ change }: ModeSet, room: RoomEntry): void {
    const { statements } = this.state;
    switch (change.mode) {
      case 'key':
        statements.setKey.run(change.key, room.id);
        break;
      case 'moderated':
        statements.setModerated.run(change.on ? 1 : 0, room.id);
        break;
      case 'unlisted':
        statements.setUnlisted.run(change.on ? 1 : 0, room.id);
        room.unlisted = change.on;
        break;
    }
  }

  private join(event: Joined & { readonly id: number }, room: RoomEntry): void {
    const name = fold(event.from);
    const account = event.account ? this.state.statements.account.get(name) : null;
    if (account) {
      this.state.statements.join.run(
        room.id,
        account.id,
        rankNumber(event.operator ? 'operator' : 'member'),
        event.id,
      );
    } else this.enter(room.folded, name);
  }

  private enter(room: Folded, name: Folded): void {
    const { guests, undo } = this.state;
    if (guests.add(room, name)) undo.push(() => guests.remove(room, name));
  }

  private part(room: RoomEntry, from: string): void {
    const name = fold(from);
    this.state.statements.removeMember.run(room.id, name);
    this.exit(room.folded, name);
  }

  private exit(room: Folded, name: Folded): void {
    const { guests, undo } = this.state;
    if (guests.remove(room, name)) undo.push(() => guests.add(room, name));
  }

  private postPrivate(draft: Draft & { type: 'private' }, origin: Origin | null, now: number): number {
    const { state } = this;
    const { statements } = state;
    const to = fold(draft.to);
    const at = state.stamp(now);
    const { type, from, text } = draft;
    const conversation = state.conversations.get(from, draft.to) ?? this.conversation(from, draft.to, to, at);
    if (!conversation) {
      this.refusals.push({ origin, code: 'no-such-name' });
      return 0;
    }
    const { id: scope, addressee } = conversation;
    const waiting = !state.claims.has(to);
    if (waiting && (statements.countWaiting.get(addressee, this.mailbox)?.count ?? 0) >= this.mailbox) {
      this.refusals.push({ origin, code: 'mailbox-full' });
      return 0;
    }
    const event: PrivateEvent = { type, from, to: draft.to, text, id: ++state.lastId, at };
    statements.addEvent.run(event.id, at, -scope, PRIVATE_KIND, from, text, encodePrivate(draft.to));
    state.said.add(-scope, event.id);
    // It waits, also for who is here, until it was seen: nothing on its way is lost with a crash.
    statements.wait.run(event.id, addressee);
    this.batch.push({ event, origin, waiting });
    return event.id;
  }

  /** The conversation between two names, made where it is their first; null where nobody ever had `to`. */
  private conversation(from: string, to: string, folded: Folded, at: number): Conversation | null {
    const { statements, conversations } = this.state;
    const addressee = statements.name.get(folded)?.id;
    if (addressee === undefined) return null;
    const speaker = fold(from);
    const sender = (statements.name.get(speaker) ?? this.know(speaker, from, at)).id;
    // In the order of the folded names, so that a reader knows which side a spelling belongs to.
    const [low, high] = speaker < folded ? [sender, addressee] : [addressee, sender];
    const found = statements.conversation.get(low, high) ?? statements.addConversation.get(low, high);
    if (!found) throw new Error('a conversation was added without an id');
    const conversation = { id: found.id, addressee };
    conversations.remember(from, to, conversation);
    return conversation;
  }

  private know(folded: Folded, name: string, at: number): { readonly id: number } {
    const { statements } = this.state;
    statements.knowName.run(folded, name, at);
    const known = statements.name.get(folded);
    if (!known) throw new Error('a name was added and is not there');
    return known;
  }

  private refusePost(draft: Draft, origin: Origin | null, code: StoreRefusal, now: number): void {
    if (draft.type !== 'join' && draft.type !== 'leave') {
      this.refusals.push({ origin, code });
      return;
    }
    const room = fold(draft.room);
    if (draft.type === 'leave') this.exit(room, fold(draft.from));
    else this.enter(room, fold(draft.from));
    this.batch.push({ event: { ...draft, id: 0, at: this.state.stamp(now) }, origin, waiting: false });
  }

  // ——— names ———

  private claim(name: string, as: 'guest' | 'account', now: number, writing: boolean): Claim {
    const { state } = this;
    const folded = fold(name);
    const account = state.statements.name.get(folded)?.account === 1;
    if ((account && as === 'guest') || state.tokenNames.has(folded)) return 'owned';
    if (!account && state.claims.has(folded)) return 'taken';
    if (!state.claims.has(folded)) {
      state.claims.add(folded);
      state.undo.push(() => state.claims.delete(folded));
    }
    const at = state.stamp(now);
    if (writing) state.statements.knowName.run(folded, name, at);
    else state.lazy.know(folded, name, at);
    return 'claimed';
  }

  private claimUnwritten(operation: Operation & { kind: 'claim' }, now: number): void {
    try {
      const claim = this.claim(operation.name, operation.as, now, false);
      this.answers.push(() => operation.resolve(claim));
    } catch (error) {
      // Nobody can say whether the name is an account's.
      this.answers.push(() => operation.reject(error));
    }
  }

  private release(name: Folded, now: number, writing: boolean): void {
    const { state } = this;
    if (!state.claims.delete(name)) return;
    state.undo.push(() => state.claims.add(name));
    if (writing) state.statements.seeName.run(state.stamp(now), name);
  }

  private create(
    name: string,
    passwordHash: string,
    memberships: readonly Membership[],
    now: number,
  ): Created {
    const { state } = this;
    const { statements } = state;
    const folded = fold(name);
    const known = this.know(folded, name, state.stamp(now));
    if (statements.account.get(folded) || state.tokenNames.has(folded)) return 'owned';
    // Strictly after whatever was said to the guest of that name before.
    state.lastAt++;
    statements.createAccount.run(passwordHash, state.lastAt, folded);
    state.keepLast();
    for (const { room, rank, read } of memberships) {
      const entry = state.rooms.get(room);
      if (entry) statements.addMember.run(entry.id, known.id, rankNumber(rank), read);
    }
    return 'created';
  }

  private setPassword(name: Folded, passwordHash: string): PasswordSet {
    return this.state.statements.setPassword.run(passwordHash, name).changes > 0 ? 'set' : 'store-failed';
  }
}
