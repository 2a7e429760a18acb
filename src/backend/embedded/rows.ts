/** Events as rows: what each kind keeps in `text` and `data`, and back. */
import type { Ban, Draft, ModeChange, PrivateEvent, Rank, RoomDraft, RoomEvent } from '../../chat/event.ts';
import { type Folded, fold } from '../../chat/names.ts';

/** Kinds as stored; never renumbered. Those below `SAID` are lines somebody said. */
const KINDS = {
  message: 0,
  action: 1,
  private: 2,
  join: 3,
  leave: 4,
  kick: 5,
  topic: 6,
  mode: 7,
  rank: 8,
  ban: 9,
  unban: 10,
} as const satisfies Record<Draft['type'], number>;

const TYPES = Object.keys(KINDS) as readonly Draft['type'][];

export const PRIVATE_KIND = KINDS.private;
export const SAID = 3;

const RANKS = ['member', 'voice', 'operator'] as const satisfies readonly Rank[];

export function rankNumber(rank: Rank): number {
  return RANKS.indexOf(rank);
}

export function rankOf(number: number): Rank {
  return RANKS[number] ?? 'member';
}

export interface BanRow {
  readonly kind: string;
  readonly what: string;
  readonly label: string;
  readonly reason: string;
}

export function banOf({ kind, what, label, reason }: BanRow): Ban {
  return { kind: kind === 'address' ? 'address' : 'name', what, label, reason };
}

export interface EventRow {
  readonly id: number;
  readonly at: number;
  readonly scope: number;
  readonly kind: number;
  readonly sender: string;
  readonly text: string | null;
  readonly data: string | number | null;
}

export interface EncodedEvent {
  readonly kind: number;
  readonly text: string | null;
  readonly data: string | number | null;
}

export function encodeRoomDraft(draft: RoomDraft): EncodedEvent {
  const kind = KINDS[draft.type];
  switch (draft.type) {
    case 'message':
    case 'action':
    case 'topic':
      return { kind, text: draft.text, data: null };
    case 'join':
      return { kind, text: null, data: (draft.account ? 1 : 0) | (draft.operator ? 2 : 0) };
    case 'leave':
      return { kind, text: draft.reason, data: null };
    case 'kick':
      return { kind, text: draft.reason, data: draft.name };
    case 'mode':
      return { kind, text: null, data: JSON.stringify(draft.change) };
    case 'rank':
      return { kind, text: draft.name, data: rankNumber(draft.rank) };
    case 'ban':
      return { kind, text: null, data: JSON.stringify(draft.ban) };
    case 'unban':
      return { kind, text: draft.label, data: null };
  }
}

/** A private line keeps its addressee's spelling only where that is not the folded name. */
export function encodePrivate(to: string): string | null {
  return fold(to) === to ? null : to;
}

export function decodeRoomEvent(row: EventRow, room: string): RoomEvent {
  const { id, at, sender: from } = row;
  const text = row.text ?? '';
  const type = TYPES[row.kind];
  switch (type) {
    case 'message':
    case 'action':
    case 'topic':
      return { type, room, from, text, id, at };
    case 'join': {
      const bits = Number(row.data);
      return { type, room, from, account: (bits & 1) !== 0, operator: (bits & 2) !== 0, id, at };
    }
    case 'leave':
      return { type, room, from, reason: text, id, at };
    case 'kick':
      return { type, room, from, name: String(row.data), reason: text, id, at };
    case 'mode':
      // Written by `encodeRoomDraft`.
      return { type, room, from, change: JSON.parse(String(row.data)) as ModeChange, id, at };
    case 'rank':
      return { type, room, from, name: text, rank: rankOf(Number(row.data)), id, at };
    case 'ban':
      // Written by `encodeRoomDraft`.
      return { type, room, from, ban: JSON.parse(String(row.data)) as Ban, id, at };
    case 'unban':
      return { type, room, from, label: text, id, at };
    default:
      throw new Error(`event ${id} has kind ${row.kind}, which is no room's`);
  }
}

/** `low` and `high`: whose conversation it is. */
export function decodePrivate(row: EventRow, low: Folded, high: Folded): PrivateEvent {
  const to = typeof row.data === 'string' ? row.data : fold(row.sender) === low ? high : low;
  return { type: 'private', from: row.sender, to, text: row.text ?? '', id: row.id, at: row.at };
}
