import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('an operator sets the topic, everyone sees it, and who joins later as well', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  expect(await alice.asks('/topic the  deploy')).toEqual(['* Topic of ops: the  deploy (alice)']);
  expect(bob.screen()).toEqual(['* alice set the topic of ops: the  deploy']);
  expect(await bob.asks('/topic')).toEqual(['* Topic of ops: the  deploy (alice)']);
});

test('topic - clears it', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  await alice.types('/topic x');
  bob.screen();
  expect(await alice.asks('/topic -')).toEqual(['* ops has no topic.']);
  expect(bob.screen()).toEqual(['* alice cleared the topic of ops']);
});

test('who is not an operator only reads it', async () => {
  const chat = await Chat.start();
  await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  expect(await bob.asks('/topic mine')).toEqual(['! not-operator: only an operator of ops may do that.']);
  expect(await bob.asks('/topic')).toEqual(['* ops has no topic.']);
});

test('a topic that is too long is refused, and the one before stays', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await alice.types('/topic good');
  expect((await alice.asks(`/topic x${'\t'.repeat(1500)}x`)).at(-1)).toBe(
    '! text-too-long: that text is longer than 4096 bytes.',
  );
  expect(await alice.asks(`/topic ${'a'.repeat(4090)}`)).toEqual([
    '! line-too-long: that line is longer than 4096 bytes and was not read. Send it in parts.',
  ]);
  expect(await alice.asks('/topic    ')).toEqual(['* Topic of ops: good (alice)']);
});

test('outside of a room there is no topic', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect(await alice.asks('topic hello')).toEqual([
    '! no-current-room: you are in no room. To go into one: join <room>',
  ]);
});
