/** Saying a line to a room: the path every message takes, without a promise. */
import { type Refusal, refusal } from './errors.ts';
import type { Hub } from './hub.ts';
import type { Seat } from './seat.ts';
import type { Session } from './session.ts';
import { clean } from './text.ts';

/**
 * Posts a line to a room. Null: it will be kept and shown, or `session.refused` is called. A refusal: it was
 * not posted.
 */
export function say(
  hub: Hub,
  session: Session,
  seat: Seat,
  text: string,
  type: 'message' | 'action' = 'message',
): Refusal | null {
  const { room, member } = seat;
  if (room.moderated && member.rank === 'member') return refusal('moderated', room.name);
  const cleaned = clean(text);
  const flawed = flaw(hub, cleaned);
  if (flawed) return flawed;
  session.unsettled++;
  hub.backend.post({ type, room: room.name, from: member.name, text: cleaned }, session);
  return null;
}

function flaw(hub: Hub, cleaned: string): Refusal | null {
  if (cleaned.trim() === '') return refusal('empty-text');
  // Three bytes are the most that one unit of a string takes.
  if (cleaned.length * 3 > hub.rules.lineBytes && Buffer.byteLength(cleaned) > hub.rules.lineBytes)
    return refusal('text-too-long', hub.rules.lineBytes);
  return null;
}

/** A line for a room as it will be kept: its spaces are its speaker's. Throws the refusal. */
export function roomText(hub: Hub, text: string): string {
  const cleaned = clean(text);
  const flawed = flaw(hub, cleaned);
  if (flawed) throw flawed;
  return cleaned;
}

/** Text fit to be kept and shown: cleaned, not empty, not too long. Throws the refusal. */
export function lineText(hub: Hub, text: string): string {
  return roomText(hub, clean(text).trim());
}
