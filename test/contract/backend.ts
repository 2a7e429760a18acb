/**
 * The contract suite: what every backend does, as its users may rely on it. `describeBackend` runs it over
 * one backend; the tests assume nothing of how fast a commit is, nor that ids have no gaps.
 */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { Draft, Kept } from '../../src/chat/event.ts';
import { fold } from '../../src/chat/names.ts';
import type { Claim, HistoryQuery } from '../../src/chat/ports.ts';
import { enter, type Factory, keep, type Opened, RecordingOrigin } from './harness.ts';
import { describeOperators } from './operators.ts';

export function describeBackend(name: string, factory: Factory): void {
  describe(name, () => {
    let opened: Opened;

    beforeEach(async () => {
      opened = await factory();
    });

    afterEach(async () => {
      await opened.close();
    });

    /** What is answered once it is committed. */
    async function settled<T>(ask: Promise<T>): Promise<T> {
      await opened.settle();
      return ask;
    }

    /** What is answered once everything asked for before is committed. */
    async function then<T>(read: () => Promise<T>): Promise<T> {
      await opened.settle();
      return read();
    }

    const claim = (who: string, as: 'guest' | 'account' = 'guest'): Promise<Claim> =>
      settled(opened.backend.claim(who, as));
    const known = (who: string) => then(() => opened.backend.known(fold(who)));
    const account = (who: string) => then(() => opened.backend.account(fold(who)));
    const room = (which: string) => then(() => opened.backend.openRoom(which));
    const waiting = (who: string) => then(() => opened.backend.waiting(fold(who)));
    const history = (query: HistoryQuery) => then(() => opened.backend.history(query));
    const texts = (events: readonly Kept[]): string[] => events.map(textOf);

    const inRoom = (which: string, query: Partial<HistoryQuery> = {}): HistoryQuery => ({
      scope: { room: fold(which) },
      only: 'said',
      limit: 100,
      ...query,
    });
    const between = (
      one: string,
      other: string,
      query: Partial<HistoryQuery> = {},
      since = 0,
    ): HistoryQuery => ({
      scope: { between: [fold(one), fold(other)], since },
      only: 'said',
      limit: 100,
      ...query,
    });

    async function say(which: string, from: string, ...lines: string[]): Promise<Kept[]> {
      const kept: Kept[] = [];
      for (const text of lines) kept.push(await keep(opened, said(which, from, text)));
      return kept;
    }

    describe('names', () => {
      test('of several guests that claim a name at once, one has it', async () => {
        const claims = [
          opened.backend.claim('alice', 'guest'),
          opened.backend.claim('Alice', 'guest'),
          opened.backend.claim('ALICE', 'guest'),
        ];
        expect(await settled(Promise.all(claims))).toEqual(['claimed', 'taken', 'taken']);
      });

      test('a claim is answered only once it is committed', async () => {
        let answered = false;
        const ask = opened.backend.claim('alice', 'guest').then(() => {
          answered = true;
        });
        await microtasks();
        expect(answered).toBe(false);
        await settled(ask);
        expect(answered).toBe(true);
      });

      test('a released name is free, and known', async () => {
        await claim('Alice');
        opened.backend.release(fold('alice'));
        expect(await claim('alice')).toBe('claimed');
      });

      test('releasing a name nobody has does nothing', async () => {
        opened.backend.release(fold('nobody'));
        expect(await known('nobody')).toBeNull();
        expect(await claim('nobody')).toBe('claimed');
      });

      test('a claim and a release of one turn count in their order', async () => {
        await claim('alice');
        opened.backend.release(fold('alice'));
        const again = opened.backend.claim('alice', 'guest');
        const other = opened.backend.claim('alice', 'guest');
        expect(await settled(Promise.all([again, other]))).toEqual(['claimed', 'taken']);
      });

      test('an account is claimed again by its owner, and never by a guest', async () => {
        await enter(opened, 'alice', 'account');
        expect(await claim('alice', 'account')).toBe('claimed');
        expect(await claim('alice', 'guest')).toBe('owned');
        opened.backend.release(fold('alice'));
        expect(await claim('alice', 'guest')).toBe('owned');
        expect(await claim('alice', 'account')).toBe('claimed');
      });

      test('a name is known from its claim on, after a restart too, in the spelling it was claimed with', async () => {
        expect(await known('alice')).toBeNull();
        await claim('Alice');
        expect(await known('ALICE')).toMatchObject({ name: 'Alice', account: false });
        opened = await opened.reopen();
        expect(await known('alice')).toMatchObject({ name: 'Alice', account: false });
        expect(await claim('alice')).toBe('claimed');
        expect(await known('alice')).toMatchObject({ name: 'alice' });
      });

      test('an account keeps the spelling it was made with', async () => {
        await enter(opened, 'Alice', 'account');
        await claim('ALICE', 'account');
        expect(await known('alice')).toMatchObject({ name: 'Alice', account: true });
      });

      test('a name was last seen when it signed in or out', async () => {
        await claim('alice');
        const start = opened.clock.now();
        expect((await known('alice'))?.lastSeen).toBe(start);
        await opened.pass(5000);
        opened.backend.release(fold('alice'));
        expect((await known('alice'))?.lastSeen).toBe(start + 5000);
      });

      test('names a slip away are suggested, the best first, at most three', async () => {
        for (const who of ['alice', 'alicia', 'alce', 'alive', 'bob']) await claim(who);
        expect(await then(() => opened.backend.similarNames(fold('alic')))).toEqual([
          'alice',
          'alce',
          'alicia',
        ]);
        expect(await then(() => opened.backend.similarNames(fold('zzzzzz')))).toEqual([]);
      });
    });

    describe('accounts', () => {
      test('a claimed name becomes an account once, and is one after a restart', async () => {
        await claim('Alice');
        const before = opened.clock.now();
        expect(await settled(opened.backend.createAccount('Alice', 'hash 1', []))).toBe('created');
        expect(await settled(opened.backend.createAccount('alice', 'hash 2', []))).toBe('owned');
        opened = await opened.reopen();
        const kept = await account('alice');
        expect(kept).toMatchObject({ name: 'Alice', passwordHash: 'hash 1', settings: {}, memberships: [] });
        expect(kept?.created).toBeGreaterThanOrEqual(before);
      });

      test('a guest is no account', async () => {
        await claim('alice');
        expect(await account('alice')).toBeNull();
        expect(await account('nobody')).toBeNull();
      });

      test('an account made from a guest is a member of the rooms it was in', async () => {
        await claim('alice');
        const joined = await keep(opened, join('ops', 'alice', { operator: true }));
        const memberships = [{ room: 'ops', rank: 'operator', read: joined.id } as const];
        await settled(opened.backend.createAccount('alice', 'hash', memberships));
        opened = await opened.reopen();
        expect((await account('alice'))?.memberships).toEqual(memberships);
        expect((await room('ops')).members).toEqual([{ name: 'alice', rank: 'operator' }]);
      });

      test('a changed password is kept', async () => {
        await enter(opened, 'alice', 'account');
        expect(await settled(opened.backend.setPassword(fold('alice'), 'hash 2'))).toBe('set');
        opened = await opened.reopen();
        expect((await account('alice'))?.passwordHash).toBe('hash 2');
      });

      test('settings are kept; the last ones win', async () => {
        await enter(opened, 'alice', 'account');
        opened.backend.saveSettings(fold('alice'), { time: true });
        opened.backend.saveSettings(fold('alice'), { time: false, ignored: ['bob'] });
        expect((await account('alice'))?.settings).toEqual({ time: false, ignored: ['bob'] });
        opened = await opened.reopen();
        expect((await account('alice'))?.settings).toEqual({ time: false, ignored: ['bob'] });
      });

      test('read positions go forward, never backward, and are kept', async () => {
        await enter(opened, 'alice', 'account');
        const joined = await keep(opened, join('ops', 'alice', { account: true }));
        const [first, second] = await say('ops', 'bob', 'one', 'two');
        expect((await account('alice'))?.memberships).toMatchObject([{ read: joined.id }]);
        opened.backend.saveRead(fold('alice'), [[fold('ops'), second?.id ?? 0]]);
        opened.backend.saveRead(fold('alice'), [[fold('ops'), first?.id ?? 0]]);
        expect((await account('alice'))?.memberships).toMatchObject([{ read: second?.id }]);
        opened = await opened.reopen();
        opened.backend.saveRead(fold('alice'), [[fold('ops'), first?.id ?? 0]]);
        expect((await account('alice'))?.memberships).toMatchObject([{ read: second?.id }]);
      });

      test('a read position in a room one is no member of is nothing', async () => {
        await enter(opened, 'alice', 'account');
        opened.backend.saveRead(fold('alice'), [[fold('ops'), 7]]);
        opened.backend.saveRead(fold('nobody'), [[fold('ops'), 7]]);
        expect((await account('alice'))?.memberships).toEqual([]);
      });
    });

    describe('posting', () => {
      test('nothing is told before it is committed', async () => {
        const origin = new RecordingOrigin();
        opened.backend.post(said('ops', 'alice', 'hello'), origin);
        opened.backend.post({ type: 'private', from: 'alice', to: 'nobody', text: 'hello' }, origin);
        await microtasks();
        expect(origin.told).toEqual([]);
        expect(opened.sink.batches).toEqual([]);
        expect(opened.sink.refusals).toEqual([]);
        expect(await opened.backend.history(inRoom('ops'))).toEqual([]);
        await opened.settle();
        expect(origin.told).toHaveLength(2);
        expect(texts(await history(inRoom('ops')))).toEqual(['hello']);
      });

      test('events come back in the order they were posted, each to its own origin', async () => {
        const origins = ['one', 'two', 'three'].map(text => {
          const origin = new RecordingOrigin();
          opened.backend.post(said('ops', 'alice', text), origin);
          return origin;
        });
        await opened.settle();
        expect(texts(opened.sink.events)).toEqual(['one', 'two', 'three']);
        expect(origins.map(({ told }) => told)).toEqual(
          opened.sink.events.map(event => [{ event, waiting: false }]),
        );
      });

      test('an event has what its draft had, and an id and a time', async () => {
        const event = await keep(opened, said('ops', 'alice', 'hello'));
        expect(event).toEqual({
          type: 'message',
          room: 'ops',
          from: 'alice',
          text: 'hello',
          id: event.id,
          at: opened.clock.now(),
        });
        expect(event.id).toBeGreaterThan(0);
      });

      test('ids rise within a room, over restarts too', async () => {
        const before = await say('ops', 'alice', 'one', 'two');
        opened = await opened.reopen();
        const after = await say('ops', 'alice', 'three', 'four');
        const ids = [...before, ...after].map(({ id }) => id);
        expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
      });

      test('every kind of event is in history as it was told, after a restart too', async () => {
        await enter(opened, 'alice', 'account');
        await enter(opened, 'Bob', 'guest');
        const drafts: Draft[] = [
          join('ops', 'alice', { account: true, operator: true }),
          join('ops', 'Bob'),
          said('ops', 'alice', 'hello'),
          { type: 'action', room: 'ops', from: 'Bob', text: 'waves 👋' },
          { type: 'topic', room: 'ops', from: 'alice', text: 'deploys' },
          { type: 'mode', room: 'ops', from: 'alice', change: { mode: 'moderated', on: true } },
          { type: 'mode', room: 'ops', from: 'alice', change: { mode: 'key', key: 'sesame' } },
          { type: 'rank', room: 'ops', from: 'alice', name: 'Bob', rank: 'voice' },
          {
            type: 'ban',
            room: 'ops',
            from: 'alice',
            ban: { kind: 'address', what: '10.0.0.0/8', label: 'ban-1', reason: 'noise' },
          },
          { type: 'unban', room: 'ops', from: 'alice', label: 'ban-1' },
          { type: 'kick', room: 'ops', from: 'alice', name: 'Bob', reason: 'bye' },
          { type: 'leave', room: 'ops', from: 'alice', reason: '' },
        ];
        for (const draft of drafts) await keep(opened, draft);
        const told = opened.sink.events;
        expect(told.map(({ id: _id, at: _at, ...draft }) => draft)).toEqual(drafts);
        expect(await history(inRoom('ops', { only: 'all' }))).toEqual([...told]);
        opened = await opened.reopen();
        expect(await history(inRoom('ops', { only: 'all' }))).toEqual([...told]);
      });

      test('a room is told by the name it was made with', async () => {
        await keep(opened, said('Ops', 'alice', 'one'));
        expect(await keep(opened, said('OPS', 'alice', 'two'))).toMatchObject({ room: 'Ops' });
        expect((await room('ops')).name).toBe('Ops');
        expect(texts(await history(inRoom('ops')))).toEqual(['one', 'two']);
      });

      test('posted again with its key, a draft is answered with the first event and nothing is added', async () => {
        const first = await keep(opened, said('ops', 'alice', 'deploy done'), 'key-1');
        const told = opened.sink.events.length;
        expect(await keep(opened, said('ops', 'alice', 'deploy done'), 'key-1')).toEqual(first);
        const keyed = opened;
        opened = await opened.reopen();
        expect(await keep(opened, said('ops', 'alice', 'deploy done'), 'key-1')).toEqual(first);
        expect(await keep(opened, said('ops', 'alice', 'deploy done'), 'key-2')).not.toEqual(first);
        expect(texts(await history(inRoom('ops')))).toEqual(['deploy done', 'deploy done']);
        // Members are shown it once.
        expect(keyed.sink.events).toHaveLength(told);
      });

      test('a key posted twice in one turn makes one event', async () => {
        const [one, two] = [new RecordingOrigin(), new RecordingOrigin()];
        opened.backend.post(said('ops', 'alice', 'once'), one, 'key');
        opened.backend.post(said('ops', 'alice', 'once'), two, 'key');
        await opened.settle();
        expect(opened.sink.events).toHaveLength(1);
        expect(two.told).toEqual(one.told);
        expect([one.repeated, two.repeated]).toEqual([[false], [true]]);
      });

      test('a leave is never refused, not even from a room that is not there', async () => {
        const left = await keep(opened, { type: 'leave', room: 'nowhere', from: 'alice', reason: '' });
        expect(left).toMatchObject({ type: 'leave', id: 0 });
        expect(opened.backend.roomCount).toBe(0);
      });

      test('times never go backward, whatever the clock does', async () => {
        const [first] = await say('ops', 'alice', 'one');
        const later = opened.clock.now();
        opened.clock.now = () => later - 60_000;
        const [second] = await say('ops', 'alice', 'two');
        expect(second?.at).toBeGreaterThanOrEqual(first?.at ?? 0);
      });
    });

    describe('rooms', () => {
      test('a room is there once somebody joined, and not before', async () => {
        expect(await room('ops')).toEqual({
          name: 'ops',
          exists: false,
          topic: null,
          key: null,
          moderated: false,
          unlisted: false,
          members: [],
          bans: [],
          lastId: 0,
        });
        expect(opened.backend.roomCount).toBe(0);
        const joined = await keep(opened, join('ops', 'alice', { operator: true }));
        expect(await room('ops')).toMatchObject({ exists: true, members: [], lastId: joined.id });
        expect(opened.backend.roomCount).toBe(1);
      });

      test('an account is a member until it leaves; a guest as long as it is here', async () => {
        await enter(opened, 'alice', 'account');
        await enter(opened, 'bob', 'guest');
        await keep(opened, join('ops', 'alice', { account: true, operator: true }));
        await keep(opened, join('ops', 'bob'));
        opened = await opened.reopen();
        expect((await room('ops')).members).toEqual([{ name: 'alice', rank: 'operator' }]);
        expect((await account('alice'))?.memberships).toMatchObject([{ room: 'ops', rank: 'operator' }]);
        await keep(opened, { type: 'leave', room: 'ops', from: 'alice', reason: '' });
        expect((await account('alice'))?.memberships).toEqual([]);
      });

      test('a rank is kept; who joins again keeps it', async () => {
        await enter(opened, 'alice', 'account');
        await keep(opened, join('ops', 'alice', { account: true }));
        await keep(opened, { type: 'rank', room: 'ops', from: 'parley', name: 'alice', rank: 'voice' });
        expect((await room('ops')).members).toEqual([{ name: 'alice', rank: 'voice' }]);
        await keep(opened, join('ops', 'alice', { account: true }));
        expect((await room('ops')).members).toEqual([{ name: 'alice', rank: 'voice' }]);
        await keep(opened, { type: 'rank', room: 'ops', from: 'parley', name: 'alice', rank: 'member' });
        opened = await opened.reopen();
        expect((await room('ops')).members).toEqual([{ name: 'alice', rank: 'member' }]);
      });

      test('a kick ends a membership', async () => {
        await enter(opened, 'alice', 'account');
        await say('ops', 'bob', 'hello');
        await keep(opened, join('ops', 'alice', { account: true }));
        await keep(opened, { type: 'kick', room: 'ops', from: 'bob', name: 'Alice', reason: '' });
        opened = await opened.reopen();
        expect((await room('ops')).members).toEqual([]);
        expect((await account('alice'))?.memberships).toEqual([]);
      });

      test('topic, key and switches are kept, and can be taken back', async () => {
        const set = await keep(opened, { type: 'topic', room: 'ops', from: 'alice', text: 'deploys' });
        await keep(opened, mode('ops', { mode: 'key', key: 'sesame' }));
        await keep(opened, mode('ops', { mode: 'moderated', on: true }));
        await keep(opened, mode('ops', { mode: 'unlisted', on: true }));
        opened = await opened.reopen();
        expect(await room('ops')).toMatchObject({
          topic: { text: 'deploys', from: 'alice', at: set.at },
          key: 'sesame',
          moderated: true,
          unlisted: true,
        });
        await say('ops', 'alice', 'so that the room stays');
        await keep(opened, { type: 'topic', room: 'ops', from: 'alice', text: '' });
        await keep(opened, mode('ops', { mode: 'key', key: null }));
        await keep(opened, mode('ops', { mode: 'moderated', on: false }));
        await keep(opened, mode('ops', { mode: 'unlisted', on: false }));
        expect(await room('ops')).toMatchObject({
          topic: null,
          key: null,
          moderated: false,
          unlisted: false,
        });
      });

      test('bans are kept in their order, replaced by kind and target, lifted by label', async () => {
        const bob = { kind: 'name', what: 'bob', label: 'bob', reason: 'noise' } as const;
        const net = { kind: 'address', what: '10.0.0.0/8', label: 'ban-1', reason: '' } as const;
        const again = { ...bob, reason: 'more noise' };
        for (const ban of [bob, net, again])
          await keep(opened, { type: 'ban', room: 'ops', from: 'alice', ban });
        opened = await opened.reopen();
        expect((await room('ops')).bans).toEqual([net, again]);
        await keep(opened, { type: 'unban', room: 'ops', from: 'alice', label: 'ban-1' });
        expect((await room('ops')).bans).toEqual([again]);
      });

      test('rooms are listed with the newest event first, unlisted ones not at all', async () => {
        await say('old', 'alice', 'hello');
        await opened.pass(1000);
        await say('hidden', 'alice', 'hello');
        await keep(opened, mode('hidden', { mode: 'unlisted', on: true }));
        const [event] = await say('new', 'alice', 'hello');
        await keep(opened, { type: 'topic', room: 'old', from: 'alice', text: 'stories' });
        const listed = await then(() => opened.backend.listedRooms());
        expect(listed).toEqual([
          { name: 'old', topic: 'stories', lastAt: opened.clock.now() },
          { name: 'new', topic: '', lastAt: event?.at ?? 0 },
        ]);
        expect(opened.backend.roomCount).toBe(3);
        opened = await opened.reopen();
        expect(await then(() => opened.backend.listedRooms())).toEqual(listed);
        expect(opened.backend.roomCount).toBe(3);
      });

      test('a room in which nothing was said goes with its last member', async () => {
        await enter(opened, 'alice', 'account');
        await keep(opened, join('ops', 'bob', { operator: true }));
        await keep(opened, join('ops', 'alice', { account: true }));
        await keep(opened, { type: 'leave', room: 'ops', from: 'bob', reason: '' });
        expect(opened.backend.roomCount).toBe(1);
        const left = await keep(opened, { type: 'leave', room: 'ops', from: 'alice', reason: '' });
        expect(left.id).toBeGreaterThan(0);
        expect(opened.backend.roomCount).toBe(0);
        expect(await room('ops')).toMatchObject({ exists: false, lastId: 0 });
        const back = await keep(opened, join('Ops', 'bob'));
        expect(back.id).toBeGreaterThan(left.id);
        expect(await history(inRoom('ops', { only: 'all' }))).toEqual([back]);
      });

      test('a room stays while a guest is in it who was there before the store was opened', async () => {
        await keep(opened, join('ops', 'bob', { operator: true }));
        opened = await opened.reopen();
        opened.backend.keepGuest(fold('ops'), fold('bob'));
        await keep(opened, join('ops', 'carol'));
        await keep(opened, { type: 'leave', room: 'ops', from: 'carol', reason: '' });
        expect(opened.backend.roomCount).toBe(1);
        await keep(opened, { type: 'leave', room: 'ops', from: 'bob', reason: '' });
        expect(opened.backend.roomCount).toBe(0);
      });

      test('a room stays while a guest is in it, something was said in it, or something is set on it', async () => {
        const leave = (which: string): Draft => ({ type: 'leave', room: which, from: 'bob', reason: '' });
        await keep(opened, join('guests', 'bob'));
        await keep(opened, join('guests', 'carol'));
        await keep(opened, leave('guests'));
        await keep(opened, join('said', 'bob'));
        await say('said', 'bob', 'hello');
        await keep(opened, leave('said'));
        await keep(opened, join('topic', 'bob'));
        await keep(opened, { type: 'topic', room: 'topic', from: 'bob', text: 'mine' });
        await keep(opened, leave('topic'));
        await keep(opened, join('flag', 'bob'));
        await keep(opened, mode('flag', { mode: 'unlisted', on: true }));
        await keep(opened, leave('flag'));
        expect(opened.backend.roomCount).toBe(4);
        await keep(opened, { type: 'topic', room: 'topic', from: 'bob', text: '' });
        expect(opened.backend.roomCount).toBe(3);
      });
    });

    describe('private messages', () => {
      test('to a name nobody ever had are refused', async () => {
        const origin = new RecordingOrigin();
        opened.backend.post(toOne('alice', 'nobody', 'hello'), origin);
        await opened.settle();
        expect(origin.told).toEqual(['no-such-name']);
        expect(opened.sink.batches).toEqual([]);
        expect(await history(between('alice', 'nobody'))).toEqual([]);
      });

      test('to somebody signed in do not wait; to somebody away they do', async () => {
        await enter(opened, 'alice', 'guest');
        await enter(opened, 'bob', 'guest');
        await keep(opened, toOne('alice', 'bob', 'here?'));
        opened.backend.release(fold('bob'));
        await keep(opened, toOne('alice', 'bob', 'away?'));
        expect(opened.sink.batches.flat().map(item => [textOf(item.event), item.waiting])).toEqual([
          ['here?', false],
          ['away?', true],
        ]);
      });

      test('wait until they were seen, oldest first, over a restart, with id and time', async () => {
        await enter(opened, 'alice', 'guest');
        await enter(opened, 'Bob', 'guest');
        opened.backend.release(fold('bob'));
        const one = await keep(opened, toOne('alice', 'bob', 'one'));
        await opened.pass(1000);
        const two = await keep(opened, toOne('alice', 'Bob', 'two'));
        expect(await waiting('bob')).toEqual([one, two] as never);
        opened = await opened.reopen();
        expect(await waiting('bob')).toEqual([one, two] as never);
        opened.backend.delivered(fold('bob'), [one.id]);
        expect(await waiting('bob')).toEqual([two] as never);
        opened = await opened.reopen();
        expect(await waiting('bob')).toEqual([two] as never);
        opened.backend.delivered(fold('bob'), [one.id, two.id, 999_999]);
        opened = await opened.reopen();
        expect(await waiting('bob')).toEqual([]);
      });

      test('to somebody signed in are kept until seen as well, so that a crash on their way loses nothing', async () => {
        await enter(opened, 'alice', 'guest');
        await enter(opened, 'bob', 'guest');
        const event = await keep(opened, toOne('alice', 'bob', 'hello'));
        opened = await opened.reopen();
        expect(await waiting('bob')).toEqual([event] as never);
        opened.backend.delivered(fold('bob'), [event.id]);
        expect(await waiting('bob')).toEqual([]);
      });

      test('only who they wait for can have them seen', async () => {
        await enter(opened, 'alice', 'guest');
        await enter(opened, 'bob', 'guest');
        const event = await keep(opened, toOne('alice', 'bob', 'hello'));
        opened.backend.delivered(fold('alice'), [event.id]);
        expect(await waiting('bob')).toEqual([event] as never);
        expect(await waiting('alice')).toEqual([]);
        expect(await waiting('nobody')).toEqual([]);
      });

      test('past what a mailbox holds are refused, until there is room again', async () => {
        await opened.close();
        opened = await factory({ mailbox: 2 });
        await enter(opened, 'alice', 'guest');
        await enter(opened, 'bob', 'guest');
        opened.backend.release(fold('bob'));
        const origin = new RecordingOrigin();
        const drafts = ['one', 'two', 'three'].map(text => toOne('alice', 'bob', text));
        for (const draft of drafts) opened.backend.post(draft, origin);
        await opened.settle();
        expect(origin.told.at(-1)).toBe('mailbox-full');
        const kept = await waiting('bob');
        expect(texts(kept)).toEqual(['one', 'two']);
        opened.backend.delivered(fold('bob'), [kept[0]?.id ?? 0]);
        await keep(opened, toOne('alice', 'bob', 'four'));
        expect(texts(await waiting('bob'))).toEqual(['two', 'four']);
      });

      test('to oneself are one conversation', async () => {
        await enter(opened, 'alice', 'guest');
        const event = await keep(opened, toOne('alice', 'alice', 'remember'));
        expect(await history(between('alice', 'alice'))).toEqual([event]);
        expect(await waiting('alice')).toEqual([event] as never);
      });

      test('are history of the two and of nobody else, in both directions', async () => {
        for (const who of ['alice', 'Bob', 'carol']) await enter(opened, who, 'guest');
        const one = await keep(opened, toOne('alice', 'Bob', 'one'));
        const two = await keep(opened, toOne('Bob', 'alice', 'two'));
        const three = await keep(opened, toOne('carol', 'alice', 'three'));
        opened = await opened.reopen();
        expect(await history(between('alice', 'bob'))).toEqual([one, two]);
        expect(await history(between('bob', 'alice', { only: 'all' }))).toEqual([one, two]);
        expect(await history(between('carol', 'alice'))).toEqual([three]);
        expect(await history(between('carol', 'bob'))).toEqual([]);
      });

      test('from before an account was made are not in its history', async () => {
        await enter(opened, 'alice', 'guest');
        await enter(opened, 'bob', 'guest');
        await keep(opened, toOne('alice', 'bob', 'to the guest'));
        await settled(opened.backend.createAccount('bob', 'hash', []));
        const since = (await account('bob'))?.created ?? 0;
        const event = await keep(opened, toOne('alice', 'bob', 'to the owner'));
        expect(await history(between('bob', 'alice', {}, since))).toEqual([event]);
        expect(await history(between('bob', 'alice', { after: 0 }, since))).toEqual([event]);
      });

      test('to an account made in the same turn are in its history, also if the clock goes back', async () => {
        await enter(opened, 'alice', 'guest');
        await enter(opened, 'bob', 'account');
        const since = (await account('bob'))?.created ?? 0;
        opened = await opened.reopen();
        opened.clock.now = () => since - 60_000;
        const event = await keep(opened, toOne('alice', 'bob', 'hello'));
        expect(await history(between('bob', 'alice', {}, since))).toEqual([event]);
      });
    });

    describe('history', () => {
      let ids: number[];

      beforeEach(async () => {
        await keep(opened, join('ops', 'alice', { operator: true }));
        const lines = await say('ops', 'alice', 'a', 'b', 'c', 'd', 'e');
        await keep(opened, join('ops', 'bob'));
        await say('dev', 'alice', 'elsewhere');
        ids = lines.map(({ id }) => id);
      });

      test('is the newest lines, oldest first', async () => {
        expect(texts(await history(inRoom('ops', { limit: 3 })))).toEqual(['c', 'd', 'e']);
        expect(texts(await history(inRoom('ops')))).toEqual(['a', 'b', 'c', 'd', 'e']);
        expect(await history(inRoom('ops', { limit: 0 }))).toEqual([]);
        expect(await history(inRoom('nowhere'))).toEqual([]);
      });

      test('before an id is what came right before it', async () => {
        expect(texts(await history(inRoom('ops', { before: ids[3] ?? 0, limit: 2 })))).toEqual(['b', 'c']);
        expect(texts(await history(inRoom('ops', { before: ids[0] ?? 0 })))).toEqual([]);
      });

      test('after an id is what came right after it', async () => {
        expect(texts(await history(inRoom('ops', { after: ids[1] ?? 0, limit: 2 })))).toEqual(['c', 'd']);
        expect(texts(await history(inRoom('ops', { after: ids[4] ?? 0 })))).toEqual([]);
      });

      test('after an id, the newest of it where that is asked for', async () => {
        const query = inRoom('ops', { after: ids[0] ?? 0, newest: true, limit: 2 });
        expect(texts(await history(query))).toEqual(['d', 'e']);
      });

      test('between two ids is what lies strictly between', async () => {
        const range = { after: ids[0] ?? 0, before: ids[4] ?? 0 };
        expect(texts(await history(inRoom('ops', range)))).toEqual(['b', 'c', 'd']);
        expect(texts(await history(inRoom('ops', { ...range, limit: 1 })))).toEqual(['b']);
        expect(texts(await history(inRoom('ops', { ...range, limit: 1, newest: true })))).toEqual(['d']);
      });

      test('of every event has comings and goings in their place', async () => {
        const types = (await history(inRoom('ops', { only: 'all' }))).map(({ type }) => type);
        expect(types).toEqual(['join', 'message', 'message', 'message', 'message', 'message', 'join']);
        const newest = await history(inRoom('ops', { only: 'all', limit: 2 }));
        expect(newest.map(({ type }) => type)).toEqual(['message', 'join']);
        const oldest = await history(inRoom('ops', { only: 'all', after: 0, limit: 2 }));
        expect(oldest.map(({ type }) => type)).toEqual(['join', 'message']);
      });

      test('counts the lines said after an id, and no further than asked', async () => {
        const count = (after: number, most: number): Promise<number> =>
          then(() => opened.backend.countSaid(fold('ops'), after, most));
        expect(await count(0, 100)).toBe(5);
        expect(await count(ids[1] ?? 0, 100)).toBe(3);
        expect(await count(0, 2)).toBe(2);
        expect(await count(ids[4] ?? 0, 100)).toBe(0);
        expect(await then(() => opened.backend.countSaid(fold('nowhere'), 0, 10))).toBe(0);
      });
    });

    describe('search', () => {
      const find = async (words: string, query: { rooms?: string[]; limit?: number } = {}) => {
        const { rooms = ['ops'], limit = 100 } = query;
        const ask = { words, rooms: rooms.map(fold), mine: null, limit };
        const { events, complete } = await then(() => opened.backend.search(ask));
        expect(complete).toBe(true);
        return texts(events);
      };

      beforeEach(async () => {
        await say(
          'ops',
          'alice',
          'the deploy is done',
          'Deploying: again!',
          'a café, naïve',
          'done and done',
        );
        await say('dev', 'alice', 'the deploy of dev');
        await keep(opened, { type: 'action', room: 'ops', from: 'bob', text: 'is done with deploys' });
        await keep(opened, { type: 'topic', room: 'ops', from: 'bob', text: 'deploy' });
      });

      // The same whether lines are in an index yet or not.
      for (const [when, ready] of [
        ['at once', async () => {}],
        ['some time later', () => opened.pass(5000)],
        [
          'half of it later',
          async () => {
            await opened.pass(5000);
            await say('ops', 'alice', 'the deploy failed', 'not a word');
          },
        ],
      ] as const) {
        test(`${when}, finds lines that have all the words, newest last, in the rooms asked for`, async () => {
          await ready();
          const more = when.startsWith('half') ? ['the deploy failed'] : [];
          expect(await find('deploy')).toEqual(['the deploy is done', ...more]);
          expect(await find('DONE deploy')).toEqual(['the deploy is done']);
          expect(await find('deploy*')).toEqual([
            'the deploy is done',
            'Deploying: again!',
            'is done with deploys',
            ...more,
          ]);
          // A letter or two would begin half the dictionary.
          expect(await find('de*')).toEqual([]);
          expect(await find('deploy', { rooms: ['ops', 'dev'] })).toEqual([
            'the deploy is done',
            'the deploy of dev',
            ...more,
          ]);
          expect(await find('deploy', { rooms: [] })).toEqual([]);
          expect(await find('deploy', { rooms: ['nowhere'] })).toEqual([]);
        });

        test(`${when}, finds phrases, and words whatever their case and accents`, async () => {
          await ready();
          expect(await find('"is done"')).toEqual(['the deploy is done', 'is done with deploys']);
          expect(await find('"done is"')).toEqual([]);
          expect(await find('"done wit"*')).toEqual(['is done with deploys']);
          expect(await find('CAFE naive')).toEqual(['a café, naïve']);
          expect(await find('café')).toEqual(['a café, naïve']);
          expect(await find('done', { limit: 2 })).toEqual(['done and done', 'is done with deploys']);
        });

        test(`${when}, takes any syntax for words, or for nothing`, async () => {
          await ready();
          expect(await find('deploy AND is')).toEqual([]);
          expect(await find('text:deploy')).toEqual([]);
          for (const odd of [
            '"',
            '""',
            '***',
            '-',
            ')(',
            "'; drop",
            '"a" OR "b',
            'NEAR(',
            '^',
            'a:b:c',
            '{x}',
            '\0',
          ]) {
            expect(await find(odd)).toEqual([]);
          }
          expect(await find('deploy) (is"')).toEqual(['the deploy is done']);
        });
      }

      test('finds private lines of the one who asks, from their account on, and nobody else’s', async () => {
        for (const who of ['alice', 'bob', 'carol']) await enter(opened, who, 'guest');
        await keep(opened, toOne('bob', 'alice', 'secret one'));
        await settled(opened.backend.createAccount('alice', 'hash', []));
        const since = (await account('alice'))?.created ?? 0;
        await keep(opened, toOne('bob', 'alice', 'secret two'));
        await keep(opened, toOne('alice', 'carol', 'secret three'));
        await keep(opened, toOne('bob', 'carol', 'secret four'));
        await keep(opened, toOne('alice', 'alice', 'secret five'));
        await say('ops', 'bob', 'no secret');
        const mine = { name: fold('alice'), since };
        const look = async (rooms: string[]): Promise<string[]> => {
          const ask = { words: 'secret', rooms: rooms.map(fold), mine, limit: 100 };
          return texts((await then(() => opened.backend.search(ask))).events);
        };
        for (let round = 0; round < 2; round++) {
          expect(await look([])).toEqual(['secret two', 'secret three', 'secret five']);
          expect(await look(['ops'])).toEqual(['secret two', 'secret three', 'secret five', 'no secret']);
          await opened.pass(5000);
        }
      });
    });

    describe('a stalled store', () => {
      test('keeps everything waiting, in order, says so, and goes on from there', async () => {
        await enter(opened, 'alice', 'guest');
        await say('ops', 'alice', 'before');
        opened.stall();
        const origin = new RecordingOrigin();
        opened.backend.post(said('ops', 'alice', 'one'), origin);
        let claimed: Claim | null = null;
        const ask = opened.backend.claim('bob', 'guest').then(claim => {
          claimed = claim;
        });
        await opened.pass(3000);
        opened.backend.post(said('ops', 'alice', 'two'), origin);
        await opened.pass(3000);
        expect(opened.sink.pauses).toEqual(['stalled']);
        expect(origin.told).toEqual([]);
        expect(claimed).toBeNull();
        expect(texts(await opened.backend.history(inRoom('ops')))).toEqual(['before']);
        opened.unstall();
        await opened.pass(1000);
        await ask;
        expect(opened.sink.pauses).toEqual(['stalled', 'recovered']);
        expect(texts(await history(inRoom('ops')))).toEqual(['before', 'one', 'two']);
        expect(origin.told).toHaveLength(2);
        await say('ops', 'alice', 'three');
        expect(opened.sink.pauses).toEqual(['stalled', 'recovered']);
      });
    });

    describe('stopping', () => {
      test('commits what is pending and tells of it', async () => {
        const origin = new RecordingOrigin();
        opened.backend.post(said('ops', 'alice', 'last words'), origin);
        opened = await opened.reopen();
        expect(origin.told).toHaveLength(1);
        expect(texts(await history(inRoom('ops')))).toEqual(['last words']);
      });

      test('frees every name that was claimed', async () => {
        await claim('alice');
        opened = await opened.reopen();
        expect(await claim('alice')).toBe('claimed');
      });
    });

    describe('retention', () => {
      const lines = (from: number, to: number): string[] =>
        Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`);

      /** Long enough for everything that is due to be cleared away. */
      const clearing = (): Promise<void> => opened.pass(130_000);

      test('by age lets go of what is older, of waiting messages too', async () => {
        await opened.close();
        opened = await factory({ retention: { age: 3_600_000, lines: 0, bytes: 0 } });
        await enter(opened, 'bob', 'guest');
        await say('ops', 'alice', 'old');
        await keep(opened, toOne('alice', 'bob', 'old'));
        opened.clock.advance(3_000_000);
        await say('ops', 'alice', 'new');
        await keep(opened, toOne('alice', 'bob', 'new'));
        opened.clock.advance(1_000_000);
        await clearing();
        expect(texts(await history(inRoom('ops')))).toEqual(['new']);
        expect(texts(await history(between('alice', 'bob')))).toEqual(['new']);
        expect(texts(await waiting('bob'))).toEqual(['new']);
      });

      test('by lines keeps the newest of each room, and what happened since', async () => {
        await opened.close();
        opened = await factory({ retention: { age: 0, lines: 3, bytes: 0 } });
        await enter(opened, 'bob', 'guest');
        await keep(opened, join('ops', 'alice'));
        await say('ops', 'alice', ...lines(1, 8));
        await keep(opened, join('ops', 'bob'));
        await say('dev', 'alice', ...lines(1, 2));
        for (const text of lines(1, 5)) await keep(opened, toOne('alice', 'bob', text));
        await clearing();
        expect(texts(await history(inRoom('ops')))).toEqual(lines(6, 8));
        const types = (await history(inRoom('ops', { only: 'all' }))).map(({ type }) => type);
        expect(types).toEqual(['message', 'message', 'message', 'join']);
        expect(texts(await history(inRoom('dev')))).toEqual(lines(1, 2));
        expect(texts(await waiting('bob'))).toEqual(lines(1, 5));
      });

      test('what was let go is found no more, its ids are not given out again', async () => {
        await opened.close();
        opened = await factory({ retention: { age: 3_600_000, lines: 0, bytes: 0 } });
        const [, last] = await say('ops', 'alice', 'a needle', 'another needle');
        await keep(opened, { type: 'topic', room: 'ops', from: 'alice', text: 'hay' });
        await opened.pass(5000);
        opened.clock.advance(4_000_000);
        await clearing();
        const ask = { words: 'needle', rooms: [fold('ops')], mine: null, limit: 10 };
        expect(await then(() => opened.backend.search(ask))).toEqual({ events: [], complete: true });
        expect(await room('ops')).toMatchObject({ exists: true, lastId: 0 });
        opened = await opened.reopen();
        const [next] = await say('ops', 'alice', 'a needle');
        expect(next?.id).toBeGreaterThan(last?.id ?? 0);
      });

      test('a room goes with its last event, unless somebody is in it or something is set on it', async () => {
        await opened.close();
        opened = await factory({ retention: { age: 3_600_000, lines: 0, bytes: 0 } });
        await enter(opened, 'alice', 'account');
        await say('empty', 'alice', 'hello');
        await keep(opened, join('members', 'alice', { account: true }));
        await keep(opened, join('guests', 'bob'));
        await keep(opened, mode('locked', { mode: 'key', key: 'sesame' }));
        expect(opened.backend.roomCount).toBe(4);
        opened.clock.advance(4_000_000);
        await clearing();
        expect(opened.backend.roomCount).toBe(3);
        expect(await room('empty')).toMatchObject({ exists: false });
        expect(await history(inRoom('members', { only: 'all' }))).toEqual([]);
        expect((await account('alice'))?.memberships).toMatchObject([{ room: 'members' }]);
      });

      test('a key is forgotten after a day', async () => {
        const first = await keep(opened, said('ops', 'alice', 'once'), 'key');
        opened.clock.advance(25 * 3_600_000);
        await clearing();
        expect((await keep(opened, said('ops', 'alice', 'once'), 'key')).id).toBeGreaterThan(first.id);
      });
    });
  });

  describeOperators(name, factory);
}

export function said(room: string, from: string, text: string): Draft {
  return { type: 'message', room, from, text };
}

export function toOne(from: string, to: string, text: string): Draft {
  return { type: 'private', from, to, text };
}

export function join(
  room: string,
  from: string,
  { account = false, operator = false }: { account?: boolean; operator?: boolean } = {},
): Draft {
  return { type: 'join', room, from, account, operator };
}

function mode(room: string, change: Extract<Draft, { type: 'mode' }>['change']): Draft {
  return { type: 'mode', room, from: 'alice', change };
}

function textOf(event: Kept): string {
  return 'text' in event ? event.text : event.type;
}

/** Lets promises that are ready go on; nothing is committed by that. */
async function microtasks(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}
