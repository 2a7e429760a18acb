import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('ignore hides what a name says, everywhere; again shows it', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('Alice', 'ops', 'dev');
  const bob = await chat.person('bob', 'ops');
  expect(await bob.asks('/ignore @alice')).toEqual([
    '* You no longer see what Alice says. To undo: /ignore Alice',
  ]);
  await alice.types(
    'to dev',
    '/join ops',
    'to ops',
    '/me waves',
    '/msg bob psst',
    '/join dev',
    '/invite bob',
  );
  expect(bob.screen()).toEqual([]);
  expect(await bob.asks('/ignore')).toEqual(['* You ignore Alice.']);
  expect(await bob.asks('/ignore ALICE')).toEqual(['* You see what Alice says again.']);
  await alice.types('/msg bob hello');
  expect(bob.screen()).toEqual(['Alice (private): hello']);
  expect(await bob.asks('/ignore')).toEqual(['* You ignore nobody.']);
});

test('what an ignored name does to the room is still shown', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  await bob.types('/ignore alice');
  bob.screen();
  await alice.types('/topic new', '/leave');
  expect(bob.screen()).toEqual([
    '* alice set the topic of ops: new',
    '* alice left ops',
    '* parley made bob an operator of ops',
  ]);
});

test('an account keeps whom it ignores, also for messages that waited, and a crash does not lose it', async () => {
  const before = await Chat.start();
  const bob = await before.account('bob', 'longenough');
  await before.account('alice', 'wonderland');
  await bob.types('ignore alice');
  const chat = await Chat.start({ store: before.store });
  const alice = chat.connect();
  await alice.types('login alice wonderland', 'msg bob are you there?');
  const back = chat.connect();
  await back.types('login bob longenough', 'ignore');
  expect(back.screen().slice(1)).toEqual([
    '* You are bob, signed in to your account.',
    '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
    '* You ignore alice.',
  ]);
});

test('nobody ignores themselves, or a name nobody ever had, or without end', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect(await alice.asks('ignore ALICE')).toEqual(['! that-is-you: that is you; ignore is for others.']);
  expect(await alice.asks('ignore alcie')).toEqual([
    '! no-such-name: nobody here was ever called alcie. Did you mean: alice?',
  ]);
  expect(await alice.asks('ignore bob carol')).toEqual([
    '! too-many-arguments: that is more than it takes. Usage: ignore [name]',
  ]);
  for (let i = 0; i <= 100; i++) await chat.person(`user${i}`);
  for (let i = 0; i < 100; i++) await alice.types(`ignore user${i}`);
  expect((await alice.asks('ignore user100')).at(-1)).toBe(
    '! ignore-full: you ignore 100 names already, which is the most.',
  );
  expect(await alice.asks('ignore user7')).toEqual(['* You see what user7 says again.']);
});
