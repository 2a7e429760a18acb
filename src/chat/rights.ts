/**
 * What those may do who come without a session: accounts and tokens over HTTP, the operator's own programs
 * over the local socket, and strangers. A room that one may not know of looks like one that is not there.
 */
import { type Refusal, refusal } from './errors.ts';
import type { Hub } from './hub.ts';
import { fold, parseRoom } from './names.ts';
import type { Token } from './ports.ts';
import type { Member, Room } from './room.ts';

/** Has a name to speak under. */
export type Speaker =
  | { readonly kind: 'account'; readonly name: string }
  | { readonly kind: 'token'; readonly token: Token };

/** `local` reads everything and has no name. */
export type Reader = Speaker | { readonly kind: 'local' };

export type Asker = Reader | { readonly kind: 'nobody' };

export function speaksAs(speaker: Speaker): string {
  return speaker.kind === 'account' ? speaker.name : speaker.token.name;
}

/** What limits and idempotency keys go by: one for each account and each token. */
export function keyOf(reader: Reader): string {
  if (reader.kind === 'local') return 'local';
  return reader.kind === 'account' ? `account ${fold(reader.name)}` : `token ${reader.token.id}`;
}

/** Does `work` with a room that the asker may know of; throws `no-such-room` for any other. */
export async function withKnownRoom<T>(
  hub: Hub,
  asker: Asker,
  input: string,
  work: (room: Room) => Promise<T>,
): Promise<T> {
  const name = parseRoom(input, hub.rules);
  if (typeof name !== 'string') throw name;
  return await hub.withRoom(name, async room => {
    // As it was asked for: the true spelling would say that there is one.
    if (!mayKnow(asker, room)) throw refusal('no-such-room', name);
    return await work(room);
  });
}

export function mayKnow(asker: Asker, room: Room): boolean {
  if (!room.exists) return false;
  return !room.unlisted || asker.kind === 'local' || memberAs(asker, room) !== null || names(asker, room);
}

/** Why this room's messages are not for the reader; null where they are. */
export function readingRefused(reader: Reader, room: Room): Refusal | null {
  if (reader.kind === 'local') return null;
  if (reader.kind === 'token' && !reader.token.read) return refusal('token-scope', 'reading');
  return comingRefused(reader, room);
}

/** Why the speaker may not say anything in this room; null where it may. A token speaks where it is moderated, too. */
export function speakingRefused(speaker: Speaker, room: Room): Refusal | null {
  if (speaker.kind === 'token' && !speaker.token.write) return refusal('token-scope', 'speaking');
  const refused = comingRefused(speaker, room);
  if (refused) return refused;
  if (room.moderated && memberAs(speaker, room)?.rank === 'member') return refusal('moderated', room.name);
  return null;
}

/**
 * A token is kept out by a ban on its name; an account by not being a member, as being banned takes it out
 * and an invitation lets it in all the same.
 */
function comingRefused(speaker: Speaker, room: Room): Refusal | null {
  if (!mayKnow(speaker, room)) return refusal('no-such-room', room.name);
  if (memberAs(speaker, room)) return null;
  if (speaker.kind === 'token' && !inScope(speaker.token, room)) return refusal('token-scope', room.name);
  const ban = room.banFor(fold(speaksAs(speaker)), '');
  if (ban) return refusal('banned', room.name, ban.reason);
  return speaker.kind === 'account' ? refusal('not-in-room', room.name) : null;
}

/** The account's membership, whether it is online or not. */
function memberAs(asker: Asker, room: Room): Member | null {
  const member = asker.kind === 'account' ? room.members.get(fold(asker.name)) : undefined;
  return member?.account ? member : null;
}

function inScope(token: Token, room: Room): boolean {
  return token.rooms === null || namesRoom(token, room);
}

/** By name: a token for all rooms is for those that are listed. */
function names(asker: Asker, room: Room): boolean {
  return asker.kind === 'token' && namesRoom(asker.token, room);
}

function namesRoom({ rooms }: Token, room: Room): boolean {
  return rooms?.some(each => fold(each) === room.folded) ?? false;
}
