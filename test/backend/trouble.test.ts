/** The embedded backend when its disk is full, failing or busy, and when one write is wrong. */
import { afterEach, beforeEach, expect, test } from 'bun:test';
import type { Kept } from '../../src/chat/event.ts';
import { fold } from '../../src/chat/names.ts';
import { join, said, toOne } from '../contract/backend.ts';
import { enter, keep, type OpenedEmbedded, openEmbedded, RecordingOrigin } from '../contract/harness.ts';
import { token } from '../contract/operators.ts';

let opened: OpenedEmbedded;

beforeEach(async () => {
  opened = await openEmbedded();
});

afterEach(async () => {
  await opened.close();
});

const lines = async (room: string): Promise<readonly string[]> => {
  const events = await opened.backend.history({ scope: { room: fold(room) }, only: 'said', limit: 10_000 });
  return events.map(event => ('text' in event ? event.text : ''));
};

/** No page can be had any more: what a full disk is to SQLite. */
async function fillDisk(): Promise<void> {
  const pages = opened.backend.db?.query<{ page_count: number }, []>('PRAGMA page_count').get()?.page_count;
  opened.backend.db?.run(`PRAGMA max_page_count = ${pages}`);
  // What is left in pages that are there already is used up.
  const origin = new RecordingOrigin();
  for (let i = 0; i < 200 && !origin.told.includes('store-full'); i++) {
    opened.backend.post(said('filler', 'alice', 'x'.repeat(2000)), origin);
    await opened.pass(300);
  }
  expect(origin.told).toContain('store-full');
  for (let i = 0; i < 200; i++) {
    origin.told.length = 0;
    opened.backend.post(said('filler', 'alice', 'y'), origin);
    await opened.pass(300);
    if (origin.told.includes('store-full')) return;
  }
}

function freeDisk(): void {
  opened.backend.db?.run('PRAGMA max_page_count = 1000000');
}

test('a full disk: lines are refused with store-full, nothing of the turn is kept, and it says so once', async () => {
  await enter(opened, 'bob', 'guest');
  await keep(opened, said('ops', 'alice', 'before'));
  await fillDisk();
  const origin = new RecordingOrigin();
  for (let i = 0; i < 50; i++) opened.backend.post(said('ops', 'alice', 'z'.repeat(500)), origin);
  opened.backend.post(toOne('alice', 'bob', 'lost'), origin);
  opened.backend.post({ type: 'topic', room: 'ops', from: 'alice', text: 'lost' }, origin);
  await opened.settle();
  expect(origin.told).toEqual(Array(52).fill('store-full'));
  expect(await lines('ops')).toEqual(['before']);
  expect((await opened.backend.openRoom('ops')).topic).toBeNull();
  expect(await opened.backend.waiting(fold('bob'))).toEqual([]);
  expect(opened.log.lines.filter(line => line.startsWith('error'))).toHaveLength(1);
  expect(opened.sink.pauses).toEqual([]);
});

test('a full disk: joins, leaves and sign-ins go on, accounts cannot be made, and the name is known after', async () => {
  await enter(opened, 'alice', 'account');
  await keep(opened, join('ops', 'alice', { account: true }));
  await fillDisk();
  const claim = opened.backend.claim('carol', 'guest');
  const taken = opened.backend.claim('carol', 'guest');
  const owned = opened.backend.claim('alice', 'guest');
  const origin = new RecordingOrigin();
  opened.backend.post(join('ops', 'carol'), origin);
  opened.backend.post({ type: 'leave', room: 'ops', from: 'carol', reason: '' }, origin);
  const created = opened.backend.createAccount('carol', 'h'.repeat(3000), []);
  const changed = opened.backend.setPassword(fold('alice'), 'h'.repeat(6000));
  await opened.settle();
  expect(await Promise.all([claim, taken, owned])).toEqual(['claimed', 'taken', 'owned']);
  expect(await created).toBe('store-full');
  expect(await changed).toBe('store-full');
  expect(origin.told).toEqual([
    { event: expect.objectContaining({ type: 'join', from: 'carol', id: 0 }), waiting: false },
    { event: expect.objectContaining({ type: 'leave', from: 'carol', id: 0 }), waiting: false },
  ]);
  expect(await opened.backend.known(fold('carol'))).toMatchObject({ name: 'carol', account: false });
  freeDisk();
  await opened.pass(3000);
  opened = await opened.reopen();
  expect(await opened.backend.known(fold('carol'))).toMatchObject({ name: 'carol' });
});

