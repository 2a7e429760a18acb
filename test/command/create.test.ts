import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('create makes a room in no list, with a code to hand out that lets anybody in', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  const [made = '', hand = ''] = await alice.asks('create');
  const code = /\/join ([0-9a-hjkmnp-tv-z]{12})$/.exec(hand)?.[1] ?? '';
  expect(made).toBe(`* You are in ${code}, a room in no list. You are its operator.`);
  expect(hand).toBe(`* To let somebody in, hand out: /join ${code}`);
  const bob = await chat.person('bob');
  expect(await bob.asks('rooms')).toEqual(['* There are no rooms yet. To make one: join <room>']);
  expect(await bob.asks(`/join ${code}`)).toEqual([`* You are in ${code}. 2 here: @alice, bob`]);
});

test('with a name, the code starts with it', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect((await alice.asks('create #plans'))[1]).toMatch(/hand out: \/join plans-[0-9a-z]{12}$/);
});

test('no two codes are the same', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  const codes = new Set<string | undefined>();
  for (let i = 0; i < 10; i++) codes.add((await alice.asks('/create'))[1]);
  expect(codes.size).toBe(10);
});

test('nobody ever sees the room listed, not even while it is made', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  const bob = await chat.person('bob');
  alice.sends('create\n');
  bob.sends('rooms\nrooms\nrooms\n');
  await chat.settle();
  expect(new Set(bob.screen())).toEqual(new Set(['* There are no rooms yet. To make one: join <room>']));
});

test('a name that cannot be one, or is too long with its code, is refused', async () => {
  const chat = await Chat.start({ rules: { roomsPerSession: 1 } });
  const alice = await chat.person('alice');
  expect(await alice.asks('create !!')).toEqual([
    '! bad-room: that room name cannot be used: it may have letters, digits and _.+~-, starting with a letter, digit or _.',
  ]);
  expect(await alice.asks(`create ${'a'.repeat(60)}`)).toEqual([
    '! bad-room: that room name cannot be used: it is longer than 64 characters.',
  ]);
  expect(await alice.asks('create my plans')).toEqual([
    '! too-many-arguments: that is more than it takes. Usage: create [name]',
  ]);
  await alice.types('create');
  alice.screen();
  expect(await alice.asks('/create')).toEqual([
    '! too-many-rooms: you are in as many rooms as anyone may be (1). Leave one first.',
  ]);
});
