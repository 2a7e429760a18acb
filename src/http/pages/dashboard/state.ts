/** What the page knows, as a value: each event of the stream makes the next one from the one before. */
import type { DashboardEvents, Health, Movement, RoomLine, Sample, Totals } from '../../dashboard.ts';
import { appended, MINUTES, merged, SECONDS } from './samples.ts';

/** One event of the stream, its name beside it. */
export type StreamEvent = {
  [Name in keyof DashboardEvents]: { readonly name: Name; readonly data: DashboardEvents[Name] };
}[keyof DashboardEvents];

export interface State {
  readonly server: string;
  readonly version: string;
  /** ms since the epoch, by the server's clock; so is `now`, of which uptime and idle times are counted. */
  readonly startedAt: number;
  readonly now: number;
  readonly health: Health;
  readonly totals: Totals;
  readonly rooms: readonly RoomLine[];
  /** Newest first. */
  readonly movements: readonly Movement[];
  readonly seconds: readonly Sample[];
  readonly minutes: readonly Sample[];
}

export const MOST_MOVEMENTS = 50;

/** Null until the first `hello`: what comes before it has nothing to be put into. */
export function next(state: State | null, event: StreamEvent): State | null {
  if (event.name === 'hello') return greeted(state, event.data);
  if (!state) return null;
  switch (event.name) {
    case 'tick':
      return {
        ...state,
        now: event.data.sample.at * 1000,
        health: event.data.health,
        totals: event.data.totals,
        seconds: appended(state.seconds, event.data.sample, SECONDS),
      };
    case 'minute':
      return { ...state, minutes: appended(state.minutes, event.data, MINUTES) };
    case 'rooms':
      return { ...state, rooms: event.data };
    case 'movement':
      return { ...state, movements: [event.data, ...state.movements].slice(0, MOST_MOVEMENTS) };
    case 'resync':
      // A `hello` follows and says everything anew.
      return state;
    case 'bye':
      return { ...state, health: { state: 'stopping', why: event.data.why } };
  }
}

function greeted(state: State | null, hello: DashboardEvents['hello']): State {
  const { version, server, startedAt, health, totals, rooms } = hello;
  const newest = hello.seconds.at(-1)?.at ?? startedAt / 1000;
  return {
    version,
    server,
    startedAt,
    health,
    totals,
    rooms,
    now: newest * 1000,
    movements: hello.movements.toSorted((a, b) => b.at - a.at).slice(0, MOST_MOVEMENTS),
    seconds: merged(state?.seconds ?? [], hello.seconds, SECONDS),
    minutes: merged(state?.minutes ?? [], hello.minutes, MINUTES),
  };
}
