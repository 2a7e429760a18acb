/**
 * Events: everything that can happen in a room or between two names, as one union.
 *
 * A *draft* is an event nobody has been told of: it has no id and no time. A backend turns drafts into
 * events by committing them; only then is anyone shown anything. Ids rise within a room (and within one
 * pair of names); they are not contiguous and not unique across rooms.
 */

/** What only the commit can give: `id` (0: shown once, never in history) and `at` (ms since the epoch). */
export interface Stamp {
  readonly id: number;
  readonly at: number;
}

/** A line said to a room: plain, or an action (`/me waves`). */
export interface Said {
  readonly type: 'message' | 'action';
  readonly room: string;
  readonly from: string;
  readonly text: string;
}

/** `account`: the membership outlives the session. `operator`: the room had nobody to run it. */
export interface Joined {
  readonly type: 'join';
  readonly room: string;
  readonly from: string;
  readonly account: boolean;
  readonly operator: boolean;
}

/** `reason` is empty where the member simply left. */
export interface Left {
  readonly type: 'leave';
  readonly room: string;
  readonly from: string;
  readonly reason: string;
}

export interface Kicked {
  readonly type: 'kick';
  readonly room: string;
  readonly from: string;
  readonly name: string;
  readonly reason: string;
}

export interface TopicSet {
  readonly type: 'topic';
  readonly room: string;
  readonly from: string;
  readonly text: string;
}

/** A switch of the room itself. `key: null` takes the key away. */
export type ModeChange =
  | { readonly mode: 'moderated' | 'unlisted'; readonly on: boolean }
  | { readonly mode: 'key'; readonly key: string | null };

export interface ModeSet {
  readonly type: 'mode';
  readonly room: string;
  readonly from: string;
  readonly change: ModeChange;
}

export type Rank = 'operator' | 'voice' | 'member';

/** What a member may do from now on. */
export interface Ranked {
  readonly type: 'rank';
  readonly room: string;
  readonly from: string;
  readonly name: string;
  readonly rank: Rank;
}

/**
 * Who is kept out. A ban by name holds whatever address the name comes from; a ban by address (one
 * address or a CIDR range) holds whatever the name. `label` is what members are shown in place of an
 * address they may not see.
 */
export interface Ban {
  readonly kind: 'name' | 'address';
  readonly what: string;
  readonly label: string;
  readonly reason: string;
}

export interface Banned {
  readonly type: 'ban';
  readonly room: string;
  readonly from: string;
  readonly ban: Ban;
}

export interface Unbanned {
  readonly type: 'unban';
  readonly room: string;
  readonly from: string;
  readonly label: string;
}

/** A line from one name to another. */
export interface Private {
  readonly type: 'private';
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/**
 * Passing events: true only while they happen, so they have id 0 and are never in history. Shown to those
 * who share a room with `from`.
 */
export interface Presence {
  readonly type: 'online' | 'offline' | 'away' | 'back';
  readonly from: string;
  /** Why: the away text, or how the connection ended. May be empty. */
  readonly reason: string;
}

export interface Invited {
  readonly type: 'invite';
  readonly room: string;
  readonly from: string;
  readonly to: string;
}

/** parley speaking to everyone: a stall, a stop, an operator's word. */
export interface Announced {
  readonly type: 'announce';
  readonly from: string;
  readonly text: string;
}

/** What the sender's own sessions are shown of a private message. */
export interface Sent extends Stamp {
  readonly type: 'sent';
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

export type RoomDraft = Said | Joined | Left | Kicked | TopicSet | ModeSet | Ranked | Banned | Unbanned;
/** What a backend is asked to commit. */
export type Draft = RoomDraft | Private;
export type RoomEvent = RoomDraft & Stamp;
export type PrivateEvent = Private & Stamp;
/** What a backend has committed. */
export type Kept = RoomEvent | PrivateEvent;
export type Passing = (Presence | Invited | Announced) & Stamp;
/** Everything a session can be shown. */
export type ChatEvent = Kept | Passing | Sent;

/** True for the events that `history` is about: lines somebody said. */
export function isSaid(event: ChatEvent | Draft): event is (Said | Private) & Stamp {
  return event.type === 'message' || event.type === 'action' || event.type === 'private';
}
