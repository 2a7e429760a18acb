import { describe, expect, test } from 'bun:test';
import type { DashboardEvents, Movement } from '../../../src/http/dashboard.ts';
import {
  MOST_MOVEMENTS,
  next,
  type State,
  type StreamEvent,
} from '../../../src/http/pages/dashboard/state.ts';
import { sample } from './stub.ts';

const totals = {
  messages: 1,
  deliveries: 2,
  signIns: 3,
  connections: 4,
  skipped: 5,
  closed: {},
  watchers: 1,
};
const ok = { state: 'ok', why: '' } as const;
const hello: DashboardEvents['hello'] = {
  version: '1.0.0',
  server: 'here',
  startedAt: 1_000_000,
  health: ok,
  totals,
  rooms: [{ name: 'ops', people: 1, perMinute: 0 }],
  movements: [],
  seconds: [sample(1001), sample(1002)],
  minutes: [sample(960)],
};

function after(...events: StreamEvent[]): State | null {
  return events.reduce<State | null>(next, null);
}

const greeted: StreamEvent = { name: 'hello', data: hello };
const movement = (at: number): Movement => ({ at, kind: 'join', room: 'ops', name: 'bob' });

describe('what the dashboard knows', () => {
  test('nothing before the first hello', () => {
    expect(after({ name: 'rooms', data: [] })).toBeNull();
    expect(after({ name: 'resync', data: { why: 'too old' } })).toBeNull();
  });

  test('a tick adds a second and moves the time of the server', () => {
    const slow = { state: 'slow', why: 'the disk' } as const;
    const state = after(greeted, { name: 'tick', data: { sample: sample(1003), health: slow, totals } });
    expect(state?.seconds.map(one => one.at)).toEqual([1001, 1002, 1003]);
    expect(state?.now).toBe(1_003_000);
    expect(state?.health).toEqual(slow);
  });

  test('a tick told twice, before and after a broken stream, counts once', () => {
    const tick: StreamEvent = { name: 'tick', data: { sample: sample(1003), health: ok, totals } };
    expect(after(greeted, tick, tick)?.seconds).toHaveLength(3);
  });

  test('a minute adds a minute; rooms replace the rooms', () => {
    const state = after(greeted, { name: 'minute', data: sample(1020) }, { name: 'rooms', data: [] });
    expect(state?.minutes.map(one => one.at)).toEqual([960, 1020]);
    expect(state?.rooms).toEqual([]);
  });

  test('the newest movements come first, and not all are kept', () => {
    const events = Array.from(
      { length: 60 },
      (_, at): StreamEvent => ({ name: 'movement', data: movement(at) }),
    );
    const state = after(
      { name: 'hello', data: { ...hello, movements: [movement(-2), movement(-1)] } },
      ...events,
    );
    expect(state?.movements).toHaveLength(MOST_MOVEMENTS);
    expect(state?.movements[0]?.at).toBe(59);
    const fresh = after({ name: 'hello', data: { ...hello, movements: [movement(1), movement(2)] } });
    expect(fresh?.movements.map(one => one.at)).toEqual([2, 1]);
  });

  test('a hello after a restart says everything anew, and the plots keep what was before', () => {
    const again = {
      ...hello,
      server: 'there',
      startedAt: 2_000_000,
      rooms: [],
      seconds: [sample(1010)],
      minutes: [],
    };
    const state = after(greeted, { name: 'hello', data: again });
    expect(state?.server).toBe('there');
    expect(state?.rooms).toEqual([]);
    expect(state?.seconds.map(one => one.at)).toEqual([1001, 1002, 1010]);
    expect(state?.minutes.map(one => one.at)).toEqual([960]);
  });

  test('a server that says goodbye is stopping', () => {
    const state = after(greeted, { name: 'bye', data: { why: 'a new version' } });
    expect(state?.health).toEqual({ state: 'stopping', why: 'a new version' });
  });
});
