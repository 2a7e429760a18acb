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
  if (cleaned.trim() === '') return refusal('empty-text');
  if (cleaned.length * 3 > hub.rules.lineBytes && Buffer.byteLength(cleaned) > hub.rules.lineBytes)
    return refusal('text-too-long', hub.rules.lineBytes);
  session.unsettled++;
  hub.backend.post({ type, room: room.name, from: member.name, text: cleaned }, session);
  return null;
}

/** Text fit to be kept and shown: cleaned, not empty, not too long. Throws the refusal. */
export function lineText(hub: Hub, text: string): string {
  const cleaned = clean(text).trim();
  if (cleaned === '') throw refusal('empty-text');
  if (Buffer.byteLength(cleaned) > hub.rules.lineBytes) throw refusal('text-too-long', hub.rules.lineBytes);
  return cleaned;
}
