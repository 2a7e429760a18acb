/** What only the memory backend does: stalling, refusing and losing claims on demand, and several nodes. */
import { expect, test } from 'bun:test';
import { MemoryStore } from '../../src/backend/memory/store.ts';
import { fold } from '../../src/chat/names.ts';
import { join, said, toOne } from '../contract/backend.ts';
import { enter, keep, openMemory, RecordingOrigin, startMemory, UNBOUNDED } from '../contract/harness.ts';
import { FakeClock } from '../helper/clock.ts';

const text = (event: object): unknown => ('text' in event ? event.text : null);

test('held, it says it is stalled and commits nothing until it is resumed', async () => {
  const { backend, sink, settle } = await openMemory();
  backend.hold();
  await settle();
  expect(sink.pauses).toEqual(['stalled']);
  backend.post(said('ops', 'alice', 'one'), null);
  await settle();
  expect(sink.events).toEqual([]);
  backend.resume();
  await settle();
  expect(sink.events.map(text)).toEqual(['one']);
  expect(sink.pauses).toEqual(['stalled', 'recovered']);
});

test('held, it commits the first of what waits where told how many', async () => {
  const { backend, sink, settle } = await openMemory();
  backend.hold();
  for (const line of ['one', 'two', 'three']) backend.post(said('ops', 'alice', line), null);
  backend.resume(2);
  await settle();
  expect(sink.events.map(text)).toEqual(['one', 'two']);
  expect(sink.pauses).toEqual(['stalled']);
  backend.resume();
  await settle();
  expect(sink.events.map(text)).toEqual(['one', 'two', 'three']);
});

test('made to fail, it refuses the next commit: all but joins and leaves, which come back unkept', async () => {
  const opened = await openMemory();
  const { backend, sink, settle } = opened;
  await enter(opened, 'bob', 'guest');
  await keep(opened, said('ops', 'alice', 'before'));
  backend.failNext('store-full');
  const origin = new RecordingOrigin();
  backend.post(said('ops', 'alice', 'lost'), origin);
  backend.post(toOne('alice', 'bob', 'lost'), origin);
  backend.post(join('ops', 'bob'), origin);
  const created = backend.createAccount('bob', 'hash', []);
  await settle();
  expect(origin.told).toEqual([
    { event: expect.objectContaining({ type: 'join', id: 0 }), waiting: false },
    'store-full',
    'store-full',
  ]);
  expect(await created).toBe('store-full');
  await keep(opened, said('ops', 'alice', 'after'));
  expect(sink.events.map(text)).toEqual(['before', null, 'after']);
});

test('a claim lost from outside is told, and the name is free', async () => {
  const opened = await openMemory();
  await enter(opened, 'alice', 'guest');
  opened.backend.loseClaim(fold('alice'));
  expect(opened.sink.lost).toEqual([fold('alice')]);
  await enter(opened, 'alice', 'guest');
});

test('two nodes on one store have one set of names and hear each other in one order', async () => {
  const store = new MemoryStore();
  const clock = new FakeClock();
  const one = await startMemory(UNBOUNDED, store, clock);
  const two = await startMemory(UNBOUNDED, store, clock);
  await enter(one, 'alice', 'guest');
  const claim = two.backend.claim('alice', 'guest');
  await two.settle();
  expect(await claim).toBe('taken');

  const origin = new RecordingOrigin();
  one.backend.post(said('ops', 'alice', 'from one'), origin);
  two.backend.post(said('ops', 'bob', 'from two'), null);
  await one.settle();
  await two.settle();
  await one.settle();
  expect(two.sink.events).toEqual(one.sink.events);
  expect(one.sink.events.map(text)).toEqual(['from one', 'from two']);
  expect(origin.told).toHaveLength(1);
  expect(two.sink.batches.flat().map(item => item.origin)).toEqual([null, null]);

  await one.backend.stop();
  await enter(two, 'alice', 'guest');
});

test('bytes are bounded: the oldest goes, waiting messages stay', async () => {
  const opened = await openMemory({ retention: { age: 0, lines: 0, bytes: 20_000 } });
  await enter(opened, 'bob', 'guest');
  await keep(opened, toOne('alice', 'bob', 'waits'));
  for (let i = 0; i < 500; i++) opened.backend.post(said('ops', 'alice', `line ${i}`), null);
  await opened.settle();
  expect(opened.backend.store.bytes).toBeLessThanOrEqual(20_000);
  const lines = await opened.backend.history({ scope: { room: fold('ops') }, only: 'said', limit: 1000 });
  expect(text(lines.at(-1) ?? {})).toBe('line 499');
  expect(lines.length).toBeGreaterThan(50);
  expect(await opened.backend.waiting(fold('bob'))).toHaveLength(1);
});
