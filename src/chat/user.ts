/** A user: a name in use on this node, its sessions and its rooms. All of its sessions hear all of its rooms. */
import { type Folded, fold } from './names.ts';
import type { Options } from './options.ts';
import type { Member, Room } from './room.ts';
import type { Session } from './session.ts';

export interface AccountState {
  passwordHash: string;
  /** ms since the epoch; private history starts here. */
  readonly created: number;
}

/** One for all: an empty list of one's own takes 64 bytes. */
const NO_ROOMS: readonly Member[] = [];

export class User {
  readonly folded: Folded;
  readonly sessions: Session[] = [];
  /** Its memberships, few enough to look through and to copy at each change: most users change them rarely. */
  rooms: readonly Member[] = NO_ROOMS;
  away: string | null = null;
  /** Those who share a room with it know that it is online. */
  announced = false;
  /** Names whose lines are not shown; null while there are none, which is the common case. */
  ignored: Map<Folded, string> | null = null;

  constructor(
    readonly name: string,
    public account: AccountState | null,
    /** As last set in any of its sessions; the next one starts with them. */
    public options: Options,
  ) {
    this.folded = fold(name);
  }

  /** ms since the epoch of the latest line from any of its sessions. */
  get lastActive(): number {
    return this.sessions.reduce((latest, session) => Math.max(latest, session.lastActive), 0);
  }

  memberIn(room: Room): Member | undefined {
    return this.rooms.find(member => member.room === room);
  }

  enter(member: Member): void {
    if (!this.rooms.includes(member)) this.rooms = [...this.rooms, member];
  }

  exit(room: Room): void {
    if (this.memberIn(room)) this.rooms = this.rooms.filter(member => member.room !== room);
  }

  ignores(name: string): boolean {
    return this.ignored?.has(fold(name)) ?? false;
  }
}
