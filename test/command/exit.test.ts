import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('exit says goodbye, tells one’s rooms why, and closes once everything is out', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops');
  const alice = await chat.person('alice', 'ops');
  bob.screen();
  expect(await alice.asks('/exit see \x1byou')).toEqual(['* Bye.']);
  expect(alice.link.state).toBe('ended');
  expect(bob.screen()).toEqual(['* alice left ops (see \ufffdyou)']);
});

test('what was said in the same packet is kept and shown first; what comes after is not run', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops');
  const alice = await chat.person('alice', 'ops');
  bob.screen();
  alice.sends('one\ntwo\n/quit\nthree\n/join dev\n');
  await chat.settle();
  expect(bob.screen()).toEqual(['alice (in ops): one', 'alice (in ops): two', '* alice left ops']);
  expect(await bob.asks('/rooms')).toEqual(['*   ops*  1']);
});

test('exit typed in a room is said, with a hint; before signing in it leaves', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops');
  const alice = await chat.person('alice', 'ops');
  bob.screen();
  expect(await alice.asks('exit')).toEqual(['* That was said to ops. For the command: /exit']);
  expect(bob.screen()).toEqual(['alice (in ops): exit']);
  const someone = chat.connect();
  await someone.types('quit');
  expect(someone.screen().at(-1)).toBe('* Bye.');
  expect(someone.link.state).toBe('ended');
});

test('an account stays in its rooms, a guest’s name is free again', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops');
  const alice = await chat.account('alice', 'wonderland', 'ops');
  bob.screen();
  await alice.types('/exit');
  expect(bob.screen()).toEqual(['* alice is offline']);
  await bob.types('/exit');
  await chat.person('bob');
});
