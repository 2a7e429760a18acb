/**
 * A room as one node knows it: its settings, members and listeners. It changes only by committed events
 * (`apply`), in their order, so every node that hears a room agrees on it.
 */
import { addressInRange } from './address.ts';
import type { Ban, Joined, Rank, RoomEvent } from './event.ts';
import { type Folded, fold } from './names.ts';
import type { RoomRecord } from './ports.ts';
import type { Seat } from './seat.ts';
import type { User } from './user.ts';

export interface Member {
  readonly room: Room;
  readonly name: string;
  /** Null while none of its sessions is on this node. */
  user: User | null;
  rank: Rank;
  account: boolean;
  /** The read position that was saved last; 0 where none was since the room is awake. */
  saved: number;
}

export interface Topic {
  readonly text: string;
  readonly from: string;
  readonly at: number;
}

export class Room {
  readonly name: string;
  readonly folded: Folded;
  topic: Topic | null;
  key: string | null;
  moderated: boolean;
  unlisted: boolean;
  exists: boolean;
  /** In the order they joined. */
  readonly members = new Map<Folded, Member>();
  readonly bans: Map<string, Ban>;
  /** Names let in once in spite of key and bans. */
  readonly invited = new Set<Folded>();
  /** Seats a turn is delivered to, in no order. */
  readonly listeners: Seat[] = [];
  readonly opening = new Set<Seat>();
  /** The id of the newest event that this node delivered. */
  lastId: number;
  /** Reasons to stay in memory beside its members being here: joins under way. */
  pins = 0;
  /** A join that will make its first operator has been posted. */
  founding = false;
  /** It is being closed: who is in it is told of nothing but what is said and its own leaving. */
  closing = false;

  constructor(record: RoomRecord) {
    this.name = record.name;
    this.folded = fold(record.name);
    this.topic = record.topic;
    this.key = record.key;
    this.moderated = record.moderated;
    this.unlisted = record.unlisted;
    this.exists = record.exists;
    this.lastId = record.lastId;
    this.bans = new Map(record.bans.map(ban => [ban.what, ban]));
    for (const { name, rank } of record.members)
      this.members.set(fold(name), { room: this, name, rank, user: null, account: true, saved: 0 });
  }

  /** Nobody is a member, here or away: whoever joins next runs it. */
  get vacant(): boolean {
    return this.members.size === 0 && !this.founding;
  }

  /** Members with a session on this node. */
  get present(): number {
    let count = 0;
    for (const member of this.members.values()) if (member.user) count++;
    return count;
  }

  /** Nothing on this node needs it in memory. */
  get idle(): boolean {
    return this.pins === 0 && this.listeners.length === 0 && this.opening.size === 0 && this.present === 0;
  }

  get hasOperator(): boolean {
    for (const member of this.members.values()) if (member.rank === 'operator') return true;
    return false;
  }

  /** The ban that keeps this name or address out, if any. */
  banFor(name: Folded, address: string): Ban | null {
    for (const ban of this.bans.values()) {
      if (ban.kind === 'name' ? ban.what === name : address !== '' && addressInRange(address, ban.what))
        return ban;
    }
    return null;
  }

  /** What an event changes, seats aside: those are the hub's (deliver.ts). */
  apply(event: RoomEvent): void {
    switch (event.type) {
      case 'message':
      case 'action':
        break;
      case 'join': {
        this.exists = true;
        this.founding = false;
        const member = this.memberAgain(event);
        if (!member)
          this.members.set(fold(event.from), {
            room: this,
            name: event.from,
            user: null,
            rank: event.operator ? 'operator' : 'member',
            account: event.account,
            saved: 0,
          });
        else if (event.operator) member.rank = 'operator';
        break;
      }
      case 'leave':
        this.members.delete(fold(event.from));
        break;
      case 'kick':
        this.members.delete(fold(event.name));
        break;
      case 'topic':
        this.topic = event.text === '' ? null : { text: event.text, from: event.from, at: event.at };
        break;
      case 'mode':
        if (event.change.mode === 'key') this.key = event.change.key;
        else this[event.change.mode] = event.change.on;
        break;
      case 'rank': {
        const member = this.members.get(fold(event.name));
        if (member) member.rank = event.rank;
        break;
      }
      case 'ban':
        this.bans.set(event.ban.what, event.ban);
        break;
      case 'unban':
        for (const [what, ban] of this.bans) if (ban.label === event.label) this.bans.delete(what);
        break;
    }
    if (event.id > this.lastId) this.lastId = event.id;
  }

  /**
   * False where nothing changes, so that nobody is told: a second join of an account, two of whose sessions
   * asked at once, the leaving of somebody who is out already, a rank that somebody has.
   */
  isNews(event: RoomEvent): boolean {
    switch (event.type) {
      case 'join':
        return this.memberAgain(event) === null;
      case 'leave':
        return this.members.has(fold(event.from));
      case 'kick':
        return this.members.has(fold(event.name));
      case 'rank': {
        const member = this.members.get(fold(event.name));
        return member !== undefined && member.rank !== event.rank;
      }
      default:
        return true;
    }
  }

  private memberAgain(event: Joined): Member | null {
    const member = event.account ? this.members.get(fold(event.from)) : undefined;
    return member?.account ? member : null;
  }

  addListener(seat: Seat): void {
    seat.kept = null;
    this.opening.delete(seat);
    seat.index = this.listeners.push(seat) - 1;
  }

  removeSeat(seat: Seat): void {
    this.opening.delete(seat);
    if (seat.index < 0) return;
    const last = this.listeners.pop();
    if (last && last !== seat) {
      this.listeners[seat.index] = last;
      last.index = seat.index;
    }
    seat.index = -1;
  }
}
