import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('moderated lets only operators and those with a voice speak', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  expect((await alice.asks('/moderated')).at(-1)).toBe('* ops is not moderated.');
  expect(await alice.asks('/moderated ON')).toEqual(['* ops is moderated.']);
  expect(bob.screen()).toEqual(['* alice made ops moderated']);
  expect(await bob.asks('hello')).toEqual([
    '! moderated: ops is moderated: only operators and those with a voice speak.',
  ]);
  await alice.types('hello');
  expect(bob.screen()).toEqual(['alice (in ops): hello']);
  expect(await alice.asks('/moderated off')).toEqual(['* ops is not moderated.']);
  await bob.types('hello');
  expect(alice.screen()).toEqual(['bob (in ops): hello']);
});

test('who joins a moderated room is told', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await alice.types('/moderated on');
  const bob = await chat.person('bob');
  expect(await bob.asks('join ops')).toEqual([
    '* You are in ops. 2 here: @alice, bob',
    '* ops is moderated: only operators and those with a voice speak.',
  ]);
});

test('unlisted takes the room out of all lists and back', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob');
  expect(await alice.asks('/unlisted on')).toEqual(['* ops is in no list.']);
  expect(await bob.asks('rooms')).toEqual(['* There are no rooms yet. To make one: join <room>']);
  expect(await alice.asks('/unlisted')).toEqual(['* ops is in no list.']);
  expect(await alice.asks('/unlisted off')).toEqual(['* ops is listed.']);
  expect(await bob.asks('rooms')).toEqual(['*   ops  1']);
});

test('what changes nothing is not told to the room, and what is neither on nor off changes nothing', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  await alice.types('/moderated off', '/unlisted off');
  alice.screen();
  expect(await alice.asks('/moderated maybe')).toEqual([
    '! bad-argument: maybe is neither on nor off. Usage: moderated on|off',
  ]);
  expect(await alice.asks('/unlisted on please')).toEqual([
    '! too-many-arguments: that is more than it takes. Usage: unlisted [on|off]',
  ]);
  expect(bob.screen()).toEqual([]);
  expect(await bob.asks('/moderated')).toEqual(['! not-operator: only an operator of ops may do that.']);
});
