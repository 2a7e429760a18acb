import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('a password makes the name in use an account, with the rooms it is in', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  expect(await alice.asks('/password wonderland')).toEqual([
    '* alice is your account now. Next time: login alice <password>',
  ]);
  await alice.types('/exit');
  const back = chat.connect();
  await back.types('login alice wonderland');
  expect(back.screen().at(-1)).toBe('* You are in ops: lines you type are said there; commands start with /');
});

test('an account changes its password, and the old one is worth nothing then', async () => {
  const chat = await Chat.start();
  const alice = await chat.account('alice', 'wonderland');
  expect(await alice.asks('password through the looking glass')).toEqual(['* Your password is changed.']);
  const back = chat.connect();
  await back.types('login alice wonderland', 'login alice through the looking glass');
  expect(back.screen().slice(1, 3)).toEqual([
    '! wrong-password: that is not the password.',
    '* You are alice, signed in to your account. You are signed in once elsewhere.',
  ]);
});

test('bad passwords are refused, and nothing has changed', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice-long');
  expect(await alice.asks('password')).toEqual([
    '! missing-argument: something is missing. Usage: password <new>',
  ]);
  expect(await alice.asks('password short')).toEqual([
    '! password-too-short: a password has at least 8 characters.',
  ]);
  expect(await alice.asks('password ALICE-LONG')).toEqual([
    '! password-same-as-name: a password may not be the name itself.',
  ]);
  expect(await alice.asks('who alice-long')).toEqual(['*   alice-long  -  active']);
});

test('who is nobody yet has no password to change', async () => {
  const chat = await Chat.start();
  const someone = chat.connect();
  await someone.types('password wonderland');
  expect(someone.screen()[1]).toBe(
    '! not-signed-in: take a name first: register <name>, or login <name> <password>',
  );
});
