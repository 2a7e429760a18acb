import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('who shows everyone online: accounts with a star, rooms, idleness, being away', async () => {
  const chat = await Chat.start();
  const alice = await chat.account('alice', 'wonderland', 'ops', 'dev');
  const bob = await chat.person('bob', 'ops');
  await chat.wait(3 * 60_000);
  await bob.types('/away lunch');
  expect(await bob.asks('/who')).toEqual([
    '* 2 online:',
    '*   alice*  ops, dev  idle 3m',
    '*   bob     ops       active   away: lunch',
  ]);
  await alice.types('hello');
  expect(await bob.asks('/who')).toContain('*   alice*  ops, dev  active');
});

test('who with a name shows that one, whatever its case, with or without its @', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  await chat.account('Bob', 'longenough');
  for (const name of ['bob', 'BOB', '@bob'])
    expect(await alice.asks(`who ${name}`)).toEqual(['*   Bob*  -  active']);
});

test('who with a room shows its members, with or without its #, also where they are all away', async () => {
  const chat = await Chat.start();
  const alice = await chat.account('alice', 'wonderland', 'ops');
  const bob = await chat.person('bob');
  expect(await bob.asks('who ops')).toEqual(['* ops: 1 here: @alice']);
  expect(await bob.asks('who #OPS')).toEqual(['* ops: 1 here: @alice']);
  await alice.types('/exit');
  expect(await bob.asks('who ops')).toEqual(['* ops: nobody here (and 1 not online)']);
});

test('where a name and a room are called the same, @ means the name', async () => {
  const chat = await Chat.start();
  const ops = await chat.person('ops', 'ops');
  expect(await ops.asks('/who ops')).toEqual(['* ops: 1 here: @ops']);
  expect(await ops.asks('/who @ops')).toEqual(['*   ops  ops  active']);
});

test('who with a name that is not online says when it last was', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob');
  await bob.types('exit');
  await chat.wait(2 * 3_600_000);
  const alice = await chat.person('alice');
  expect(await alice.asks('who bob')).toEqual(['* bob is not online; last seen 2h ago.']);
});

test('who with a name nobody ever had suggests the one that was meant', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect(await alice.asks('who alcie')).toEqual([
    '! no-such-name: nobody here was ever called alcie. Did you mean: alice?',
  ]);
  expect(await alice.asks('who nobody')).toEqual(['! no-such-name: nobody here was ever called nobody.']);
  expect(await alice.asks('who #nowhere')).toEqual([
    '! no-such-room: there is no room called nowhere. To make it: /join nowhere',
  ]);
  expect(await alice.asks('who #no/where')).toEqual([
    '! no-such-room: there is no room called no/where. To make it: /join no/where',
  ]);
  expect(await alice.asks('who alice bob')).toEqual([
    '! too-many-arguments: that is more than it takes. Usage: who [room-or-name]',
  ]);
});

test('an unlisted room is known to its members only', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'secret');
  await alice.types('/unlisted on');
  const bob = await chat.person('bob');
  expect(await bob.asks('who #secret')).toEqual([
    '! no-such-room: there is no room called secret. To make it: /join secret',
  ]);
  expect(await bob.asks('who alice')).toEqual(['*   alice  -  active']);
  expect(await alice.asks('/who secret')).toEqual(['* secret: 1 here: @alice']);
  expect(await alice.asks('/who alice')).toEqual(['*   alice  secret  active']);
});

test('who shows hundreds of people, all of them', async () => {
  const chat = await Chat.start();
  for (let i = 0; i < 450; i++) chat.connect().sends(`register user${i}\n`);
  await chat.settle();
  const alice = await chat.person('alice');
  const lines = await alice.asks('who');
  expect(lines[0]).toBe('* 451 online:');
  expect(lines).toHaveLength(452);
  expect(new Set(lines).size).toBe(452);
});
