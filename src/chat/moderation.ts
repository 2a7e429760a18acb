/**
 * What a room's operators do. Each posts an event; the room changes when it comes back committed. The
 * dispatcher has checked that the session's user is an operator where the command's row says so.
 */
import { addressInRange, parseRange } from './address.ts';
import { showNow } from './deliver.ts';
import { refusal } from './errors.ts';
import type { Ban, ModeChange, Rank } from './event.ts';
import type { Hub } from './hub.ts';
import { fold, parseName } from './names.ts';
import type { Member, Room } from './room.ts';
import type { Session } from './session.ts';
import { lineText } from './speech.ts';
import { clean } from './text.ts';
import type { User } from './user.ts';

export async function setTopic(
  hub: Hub,
  session: Session,
  user: User,
  room: Room,
  text: string,
): Promise<void> {
  const topic = text === '' ? '' : lineText(hub, text);
  await hub.keep({ type: 'topic', room: room.name, from: user.name, text: topic }, session);
}

export async function setMode(
  hub: Hub,
  session: Session,
  user: User,
  room: Room,
  change: ModeChange,
): Promise<void> {
  await hub.keep({ type: 'mode', room: room.name, from: user.name, change }, session);
}

export async function setRank(
  hub: Hub,
  session: Session,
  user: User,
  room: Room,
  name: string,
  rank: Rank,
): Promise<Member> {
  const member = memberOf(room, name);
  if (fold(member.name) === user.folded && rank !== 'member') throw refusal('rank-self');
  if (rank !== 'operator' && isOnlyOperator(room, member)) throw refusal('last-operator', room.name);
  if (member.rank !== rank)
    await hub.keep({ type: 'rank', room: room.name, from: user.name, name: member.name, rank }, session);
  return member;
}

/** Nobody else runs the room: without this one, nobody could ever make another. */
function isOnlyOperator(room: Room, member: Member): boolean {
  if (member.rank !== 'operator') return false;
  for (const other of room.members.values()) if (other !== member && other.rank === 'operator') return false;
  return true;
}

export async function kick(
  hub: Hub,
  session: Session,
  user: User,
  room: Room,
  name: string,
  reason: string,
): Promise<string> {
  const member = memberOf(room, name);
  if (fold(member.name) === user.folded) throw refusal('that-is-you', 'kick');
  await hub.keep(
    { type: 'kick', room: room.name, from: user.name, name: member.name, reason: clean(reason) },
    session,
  );
  return member.name;
}

/**
 * Bans a name, an address or a CIDR range, or (with `byAddress`) a name and the address it is on, and takes
 * out whoever that meets. Resolves with what members are shown as banned.
 */
export async function ban(
  hub: Hub,
  session: Session,
  user: User,
  room: Room,
  what: string,
  byAddress: boolean,
  reason: string,
): Promise<readonly string[]> {
  const bans = bansFor(hub, user, room, what, byAddress, clean(reason));
  const added = bans.filter(each => !room.bans.has(each.what));
  if (added.length > 0 && room.bans.size + added.length > hub.rules.bansPerRoom)
    throw refusal('too-many-bans', hub.rules.bansPerRoom);
  const met = [...room.members.values()].filter(member => member.user !== user && meets(member, bans));
  const drafts = [
    ...bans.map(each => ({ type: 'ban', room: room.name, from: user.name, ban: each }) as const),
    ...met.map(
      member =>
        ({
          type: 'kick',
          room: room.name,
          from: user.name,
          name: member.name,
          reason: clean(reason) || 'banned',
        }) as const,
    ),
  ];
  for (const member of met) room.invited.delete(fold(member.name));
  await Promise.all(drafts.map(draft => hub.keep(draft, session)));
  return [...new Set(bans.map(each => each.label))];
}

function bansFor(hub: Hub, user: User, room: Room, what: string, byAddress: boolean, reason: string): Ban[] {
  const range = /[.:]/.test(what) ? parseRange(what) : null;
  if (range !== null) return [{ kind: 'address', what: range, label: range, reason }];
  const given = what.replace(/^@/, '');
  const folded = fold(given);
  if (folded === user.folded) throw refusal('that-is-you', 'ban');
  const shown = room.members.get(folded)?.name ?? hub.users.get(folded)?.name ?? parseName(given, hub.rules);
  if (typeof shown !== 'string')
    throw refusal('bad-argument', `${what} is neither a name nor an address`, 'ban <name-or-address> [why…]');
  const bans: Ban[] = [{ kind: 'name', what: folded, label: shown, reason }];
  if (!byAddress) return bans;
  const banned = hub.users.get(folded);
  if (!banned) throw refusal('not-online', shown);
  const addresses = new Set(banned.sessions.map(session => session.link.address));
  // Who comes through a unix socket has none.
  addresses.delete('');
  if (addresses.size === 0)
    throw refusal('bad-argument', `${shown} has no address to ban`, 'ban <name> [why…]');
  for (const address of addresses)
    bans.push({ kind: 'address', what: address, label: `the address of ${shown}`, reason });
  return bans;
}

function meets(member: Member, bans: readonly Ban[]): boolean {
  return bans.some(({ kind, what }) =>
    kind === 'name'
      ? fold(member.name) === what
      : (member.user?.sessions.some(session => addressInRange(session.link.address, what)) ?? false),
  );
}

/** Lifts every ban shown as `what` (a name lifts the ban on the address it was on as well). */
export async function unban(
  hub: Hub,
  session: Session,
  user: User,
  room: Room,
  what: string,
): Promise<readonly string[]> {
  const range = /[.:]/.test(what) ? parseRange(what) : null;
  const wanted = range ?? fold(what.replace(/^@/, ''));
  const labels = new Set<string>();
  for (const each of room.bans.values()) {
    const label = fold(each.label);
    if (each.what === wanted || label === wanted || label === `the address of ${wanted}`)
      labels.add(each.label);
  }
  if (labels.size === 0) throw refusal('ban-not-found', what, room.name);
  const { name } = room;
  await Promise.all(
    [...labels].map(label => hub.keep({ type: 'unban', room: name, from: user.name, label }, session)),
  );
  return [...labels];
}

/** Tells a name of the room; from an operator, it also lets it in once, whatever the key and the bans. */
export function invite(hub: Hub, user: User, room: Room, name: string): string {
  const given = name.replace(/^@/, '');
  const invited = hub.users.get(fold(given));
  if (!invited) throw refusal('not-online', given);
  if (invited === user) throw refusal('that-is-you', 'invite');
  if (room.members.has(invited.folded)) throw refusal('already-in-room', invited.name, room.name);
  if (user.memberIn(room)?.rank === 'operator') room.invited.add(invited.folded);
  const { sessions } = invited;
  showNow(
    { type: 'invite', room: room.name, from: user.name, to: invited.name, id: 0, at: hub.clock.now() },
    sessions,
  );
  return invited.name;
}

export function memberOf(room: Room, name: string): Member {
  const given = name.replace(/^@/, '');
  const member = room.members.get(fold(given));
  if (!member) throw refusal('member-not-found', given, room.name);
  return member;
}
