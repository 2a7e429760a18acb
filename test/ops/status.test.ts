import { expect, test } from 'bun:test';
import { Counters } from '../../src/chat/counters.ts';
import { HealthCheck } from '../../src/ops/health.ts';
import { StatusLine } from '../../src/ops/status.ts';
import { FakeClock } from '../helper/clock.ts';

function made() {
  const clock = new FakeClock();
  const counters = new Counters();
  const hub = { users: { size: 0 }, rooms: { size: 0 }, counters };
  const sources = { stalledFor: null as string | null, backend: { trouble: null as string | null } };
  const check = new HealthCheck(sources);
  return { clock, counters, hub, sources, check, line: new StatusLine(hub, check, clock) };
}

test('counts people, rooms and the messages since it was last asked for', () => {
  const { clock, counters, hub, line } = made();
  clock.advance(5000);
  expect(line.next()).toBe('0 people in 0 rooms, 0 messages a second; ok');
  hub.users.size = 12;
  hub.rooms.size = 3;
  for (let i = 0; i < 20; i++) counters.message(i % 2 ? 'message' : 'private');
  clock.advance(5000);
  expect(line.next()).toBe('12 people in 3 rooms, 4 messages a second; ok');
  hub.users.size = 1;
  hub.rooms.size = 1;
  counters.message('action');
  clock.advance(5000);
  expect(line.next()).toBe('1 person in 1 room, 0.2 messages a second; ok');
  for (let i = 0; i < 5; i++) counters.message('message');
  clock.advance(5000);
  expect(line.next()).toBe('1 person in 1 room, 1 message a second; ok');
  for (let i = 0; i < 12_346; i++) counters.message('message');
  clock.advance(1000);
  expect(line.next()).toContain(' 12346 messages a second; ok');
});

test('says what is wrong, and that it stops', () => {
  const { sources, check, line } = made();
  sources.backend.trouble = 'the disk is full';
  expect(line.next()).toEndWith('; full: the disk is full');
  sources.stalledFor = 'no answer';
  expect(line.next()).toEndWith('; stalled: no answer');
  check.phase = 'stopping';
  expect(line.next()).toEndWith('; stopping');
});
