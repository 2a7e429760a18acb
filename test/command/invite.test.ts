import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('invite tells somebody of the room and how to go in', async () => {
  const chat = await Chat.start();
  await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  const carol = await chat.person('Carol');
  expect(await bob.asks('/invite @carol')).toEqual(['* Carol was told of ops.']);
  expect(carol.screen()).toEqual(['* bob asks you into ops. To go in: /join ops']);
});

test('from an operator it lets them in once, in spite of a key and a ban', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const carol = await chat.person('carol');
  await alice.types('/key sesame', '/ban carol', '/invite carol');
  carol.screen();
  expect(await carol.asks('join ops')).toEqual(['* You are in ops. 2 here: @alice, carol']);
  await carol.types('/leave');
  carol.screen();
  expect(await carol.asks('join ops')).toEqual(['! banned: you are banned from ops.']);
});

test('from an ordinary member it opens nothing', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  const carol = await chat.person('carol');
  await alice.types('/key sesame');
  await bob.types('/invite carol');
  carol.screen();
  expect(await carol.asks('join ops')).toEqual(['! bad-key: ops wants a key: /join ops <key>']);
});

test('only somebody else, online and not there yet, can be invited', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await chat.person('bob', 'ops');
  expect(await alice.asks('/invite ALICE')).toEqual(['! that-is-you: that is you; invite is for others.']);
  expect(await alice.asks('/invite bob')).toEqual(['! already-in-room: bob is in ops already.']);
  expect(await alice.asks('/invite @nobody')).toEqual(['! not-online: nobody is not online.']);
  expect(await alice.asks('/invite')).toEqual([
    '! missing-argument: something is missing. Usage: invite <name>',
  ]);
});
