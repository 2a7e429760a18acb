import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('a bare leave in a room leaves it, and the room before becomes current', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops', 'dev');
  const alice = await chat.person('alice', 'ops', 'dev');
  expect(await alice.asks('leave')).toEqual(['* You left dev; lines you type now go to ops.']);
  await alice.types('hello');
  expect(bob.screen().slice(-2)).toEqual(['* alice left dev', 'alice (in ops): hello']);
  expect(await alice.asks('  LEAVE ')).toEqual(['* You left ops.']);
  expect(await alice.asks('leave')).toEqual([
    '! no-current-room: you are in no room. To go into one: join <room>',
  ]);
});

test('a line that only starts with leave is said', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops');
  const alice = await chat.person('alice', 'ops');
  bob.screen();
  for (const line of ['leave it', 'leave ops', 'leaves', '//leave'])
    expect(await alice.asks(line)).toEqual([]);
  expect(bob.screen()).toEqual([
    'alice (in ops): leave it',
    'alice (in ops): leave ops',
    'alice (in ops): leaves',
    'alice (in ops): /leave',
  ]);
});

test('leave with a room leaves that one, and the current one stays', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops', 'dev');
  expect(await alice.asks('/leave #OPS')).toEqual(['* You left ops; lines you type now go to dev.']);
  expect(await alice.asks('/part dev')).toEqual(['* You left dev.']);
});

test('who is not in a room cannot leave it', async () => {
  const chat = await Chat.start();
  await chat.person('bob', 'dev');
  const alice = await chat.person('alice', 'ops');
  expect(await alice.asks('/leave dev')).toEqual(['! not-in-room: you are not in dev. To go in: /join dev']);
  expect(await alice.asks('/leave #dev')).toEqual(['! not-in-room: you are not in dev. To go in: /join dev']);
  expect(await alice.asks('/leave ops dev')).toEqual([
    '! too-many-arguments: that is more than it takes. Usage: leave [room]',
  ]);
});

test('a room that loses its last operator is run by whoever has been in it longest', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await chat.person('bob', 'ops');
  const carol = await chat.person('carol', 'ops');
  await alice.types('leave');
  expect(carol.screen()).toEqual(['* alice left ops', '* parley made bob an operator of ops']);
});
