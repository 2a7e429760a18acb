import { expect, test } from 'bun:test';
import { fold } from '../../src/chat/names.ts';
import { Chat } from '../helper/chat.ts';

test('away tells one’s rooms, once each person, and again without a word is back', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops', 'dev');
  const alice = await chat.person('alice', 'ops', 'dev');
  bob.screen();
  expect(await alice.asks('/away at lunch')).toEqual(['* You are away. To be back: /away']);
  expect(bob.screen()).toEqual(['* alice is away: at lunch']);
  expect(await bob.asks('/who alice')).toEqual(['*   alice  ops, dev  active  away: at lunch']);
  expect(await alice.asks('/away')).toEqual(['* You are back.']);
  expect(bob.screen()).toEqual(['* alice is back']);
  expect(await alice.asks('/away')).toEqual(['* You are away. To be back: /away']);
  expect(bob.screen()).toEqual(['* alice is away']);
});

test('another reason while away replaces the one before', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  await alice.types('away one');
  expect(await alice.asks('away two')).toEqual(['* You are away. To be back: /away']);
  expect(await alice.asks('who alice')).toEqual(['*   alice  -  active  away: two']);
});

test('a reason cannot do anything to a terminal', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops');
  const alice = await chat.person('alice', 'ops');
  bob.screen();
  await alice.types('/away \x1b[2J\u202egone');
  expect(bob.screen()).toEqual(['* alice is away: \ufffd[2J\ufffdgone']);
  expect(chat.hub.users.get(fold('alice'))?.away).toBe('\ufffd[2J\ufffdgone');
});
