/** What a run is to do, and how it is shared out among load processes. */
import type { DialectName } from './dialect.ts';

/** Lines under way of each speaker (a closed loop), or lines a second of all together (an open one). */
export type Load = { readonly window: number } | { readonly rate: number };

export interface Plan {
  readonly host: string;
  readonly port: number;
  readonly dialect: DialectName;
  readonly rooms: number;
  /** Of each room: its people, and how many of them speak. */
  readonly members: number;
  readonly speakers: number;
  readonly load: Load;
  /** Bytes of text a line. */
  readonly size: number;
  readonly seconds: number;
  readonly warmUp: number;
  /** Sessions that say nothing, pairs of people who write to each other, and those that storm in. */
  readonly idle: number;
  readonly pairs: number;
  readonly storm: number;
  /** Sign-ins under way at once, of all processes together; null: 64, and all of a storm. */
  readonly atOnce: number | null;
  readonly processes: number;
  /** The server's process, to be watched; null for none. */
  readonly pid: number | null;
  /** The core that all load runs on; null for any. */
  readonly core: number | null;
}

/** A room, or a pair of people who write to each other, as one process has it. */
export interface GroupShare {
  /** Among all groups of the run. */
  readonly index: number;
  readonly pair: boolean;
  readonly speakers: number;
  /** Number of its first speaker, and of its first member, among all of the run. */
  readonly firstSpeaker: number;
  readonly firstMember: number;
  /** Members `from` … `to` - 1 are this process's. The speakers are the first ones. */
  readonly from: number;
  readonly to: number;
}

/** Numbers `from` … `to` - 1. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What one load process does. Plain data: it is sent there. */
export interface Share {
  readonly host: string;
  readonly port: number;
  readonly dialect: DialectName;
  /** Two letters that tell the names of this run from those of others. */
  readonly tag: string;
  readonly load: Load;
  readonly size: number;
  readonly groups: readonly GroupShare[];
  readonly idle: Range;
  readonly storm: Range;
  /** Sign-ins under way at once, and those of the storm. */
  readonly width: number;
  readonly stormWidth: number;
}

/** Members of a room that people of the storm go into. */
export const STORM_ROOM = 10;
/** Sign-ins under way at once where nothing else is asked for: what a short queue of the server's can bear. */
const AT_ONCE = 64;

export function connectionsOf({ rooms, members, idle, pairs, storm }: Plan): number {
  return rooms * members + idle + 2 * pairs + storm;
}

/**
 * The shares of all processes. The speakers of a group are always in one process, so one clock times them. A
 * storm has processes of its own, so that what it costs to make is not what the others seem to wait.
 */
export function shareOut(plan: Plan, tag: string): Share[] {
  const { processes, load, idle, storm } = plan;
  const groups = placeGroups(plan);
  const speakers = groups.map(some => some.reduce((sum, group) => sum + speakersHere(group), 0));
  const all = Math.max(
    1,
    speakers.reduce((sum, some) => sum + some, 0),
  );
  const talking = groups.map(
    (some, at): Share => ({
      ...nobody(plan, tag),
      groups: some,
      load: 'rate' in load ? { rate: (load.rate * (speakers[at] ?? 0)) / all } : load,
      idle: part(idle, at, processes),
    }),
  );
  if (storm === 0) return talking;
  const storming = groups.map(
    (_, at): Share => ({ ...nobody(plan, tag), storm: part(storm, at, processes) }),
  );
  return [...talking, ...storming];
}

export function isStorm({ storm }: Share): boolean {
  return storm.to > storm.from;
}

function nobody(plan: Plan, tag: string): Share {
  const { host, port, dialect, size, load, storm, atOnce, processes } = plan;
  const none = { from: 0, to: 0 };
  const width = Math.ceil((atOnce ?? AT_ONCE) / processes);
  const stormWidth = Math.ceil((atOnce ?? storm) / processes);
  return { host, port, dialect, tag, size, load, groups: [], idle: none, storm: none, width, stormWidth };
}

function placeGroups(plan: Plan): GroupShare[][] {
  const { rooms, members, speakers, pairs, processes } = plan;
  const groups = Array.from({ length: processes }, (): GroupShare[] => []);
  for (let room = 0; room < rooms; room++) placeRoom(plan, room, groups);
  for (let pair = 0; pair < pairs; pair++)
    groups[pair % processes]?.push({
      index: rooms + pair,
      pair: true,
      speakers: 2,
      firstSpeaker: rooms * speakers + 2 * pair,
      firstMember: rooms * members + 2 * pair,
      from: 0,
      to: 2,
    });
  return groups;
}

/** How many of a group's speakers are in this share of it: all or none. */
export function speakersHere({ from, speakers }: GroupShare): number {
  return from === 0 ? speakers : 0;
}

/** A room is whole in one process, unless there are more processes than rooms. */
function placeRoom(
  { rooms, members, speakers, processes }: Plan,
  room: number,
  groups: GroupShare[][],
): void {
  const share = {
    index: room,
    pair: false,
    speakers,
    firstSpeaker: room * speakers,
    firstMember: room * members,
  };
  const parts = rooms >= processes ? 1 : processes;
  // Where the speakers are, two who listen must be too.
  const home = parts === 1 ? members : Math.min(members, Math.max(speakers, 2, Math.ceil(members / parts)));
  groups[room % processes]?.push({ ...share, from: 0, to: home });
  for (let at = 1; at < parts; at++) {
    const { from, to } = part(members - home, at - 1, parts - 1);
    if (to > from) groups[(room + at) % processes]?.push({ ...share, from: home + from, to: home + to });
  }
}

function part(count: number, at: number, parts: number): Range {
  return { from: Math.floor((at * count) / parts), to: Math.floor(((at + 1) * count) / parts) };
}
