import { describe, expect, test } from 'bun:test';
import { fold } from '../../src/chat/names.ts';
import { Chat, type Person } from '../helper/chat.ts';
import { late } from '../helper/late.ts';

const SECRET = 'correct horse';

describe('joining', () => {
  test('shows members, topic and the last lines said, then what happens from there on', async () => {
    const chat = await Chat.start({ rules: { joinLines: 2 } });
    const bob = await chat.person('bob', 'ops');
    await bob.types('one', 'two', 'three', '/topic news');
    const alice = await chat.person('alice');
    await alice.types('join ops');
    await bob.types('four');
    expect(alice.screen()).toEqual([
      '* You are in ops. 2 here: @bob, alice',
      '* Topic of ops: news (bob)',
      'bob (in ops): two',
      'bob (in ops): three',
      'bob (in ops): four',
    ]);
  });

  test('neither loses nor doubles what is said while the last lines are looked up', async () => {
    for (const when of ['asked', 'answered'] as const) {
      const chat = await Chat.start({ rules: { joinLines: 3 } });
      const bob = await chat.person('bob', 'ops');
      await bob.types('one');
      const alice = await chat.person('alice');
      const history = late(chat.backend, 'history', when);
      await alice.types('join ops');
      await bob.types('two', '/me three');
      expect(alice.screen()).toEqual([]);
      history.stop();
      await chat.settle();
      await bob.types('four');
      expect(alice.screen()).toEqual([
        '* You are in ops. 2 here: @bob, alice',
        'bob (in ops): one',
        'bob (in ops): two',
        '* bob three (in ops)',
        'bob (in ops): four',
      ]);
    }
  });

  test('is undone before it was shown: who is put out meanwhile is told that and no more', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    const alice = await chat.person('alice', 'dev');
    const history = late(chat.backend, 'history');
    await alice.types('/join ops');
    await bob.types('hello', '/kick alice no', 'gone');
    history.stop();
    await chat.settle();
    expect(alice.screen()).toEqual([
      'bob (in ops): hello',
      '* bob put alice out of ops (no)',
      '* Lines you type now go to dev.',
    ]);
    await alice.types('here');
    expect(await alice.asks('/history')).toEqual([expect.stringContaining('(in dev): here')]);
    expect(bob.screen().at(-1)).toBe('* alice is out of ops.');
  });

  test('that cannot look up the last lines is in all the same, and hears what is said', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    const alice = await chat.person('alice');
    const { history } = chat.backend;
    chat.backend.history = () => Promise.reject(new Error('the disk is gone'));
    expect((await alice.asks('join ops')).join()).toContain('! internal');
    chat.backend.history = history;
    await bob.types('hello');
    expect(alice.screen()).toEqual(['bob (in ops): hello']);
    await alice.types('hi');
    expect(bob.screen().at(-1)).toBe('alice (in ops): hi');
  });

  test('of a room that two want at once makes one of them its operator', async () => {
    const chat = await Chat.start();
    const [alice, bob] = [await chat.person('alice'), await chat.person('bob')];
    const rooms = late(chat.backend, 'openRoom');
    alice.sends('join ops\n');
    bob.sends('join OPS\n');
    await chat.settle();
    rooms.stop();
    await chat.settle();
    expect(await bob.asks('/users')).toEqual(['* ops: 2 here: @alice, bob']);
    expect(chat.hub.rooms.size).toBe(1);
  });

  test('by a name that breaks off and by its next owner are two things', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    const alice = await chat.person('alice');
    chat.backend.hold();
    await alice.types('join ops');
    await alice.drops();
    const other = chat.connect();
    await other.types('register alice', 'join ops', 'new here');
    bob.screen();
    for (let i = 0; i < 8; i++) {
      chat.backend.resume(1);
      await chat.settle();
    }
    chat.backend.resume();
    await chat.settle();
    expect(bob.screen().filter(line => line.includes('alice'))).toEqual([
      '* alice joined ops',
      '* alice left ops (connection closed)',
      '* alice joined ops',
      'alice (in ops): new here',
    ]);
    expect(await bob.asks('/users')).toEqual(['* ops: 2 here: @bob, alice']);
  });

  test('more rooms than allowed is refused, and so are more rooms than the server takes', async () => {
    const chat = await Chat.start({ rules: { roomsPerSession: 2, rooms: 3 } });
    const alice = await chat.person('alice', 'one', 'two');
    expect(await alice.asks('/join three')).toEqual([expect.stringContaining('! too-many-rooms: ')]);
    const bob = await chat.person('bob', 'three', 'one');
    expect(await bob.asks('/leave one')).toEqual(['* You left one; lines you type now go to three.']);
    expect(await bob.asks('/join four')).toEqual([expect.stringContaining('! server-rooms-full: ')]);
    expect((await bob.asks('/join two')).join()).toContain('You are in two');
    expect(chat.hub.rooms.size).toBe(3);
  });
});

