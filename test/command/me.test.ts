import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('me says what one does, live and in history', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  expect(await alice.asks('/me waves  twice')).toEqual([]);
  expect(bob.screen()).toEqual(['* alice waves  twice (in ops)']);
  expect(await bob.asks('/history')).toEqual(['#3 * alice waves  twice (in ops)']);
});

test('me says something, in a room, where one may speak', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  expect(await alice.asks('/me')).toEqual(['! missing-argument: something is missing. Usage: me <does…>']);
  await alice.types('/moderated on');
  bob.screen();
  expect(await bob.asks('/me waves')).toEqual([
    '! moderated: ops is moderated: only operators and those with a voice speak.',
  ]);
  await bob.types('/leave');
  bob.screen();
  expect(await bob.asks('me waves')).toEqual([
    '! no-current-room: you are in no room. To go into one: join <room>',
  ]);
});
