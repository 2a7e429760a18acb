import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

async function withAlice(): Promise<Chat> {
  const chat = await Chat.start();
  const alice = await chat.account('alice', 'wonderland');
  await alice.types('exit');
  return chat;
}

test('login signs in to an account, whatever the case of the name', async () => {
  const chat = await withAlice();
  const back = chat.connect();
  await back.types('login ALICE wonderland');
  expect(back.screen().slice(1)).toEqual([
    '* You are alice, signed in to your account.',
    '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
  ]);
});

test('without the password, login asks for it, and nobody sees it said', async () => {
  const chat = await withAlice();
  const back = chat.connect();
  await back.types('login alice');
  expect(back.screen().at(-1)).toBe('Password: ');
  expect(await back.asks('wonderland')).toEqual([
    '* You are alice, signed in to your account.',
    '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
  ]);
});

test('name and password in one packet are read one after the other', async () => {
  const chat = await withAlice();
  const back = chat.connect();
  back.sends('login alice\nwonderland\njoin ops\nhello\n');
  await chat.settle();
  expect(back.screen().slice(1)).toEqual([
    'Password: * You are alice, signed in to your account.',
    '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
    '* You are in ops. You are its operator. 1 here: @alice',
  ]);
});

test('an empty answer gives up asking', async () => {
  const chat = await withAlice();
  const back = chat.connect();
  await back.types('login alice', '', 'help login');
  expect(back.screen().slice(1, 3)).toEqual([
    'Password: ! missing-argument: something is missing. Usage: login <name> <password>',
    '* login <name> [password]: sign in to your account; without the password, it is asked for',
  ]);
});

test('a wrong password, an unknown account and a guest name are each told as what they are', async () => {
  const chat = await withAlice();
  await chat.person('bob');
  const someone = chat.connect();
  await someone.types('login alice wrong', 'login carol wonderland', 'login bob wonderland', 'login');
  expect(someone.screen().slice(1)).toEqual([
    '! wrong-password: that is not the password.',
    '! no-such-account: there is no account called carol. To make one: register carol <password>',
    '! no-such-account: there is no account called bob. To make one: register bob <password>',
    '! missing-argument: something is missing. Usage: login <name> [password]',
  ]);
});

test('too many wrong passwords are answered with how long to wait, even for the right one', async () => {
  const chat = await withAlice();
  const someone = chat.connect();
  for (let i = 0; i < 5; i++) await someone.types(`login alice guess${i}`);
  expect(await someone.asks('login alice wonderland')).toEqual([
    '! too-many-attempts: too many sign-in attempts. Try again in 60 s.',
  ]);
  await chat.wait(60_000);
  expect(await someone.asks('login alice wonderland')).toContain(
    '* You are alice, signed in to your account.',
  );
});

test('an account may be signed in several times, and is told so', async () => {
  const chat = await withAlice();
  for (const told of ['', ' You are signed in once elsewhere.', ' You are signed in 2 times elsewhere.']) {
    const session = chat.connect();
    await session.types('login alice wonderland');
    expect(session.screen()[1]).toBe(`* You are alice, signed in to your account.${told}`);
  }
});

test('no password is ever logged', async () => {
  const chat = await withAlice();
  const someone = chat.connect();
  await someone.types('login alice guessing', 'login alice wonderland', '/password looking-glass');
  expect(chat.logged.join('\n')).not.toMatch(/guessing|wonderland|looking-glass/);
});