describe('when the disk is full', () => {
  test('one is in a room all the same; an account is told that it will have to join again', async () => {
    const chat = await Chat.start();
    const alice = await chat.account('alice', SECRET);
    chat.backend.failNext('store-full');
    expect((await alice.asks('join ops')).join()).toContain('will have to be joined again after a restart');
    const bob = await chat.person('bob', 'ops');
    await bob.types('hello');
    expect(alice.screen().at(-1)).toBe('bob (in ops): hello');
  });

  test('no unlisted room is made, and nobody stays half in it', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    chat.backend.failNext('store-full');
    expect(await alice.asks('/create plans')).toEqual([expect.stringContaining('! store-full')]);
    expect([...chat.hub.rooms.keys()]).toEqual([fold('ops')]);
    expect(chat.store.rooms.size).toBe(1);
    await alice.types('still here');
    expect(await alice.asks('/history 1')).toEqual(
      expect.arrayContaining([expect.stringContaining('(in ops): still here')]),
    );
  });

  test('one leaves a room all the same', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    alice.screen();
    chat.backend.failNext('store-full');
    expect(await bob.asks('leave')).toEqual(['* You left ops.']);
    expect(alice.screen()).toEqual(['* bob left ops']);
  });
});

describe('a room whose last operator has gone', () => {
  test('is run by who has been in it longest', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    const carol = await chat.person('carol', 'ops');
    bob.screen();
    carol.screen();
    await alice.drops();
    const told = ['* alice left ops (connection lost)', '* parley made bob an operator of ops'];
    expect(bob.screen()).toEqual(told);
    expect(carol.screen()).toEqual(told);
    expect(await bob.asks('/topic mine')).toEqual(['* Topic of ops: mine (bob)']);
  });

  test('is run by who comes in at the same time, if nobody else is there', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob');
    chat.backend.hold();
    await alice.types('/leave');
    await bob.types('join ops');
    chat.backend.resume(1);
    await chat.settle();
    chat.backend.resume();
    await chat.settle();
    expect(await bob.asks('/users')).toEqual(['* ops: 1 here: @bob']);
  });

  test('is run by a member who is away, if nobody is there, so that it is somebody’s when they come', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.account('bob', SECRET, 'ops');
    await bob.types('/exit');
    await alice.types('/exit');
    const again = chat.connect();
    await again.types(`login bob ${SECRET}`);
    expect(await again.asks('/users')).toEqual(['* ops: 1 here: @bob']);
  });

  test('makes one new operator, however many members come and go before that is committed', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const [bob, carol] = [await chat.person('bob', 'ops'), await chat.person('carol', 'ops')];
    const dave = await chat.person('dave');
    chat.backend.hold();
    await alice.types('/leave');
    await carol.types('/leave');
    await dave.types('join ops');
    for (let i = 0; i < 6; i++) {
      chat.backend.resume(1);
      await chat.settle();
    }
    chat.backend.resume();
    await chat.settle();
    expect(bob.screen().filter(line => line.includes('parley made'))).toEqual([
      '* parley made bob an operator of ops',
    ]);
  });
});

