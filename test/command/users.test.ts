import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('users shows the members of the current room: operators, the voiced, and how many are not online', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await chat.person('carol', 'ops');
  const bob = await chat.person('bob', 'ops');
  const dave = await chat.account('dave', 'longenough', 'ops');
  await alice.types('/voice bob');
  await dave.types('/exit');
  for (const verb of ['/users', '/list'])
    expect(await bob.asks(verb)).toEqual(['* ops: 3 here: @alice, +bob, carol (and 1 not online)']);
});

test('of very many members, users names fifty and counts the rest', async () => {
  const chat = await Chat.start();
  for (let i = 100; i < 160; i++) chat.connect().sends(`register user${i}\njoin ops\n`);
  await chat.settle();
  const alice = await chat.person('alice', 'ops');
  const [line = ''] = await alice.asks('/users');
  expect(line).toStartWith('* ops: 61 here: @user100, alice, user101');
  expect(line).toEndWith('user148 and 11 more');
});

test('users outside of a room says where to go', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect(await alice.asks('users')).toEqual([
    '! no-current-room: you are in no room. To go into one: join <room>',
  ]);
});
