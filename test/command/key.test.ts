import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('key locks the room, tells operators the word and nobody else, and - unlocks it', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  expect(await alice.asks('/key sesame')).toEqual(['* To get into ops: /join ops sesame']);
  expect(bob.screen()).toEqual(['* alice locked ops with a key']);
  expect(await alice.asks('/key')).toEqual(['* To get into ops: /join ops sesame']);
  expect(await bob.asks('/key')).toEqual(['! not-operator: only an operator of ops may do that.']);
  expect(await alice.asks('/key -')).toEqual(['* ops has no key.']);
  expect(bob.screen()).toEqual(['* alice took the key off ops']);
});

test('what changes nothing is not told to the room', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  await alice.types('/key -', '/key sesame', '/key sesame');
  expect(bob.screen()).toEqual(['* alice locked ops with a key']);
});

test('a key may be any plain word, and works as it was shown', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  for (const [i, key] of ['ключ💩', '#-@/"', 'a'.repeat(64), '--', '*'].entries()) {
    expect(await alice.asks(`/key ${key}`)).toContain(`* To get into ops: /join ops ${key}`);
    const guest = await chat.person(`guest${i}`);
    expect((await guest.asks(`join ops ${key}`))[0]).toStartWith('* You are in ops.');
  }
});

test('a key that nobody could type or see is refused', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  for (const key of ['\x1b[31m', 'a\u202eb', 'a'.repeat(65)])
    expect(await alice.asks(`/key ${key}`)).toEqual([
      '! bad-argument: a key is one plain word of at most 64 characters. Usage: key <word>',
    ]);
  expect(await alice.asks('/key open sesame')).toEqual([
    '! too-many-arguments: that is more than it takes. Usage: key [word]',
  ]);
  expect(await alice.asks('/key')).toEqual(['* ops has no key.']);
});