describe('rooms in memory', () => {
  test('are let go when nobody here is in them, and are as they were when somebody comes', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    await alice.types('/topic news', 'hello', '/moderated on', '/leave');
    expect(chat.hub.rooms.size).toBe(0);
    await alice.types('join ops');
    expect(alice.screen()).toContain('* Topic of ops: news (alice)');
    expect(chat.hub.rooms.get(fold('ops'))?.moderated).toBe(true);
  });

  test('of a refused join are let go', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    await alice.types('/key sesame');
    const bob = await chat.person('bob');
    expect((await bob.asks('join ops')).join()).toContain('! bad-key');
    expect((await bob.asks('join !')).join()).toContain('! bad-room');
    await alice.types('/leave');
    expect(chat.hub.rooms.size).toBe(0);
    expect((await bob.asks('join ops wrong')).join()).toContain('! bad-key');
    expect(chat.hub.rooms.size).toBe(0);
  });

  test('hear what is committed while they are being opened', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    await bob.types('/leave');
    const alice = await chat.person('alice');
    const rooms = late(chat.backend, 'openRoom');
    await alice.types('join ops');
    // Another node of the chat commits meanwhile.
    const other = await Chat.start({ store: chat.store, clock: chat.clock });
    const carol = await other.person('carol', 'ops');
    await carol.types('/topic from elsewhere', 'hello');
    await chat.settle();
    rooms.stop();
    await chat.settle();
    expect(alice.screen().slice(1)).toEqual([
      '* Topic of ops: from elsewhere (carol)',
      'carol (in ops): hello',
    ]);
  });
});

function people(...all: readonly Person[]): void {
  for (const person of all) person.screen();
}

test('an account in several sessions goes and comes with all of them', async () => {
  const chat = await Chat.start();
  const first = await chat.account('alice', SECRET);
  const second = chat.connect();
  await second.types(`login alice ${SECRET}`);
  const bob = await chat.person('bob', 'ops');
  people(first, second, bob);
  await first.types('join ops');
  expect(second.screen()).toEqual(['* alice joined ops']);
  expect(bob.screen()).toEqual(['* alice joined ops']);
  await bob.types('hello');
  expect(first.screen().at(-1)).toBe('bob (in ops): hello');
  expect(second.screen()).toEqual(['bob (in ops): hello']);
  expect(await second.asks('join ops')).toEqual(['* You are in ops: lines you type now go there.']);
  await second.types('leave');
  expect(first.screen()).toEqual([
    '* alice left ops',
    '* You are in no room now: lines you type are commands.',
  ]);
  await bob.types('alone');
  people(bob);
  expect([first.screen(), second.screen()]).toEqual([[], ['* You left ops.']]);
});

test('one address makes so many rooms in a while; rooms that are there stay open to it', async () => {
  const chat = await Chat.start({ rules: { newRoomsPerAddress: 2, registrationWindow: 60_000 } });
  const alice = await chat.person('alice', 'ops', 'dev');
  const bob = await chat.person('bob');
  const refused = [
    '! too-many-new-rooms: too many new rooms from your address. Try again in 60 s, or join one that is there: /rooms',
  ];
  expect(await bob.asks('join tea')).toEqual(refused);
  expect(await bob.asks('create')).toEqual(refused);
  expect((await bob.asks('join ops'))[0]).toContain('You are in ops');
  const exempt = chat.connect('127.0.0.1', null);
  await exempt.types('register carol');
  expect((await exempt.asks('join tea'))[0]).toContain('You are in tea');
  await chat.wait(60_000);
  expect((await alice.asks('/join more'))[0]).toContain('You are in more');
});

test('who runs a room next is settled in the turn in which its last operator leaves', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'tea', 'ops');
  const bob = await chat.person('bob', 'ops', 'tea');
  people(alice, bob);
  alice.sends('/leave\n/who ops\n');
  await chat.settle();
  expect(alice.screen()).toEqual(['* You left ops; lines you type now go to tea.', '* ops: 1 here: @bob']);
  expect(bob.screen()).toEqual(['* alice left ops', '* parley made bob an operator of ops']);
});
