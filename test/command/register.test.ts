import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('register takes a free name, says how to keep it, and what to do next', async () => {
  const chat = await Chat.start();
  const someone = chat.connect();
  expect(await someone.asks('register alice')).toEqual([
    '* parley test at here. To begin: register <name>. Commands: help',
    '* You are alice. Anyone may take the name once you leave; to keep it: /password <new password>',
    '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
  ]);
});

test('with a password, register makes an account of the name', async () => {
  const chat = await Chat.start();
  const alice = chat.connect();
  expect((await alice.asks('register alice wonderland')).slice(1)).toEqual([
    '* You are alice, signed in to your account.',
    '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
  ]);
  await alice.types('exit');
  const back = chat.connect();
  await back.types('register alice');
  expect(back.screen()[1]).toBe('! name-owned: alice is an account. If it is yours: login alice <password>');
});

test('a password may have spaces in it, and all of it counts', async () => {
  const chat = await Chat.start();
  const alice = chat.connect();
  await alice.types('register alice correct horse battery staple', 'exit');
  const back = chat.connect();
  await back.types(
    'login alice correct',
    'login alice correct horse battery',
    'login alice correct horse battery staple',
  );
  expect(back.screen().slice(1, 4)).toEqual([
    '! wrong-password: that is not the password.',
    '! wrong-password: that is not the password.',
    '* You are alice, signed in to your account.',
  ]);
});

test('a name in use, in any spelling, is refused with what to do', async () => {
  const chat = await Chat.start();
  await chat.person('Zoë');
  const someone = chat.connect();
  await someone.types('register zoe\u0308');
  expect(someone.screen()[1]).toBe('! name-taken: zoë is in use. Try another name, or: login zoë <password>');
});

test('a name that cannot be one is refused with the reason, and the next try may be good', async () => {
  const chat = await Chat.start();
  const someone = chat.connect();
  await someone.types(
    'register 1bad',
    'register parley',
    `register ${'a'.repeat(33)}`,
    'register',
    'register bob',
  );
  expect(someone.screen().slice(1)).toEqual([
    "! bad-name: that name cannot be used: it may have letters, digits and _-[]\\`^{}|, not starting with a digit or '-'.",
    "! bad-name: that name cannot be used: parley is parley's own.",
    '! bad-name: that name cannot be used: it is longer than 32 characters.',
    '! missing-argument: something is missing. Usage: register <name> [password]',
    '* You are bob. Anyone may take the name once you leave; to keep it: /password <new password>',
    '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
  ]);
});

test('a password that is too short, too long or the name itself is refused, and the name stays free', async () => {
  const chat = await Chat.start();
  const someone = chat.connect();
  await someone.types(
    'register alice short',
    `register alice ${'p'.repeat(257)}`,
    'register AliceLong alicelong',
  );
  expect(someone.screen().slice(1)).toEqual([
    '! password-too-short: a password has at least 8 characters.',
    '! password-too-long: a password has at most 256 bytes.',
    '! password-same-as-name: a password may not be the name itself.',
  ]);
  await chat.person('alice');
});

test('who is signed in registers nothing more', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect(await alice.asks('register bob')).toEqual([
    '! already-signed-in: you are alice already. To be somebody else: /exit, and come back.',
  ]);
  expect(await alice.asks('nick bob')).toEqual([
    '! already-signed-in: you are alice already. To be somebody else: /exit, and come back.',
  ]);
});

test('where accounts are required, a name without a password is refused', async () => {
  const chat = await Chat.start({ rules: { accounts: 'required' } });
  const someone = chat.connect();
  await someone.types('register alice', 'register alice wonderland');
  expect(someone.screen().slice(0, 3)).toEqual([
    '* parley test at here. To begin: register <name> <password>. Commands: help',
    '! account-required: this server takes accounts only: register <name> <password>',
    '* You are alice, signed in to your account.',
  ]);
});
