import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('kick puts somebody out, with a reason for all to see, and they may come back', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('Bob', 'ops');
  const carol = await chat.person('carol', 'ops');
  bob.screen();
  expect((await alice.asks('/kick @bob being silly')).at(-1)).toBe('* Bob is out of ops.');
  expect(carol.screen()).toEqual(['* alice put Bob out of ops (being silly)']);
  expect(bob.screen()).toEqual([
    '* alice put Bob out of ops (being silly)',
    '* You are in no room now: lines you type are commands.',
  ]);
  expect((await bob.asks('join ops'))[0]).toBe('* You are in ops. 3 here: @alice, Bob, carol');
});

test('whoever is put out of one of several rooms is told where their lines go now', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'dev', 'ops');
  const bob = await chat.person('bob', 'dev', 'ops');
  await alice.types('/kick bob');
  expect(bob.screen()).toEqual(['* alice put bob out of ops', '* Lines you type now go to dev.']);
});

test('kick is for operators, and for others than oneself who are there', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  await chat.person('carol', 'dev');
  expect(await bob.asks('/kick alice')).toEqual(['! not-operator: only an operator of ops may do that.']);
  expect((await alice.asks('/kick alice')).at(-1)).toBe('! that-is-you: that is you; kick is for others.');
  expect(await alice.asks('/kick carol')).toEqual(['! member-not-found: carol is not in ops.']);
  expect(await alice.asks('/kick')).toEqual([
    '! missing-argument: something is missing. Usage: kick <name> [why…]',
  ]);
  expect(await alice.asks('/users')).toEqual(['* ops: 2 here: @alice, bob']);
});

test('an operator can be put out by another', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  await alice.types('/op bob');
  expect((await bob.asks('/kick alice')).at(-1)).toBe('* alice is out of ops.');
});

test('an account that is not online can be put out, and is not in the room when it comes back', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.account('bob', 'longenough', 'ops');
  await bob.types('/exit');
  await alice.types('/kick bob');
  const back = chat.connect();
  await back.types('login bob longenough');
  expect(back.screen().at(-1)).toBe(
    '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
  );
});
