import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('unban lets a name in again, and lifts the ban on its address as well', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = chat.connect('198.51.100.9');
  await bob.types('register Bob', 'join ops');
  await alice.types('/ban bob address');
  alice.screen();
  expect(await alice.asks('/unban @BOB')).toEqual(['* No longer banned: Bob, the address of Bob.']);
  expect(await bob.asks('join ops')).toContain('* You are in ops. 2 here: @alice, Bob');
  expect(alice.screen()).toEqual(['* Bob joined ops']);
});

test('unban takes the address or range that was banned, in any spelling', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await alice.types('/ban 198.51.100.0/24', '/ban 2001:db8::1');
  alice.screen();
  expect(await alice.asks('/unban 198.51.100.77/24')).toEqual(['* No longer banned: 198.51.100.0/24.']);
  expect(await alice.asks('/unban 2001:0DB8:0::1')).toEqual(['* No longer banned: 2001:db8::1.']);
  expect(await alice.asks('/ban')).toEqual(['* Nobody is banned from ops.']);
});

test('unban of what is not banned says so', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  expect(await alice.asks('/unban bob')).toEqual(['! ban-not-found: bob is not banned from ops.']);
  expect(await alice.asks('/unban')).toEqual([
    '! missing-argument: something is missing. Usage: unban <name-or-address>',
  ]);
  await alice.types('/ban 198.51.100.0/24');
  alice.screen();
  expect(await alice.asks('/unban 198.51.100.7')).toEqual([
    '! ban-not-found: 198.51.100.7 is not banned from ops.',
  ]);
});
