import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('join makes a room that is not there, and its first member is its operator', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect(await alice.asks('join ops')).toEqual(['* You are in ops. You are its operator. 1 here: @alice']);
});

test('join shows members, topic and the last lines said, then what is said from then on', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await alice.types('/topic the deploy', ...Array.from({ length: 12 }, (_, i) => `line ${i}`));
  const bob = await chat.person('bob');
  expect(await bob.asks('join ops')).toEqual([
    '* You are in ops. 2 here: @alice, bob',
    '* Topic of ops: the deploy (alice)',
    ...Array.from({ length: 10 }, (_, i) => `alice (in ops): line ${i + 2}`),
  ]);
  expect(alice.screen().at(-1)).toBe('* bob joined ops');
  await alice.types('welcome');
  expect(bob.screen()).toEqual(['alice (in ops): welcome']);
});

test('with # and in any case it is the same room', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'Ops');
  expect(await alice.asks('/join #OPS')).toEqual(['* You are in Ops: lines you type now go there.']);
  const bob = await chat.person('bob');
  expect(await bob.asks('j ops')).toEqual(['* You are in Ops. 2 here: @alice, bob']);
});

test('the last room joined is current, and joining again makes a room current', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops', 'dev');
  const alice = await chat.person('alice', 'ops', 'dev');
  await alice.types('to dev');
  expect(await alice.asks('/join ops')).toEqual(['* You are in ops: lines you type now go there.']);
  await alice.types('to ops');
  expect(bob.screen().slice(-2)).toEqual(['alice (in dev): to dev', 'alice (in ops): to ops']);
});

test('a room may be called like a name', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'alice');
  const alice = await chat.person('alice', 'alice');
  await alice.types('hello');
  await alice.types('/msg bob psst');
  expect(bob.screen().slice(-2)).toEqual(['alice (in alice): hello', 'alice (private): psst']);
});

test('a room with a key wants it', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await alice.types('/key sesame');
  const bob = await chat.person('bob');
  expect(await bob.asks('join ops')).toEqual(['! bad-key: ops wants a key: /join ops <key>']);
  expect(await bob.asks('join ops Sesame')).toEqual(['! bad-key: ops wants a key: /join ops <key>']);
  expect(await bob.asks('join ops sesame')).toEqual(['* You are in ops. 2 here: @alice, bob']);
});

test('what cannot be joined is refused with the reason', async () => {
  const chat = await Chat.start({ rules: { roomsPerSession: 2, rooms: 3 } });
  const alice = await chat.person('alice', 'one');
  expect(await alice.asks('/join')).toEqual([
    '! missing-argument: something is missing. Usage: join <room> [key]',
  ]);
  expect(await alice.asks('/join ops dev test')).toEqual([
    '! too-many-arguments: that is more than it takes. Usage: join <room> [key]',
  ]);
  expect(await alice.asks('/join #')).toEqual(['! bad-room: that room name cannot be used: it is empty.']);
  expect(await alice.asks(`/join ${'a'.repeat(65)}`)).toEqual([
    '! bad-room: that room name cannot be used: it is longer than 64 characters.',
  ]);
  await alice.types('/join two');
  alice.screen();
  expect(await alice.asks('/join three')).toEqual([
    '! too-many-rooms: you are in as many rooms as anyone may be (2). Leave one first.',
  ]);
  const bob = await chat.person('bob', 'three');
  expect(await bob.asks('/join four')).toEqual([
    '! server-rooms-full: this server has 3 rooms, which is the most it takes.',
  ]);
  expect(await bob.asks('/join one')).toEqual(['* You are in one. 2 here: @alice, bob']);
});

test('lines of an ignored name are not shown on joining', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const carol = await chat.person('carol', 'ops');
  await alice.types('from alice');
  await carol.types('from carol');
  const bob = await chat.person('bob');
  await bob.types('ignore alice');
  expect((await bob.asks('join ops')).slice(1)).toEqual(['carol (in ops): from carol']);
});