test('when there is space again it keeps what is said by itself, and has kept what was saved meanwhile', async () => {
  await enter(opened, 'alice', 'account');
  const joined = await keep(opened, join('ops', 'alice', { account: true }));
  await enter(opened, 'bob', 'guest');
  const waiting = await keep(opened, toOne('alice', 'bob', 'hello'));
  await fillDisk();
  const origin = new RecordingOrigin();
  for (let i = 0; i < 20; i++) opened.backend.post(said('ops', 'alice', 'lost '.repeat(200)), origin);
  opened.backend.saveSettings(fold('alice'), { note: 'n'.repeat(5000) });
  opened.backend.saveRead(fold('alice'), [[fold('ops'), joined.id + 1]]);
  opened.backend.delivered(fold('bob'), [waiting.id]);
  await opened.settle();
  expect(new Set(origin.told)).toEqual(new Set(['store-full']));
  expect(await opened.backend.waiting(fold('bob'))).toEqual([]);
  freeDisk();
  await opened.pass(3000);
  const after = await keep(opened, said('ops', 'alice', 'after'));
  expect(after.id).toBeGreaterThan(joined.id);
  expect(opened.log.lines).toContain('info the store takes writes again');
  opened = await opened.reopen();
  expect(await opened.backend.account(fold('alice'))).toMatchObject({
    settings: { note: 'n'.repeat(5000) },
    memberships: [{ read: joined.id + 1 }],
  });
  expect(await opened.backend.waiting(fold('bob'))).toEqual([]);
  expect(await lines('ops')).toEqual(['after']);
});

test('a full disk: tokens, operators and bans are refused, and it is all as it was', async () => {
  await enter(opened, 'alice', 'account');
  await fillDisk();
  const big = 'x'.repeat(6000);
  const asked = [
    opened.backend.addToken(token({ name: 'bot' }), big),
    opened.backend.addServerBan({ kind: 'name', what: 'bob', label: 'bob', reason: big }),
    opened.backend.setOperator(fold('alice'), true),
    opened.backend.removeToken('abcd1234'),
    opened.backend.removeServerBan('bob'),
  ];
  await opened.settle();
  expect(await Promise.all(asked)).toEqual(Array(5).fill('store-full'));
  expect(opened.backend.trouble).toBe('the disk is full');
  const claim = opened.backend.claim('bot', 'guest');
  await opened.settle();
  expect(await claim).toBe('claimed');
  freeDisk();
  await opened.pass(3000);
  expect(opened.backend.trouble).toBeNull();
  expect(await opened.backend.tokens()).toEqual([]);
  expect(await opened.backend.serverBans()).toEqual([]);
  expect(await opened.backend.account(fold('alice'))).toMatchObject({ operator: false });
});

test('a name that a token has stays taken where nothing can be written', async () => {
  const added = opened.backend.addToken(token({ name: 'bot' }), 'hash');
  await opened.settle();
  expect(await added).toBe('added');
  opened.backend.db?.run('PRAGMA query_only = ON');
  const removed = opened.backend.removeToken('abcd1234');
  const claim = opened.backend.claim('bot', 'guest');
  await opened.settle();
  expect(await Promise.all([removed, claim])).toEqual(['store-failed', 'owned']);
  opened.backend.db?.run('PRAGMA query_only = OFF');
});

test('a change to tokens that came to nothing leaves their names as they were', async () => {
  const first = opened.backend.addToken(token({ name: 'bot' }), 'hash');
  await opened.settle();
  expect(await first).toBe('added');
  await fillDisk();
  // There would be space for these, but not for what else is said in their turn.
  const added = opened.backend.addToken(token({ id: 'other', name: 'bob' }), 'hash 2');
  const removed = opened.backend.removeToken('abcd1234');
  opened.backend.post(said('ops', 'alice', 'z'.repeat(20_000)), null);
  await opened.settle();
  expect(await Promise.all([added, removed])).toEqual(['store-full', 'store-full']);
  const claims = ['bot', 'bob'].map(name => opened.backend.claim(name, 'guest'));
  await opened.settle();
  expect(await Promise.all(claims)).toEqual(['owned', 'claimed']);
});

