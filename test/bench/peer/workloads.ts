/** What the servers are put through side by side. A full run, and in brackets what `--quick` makes of it. */
import type { Case, Group, Results } from './measure.ts';
import type { Recipe } from './running.ts';

export interface Cast {
  readonly parley: Recipe;
  readonly inspircd: Recipe;
  readonly ngircd: Recipe;
  readonly bare: Recipe;
}

/** Lines in flight in the big room. Each is another member's, as in a room where many talk. */
export const WINDOWS = [1, 8, 64] as const;
/** Shares of the least maximum of all servers. */
export const SHARES = [20, 50, 80] as const;
const OPEN_SPEAKERS = 20;

export function bigRoom(cast: Cast, quick: boolean): Group {
  const cases = WINDOWS.map(window => ({
    name: `big-${window}`,
    label: `1 room of 1000, ${window} in flight`,
    work: { rooms: 1, members: 1000, speakers: window, window: 1 },
  }));
  return {
    servers: everyone(cast),
    cases: quick ? cases.filter(({ name }) => name !== 'big-8') : cases,
    settle: 0,
  };
}

export const MANY: readonly Case[] = [
  {
    name: 'many-100',
    label: '100 rooms of 10, 4 in flight each',
    work: { rooms: 100, members: 10, speakers: 4, window: 1 },
  },
  {
    name: 'many-1000',
    label: '1000 rooms of 2, 1 in flight each',
    work: { rooms: 1000, members: 2, speakers: 1, window: 1 },
  },
];

export function manyRooms(cast: Cast, quick: boolean): Group {
  return { servers: everyone(cast), cases: quick ? MANY.slice(0, 1) : MANY, settle: 0 };
}

/** The bare loop knows no private messages. */
export function privately(cast: Cast): Group {
  const work = { pairs: 500, window: 1 };
  return {
    servers: daemons(cast),
    cases: [{ name: 'private', label: '500 pairs, 1 in flight each way', work }],
    settle: 0,
  };
}

/** Lines a second that every server was able to carry in the big room; NaN where that was not measured. */
export function commonMaximum(cast: Cast, results: Results): number {
  const best = everyone(cast).map(({ name }) =>
    Math.max(
      ...WINDOWS.map(window => results.of(`big-${window}`, name, 'perSecond').median).filter(
        rate => rate > 0,
      ),
    ),
  );
  const deliveries = Math.min(...best);
  return Number.isFinite(deliveries) ? deliveries / 999 : Number.NaN;
}

export function openLoop(cast: Cast, maximum: number, quick: boolean): Group {
  const shares = quick ? SHARES.filter(share => share === 50) : SHARES;
  const cases = shares.map(share => {
    const rate = Math.max(1, Math.round((maximum * share) / 100));
    return {
      name: `open-${share}`,
      label: `1 room of 1000, ${rate} lines a second (${share} %)`,
      work: { rooms: 1, members: 1000, speakers: OPEN_SPEAKERS, rate },
    };
  });
  return { servers: everyone(cast), cases, settle: 0 };
}

/**
 * A crowd that is idle beside people who talk, and the same talk without it, each with a server of its own: what
 * talking takes (compiled code, caches, garbage not yet collected) is not a connection's. The memory of the
 * empty server is looked at when it has settled, and that of the full one likewise.
 */
export function idleCrowd(cast: Cast, quick: boolean): { readonly talk: Group; readonly crowd: Group } {
  const idle = quick ? 2000 : 10_000;
  const work = { rooms: 10, members: 10, speakers: 2, rate: 200, warmUp: quick ? 2 : 15 };
  const label = '10 rooms of 10 talking';
  const beside = `${idle.toLocaleString('en')} idle, ${label}`;
  const group = { servers: everyone(cast), settle: 2000 };
  return {
    talk: { ...group, cases: [{ name: 'talk', label, work }] },
    crowd: { ...group, cases: [{ name: 'idle', label: beside, work: { ...work, idle } }] },
  };
}

export function stormIn(cast: Cast, quick: boolean): Group {
  const storm = quick ? 1000 : 5000;
  const work = { storm, rooms: 1, members: 10, speakers: 2, rate: 200 };
  const label = `${storm.toLocaleString('en')} sign in and join at once`;
  return { servers: [cast.parley, cast.inspircd], cases: [{ name: 'storm', label, work }], settle: 0 };
}

function everyone({ parley, inspircd, ngircd, bare }: Cast): Recipe[] {
  return [parley, inspircd, ngircd, bare];
}

function daemons({ parley, inspircd, ngircd }: Cast): Recipe[] {
  return [parley, inspircd, ngircd];
}
