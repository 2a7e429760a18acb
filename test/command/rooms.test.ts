import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('rooms shows each room with a head count and its topic, the fullest first, one’s own with a star', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'dev', 'ops');
  await alice.types('/topic the deploy');
  const bob = await chat.person('bob', 'ops');
  expect(await bob.asks('/rooms')).toEqual(['*   ops*  2  the deploy', '*   dev   1']);
});

test('a room of accounts that are not online is still shown', async () => {
  const chat = await Chat.start();
  const alice = await chat.account('alice', 'wonderland', 'ops');
  await alice.types('/topic quiet here', '/exit');
  const bob = await chat.person('bob');
  expect(await bob.asks('rooms')).toEqual(['*   ops  0  quiet here']);
});

test('an unlisted room is shown to its members only', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await alice.types('/unlisted on');
  const bob = await chat.person('bob');
  expect(await alice.asks('/rooms')).toEqual(['*   ops*  1  (unlisted)']);
  expect(await bob.asks('rooms')).toEqual(['* There are no rooms yet. To make one: join <room>']);
});

test('rooms takes nothing', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect(await alice.asks('rooms please')).toEqual([
    '! too-many-arguments: that is more than it takes. Usage: rooms',
  ]);
});

test('hundreds of rooms are all shown', async () => {
  const chat = await Chat.start({ rules: { rooms: 1000 } });
  for (let i = 0; i < 450; i++) chat.connect().sends(`register user${i}\njoin room${i}\n`);
  await chat.settle();
  const alice = await chat.person('alice');
  const lines = await alice.asks('rooms');
  expect(lines).toHaveLength(450);
  expect(new Set(lines).size).toBe(450);
});