test('that the store takes writes again is found out though nobody asks for any', async () => {
  opened.backend.db?.run('PRAGMA query_only = ON');
  opened.backend.post(said('ops', 'alice', 'lost'), null);
  await opened.settle();
  await opened.pass(10_000);
  expect(opened.backend.trouble).toBe('the store takes no writes');
  expect(opened.log.lines.filter(line => line.startsWith('error'))).toHaveLength(1);
  opened.backend.db?.run('PRAGMA query_only = OFF');
  await opened.pass(2100);
  expect(opened.backend.trouble).toBeNull();
  expect(opened.log.lines).toContain('info the store takes writes again');
});

test('when a token was used is written within seconds, however often that is', async () => {
  const added = opened.backend.addToken(token(), 'hash');
  await opened.settle();
  expect(await added).toBe('added');
  const written = () =>
    opened.backend.db?.query<{ last_used: number }, []>('SELECT last_used FROM tokens').get()?.last_used;
  for (let at = 1; at <= 100; at++) {
    opened.backend.tokenUsed('abcd1234', at);
    await opened.pass(10);
  }
  expect(written()).toBeNull();
  await opened.pass(1000);
  expect(written()).toBe(100);
});

test('a failing store: lines are refused with store-failed, and it goes on when it can', async () => {
  opened.backend.db?.run('PRAGMA query_only = ON');
  const origin = new RecordingOrigin();
  opened.backend.post(said('ops', 'alice', 'lost'), origin);
  const claim = opened.backend.claim('alice', 'guest');
  await opened.settle();
  expect(origin.told).toEqual(['store-failed']);
  expect(await claim).toBe('claimed');
  opened.backend.db?.run('PRAGMA query_only = OFF');
  await opened.pass(300);
  await keep(opened, said('ops', 'alice', 'kept'));
  expect(await lines('ops')).toEqual(['kept']);
});

test('one wrong write is refused alone; the others of its turn are kept, in order', async () => {
  opened.backend.db?.run(`CREATE TEMP TRIGGER wrong BEFORE INSERT ON main.events WHEN NEW.text = 'wrong'
    BEGIN SELECT RAISE(ABORT, 'made wrong by a test'); END`);
  const origins = ['one', 'wrong', 'two', 'wrong', 'three'].map(text => {
    const origin = new RecordingOrigin();
    opened.backend.post(said('ops', 'alice', text), origin);
    return origin;
  });
  const claim = opened.backend.claim('alice', 'guest');
  await opened.settle();
  expect(origins.map(({ told: [first] }) => typeof first === 'string')).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
  expect(origins[1]?.told).toEqual(['store-failed']);
  expect(await lines('ops')).toEqual(['one', 'two', 'three']);
  expect(await claim).toBe('claimed');
  expect(opened.sink.events.map(({ id }: Kept) => id)).toEqual([1, 2, 3]);
});

test('a store busy for a moment is waited for without a word', async () => {
  opened.stall();
  const origin = new RecordingOrigin();
  opened.backend.post(said('ops', 'alice', 'one'), origin);
  await opened.pass(1000);
  expect(origin.told).toEqual([]);
  opened.unstall();
  await opened.pass(60);
  expect(origin.told).toHaveLength(1);
  expect(opened.sink.pauses).toEqual([]);
});

test('stopped while busy, what cannot be kept is refused and nobody is left without an answer', async () => {
  opened.stall();
  const origin = new RecordingOrigin();
  opened.backend.post(said('ops', 'alice', 'lost'), origin);
  await opened.backend.stop();
  expect(origin.told).toEqual(['store-failed']);
}, 10_000);

test('nothing is left running once it is stopped', async () => {
  await keep(opened, said('ops', 'alice', 'hello'));
  await opened.backend.stop();
  expect(opened.clock.pending).toBe(0);
  opened.backend.release(fold('alice'));
  opened.backend.delivered(fold('alice'), [1]);
});
