import { expect, test } from 'bun:test';
import { Chat, type Person } from '../helper/chat.ts';

async function from(chat: Chat, address: string, name: string, ...rooms: string[]): Promise<Person> {
  const person = chat.connect(address);
  await person.types(`register ${name}`);
  for (const room of rooms) await person.types(`/join ${room}`);
  person.screen();
  return person;
}

test('ban keeps a name out and puts it out, with the reason', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('Bob', 'ops');
  expect((await alice.asks('/ban @bob being rude')).at(-1)).toBe('* Banned from ops: Bob.');
  expect(bob.screen()).toEqual([
    '* alice banned Bob from ops (being rude)',
    '* alice put Bob out of ops (being rude)',
    '* You are in no room now: lines you type are commands.',
  ]);
  expect(await bob.asks('join ops')).toEqual(['! banned: you are banned from ops: being rude']);
  expect(await alice.asks('/ban')).toEqual(['*   Bob  being rude']);
});

test('ban by address also keeps out whoever comes from it, and shows nobody the address', async () => {
  const chat = await Chat.start();
  const alice = await from(chat, '198.51.100.1', 'alice', 'ops');
  const bob = await from(chat, '192.0.2.7', 'bob', 'ops');
  expect((await alice.asks('/ban bob address spam')).at(-1)).toBe(
    '* Banned from ops: bob, the address of bob.',
  );
  expect(bob.screen().join()).not.toContain('192.0.2.7');
  const mallory = await from(chat, '192.0.2.7', 'mallory');
  expect(await mallory.asks('join ops')).toEqual(['! banned: you are banned from ops: spam']);
  const carol = await from(chat, '192.0.2.8', 'carol');
  expect((await carol.asks('join ops'))[0]).toStartWith('* You are in ops.');
  expect(await alice.asks('/ban')).toEqual(['*   bob                 spam', '*   the address of bob  spam']);
});

test('ban by address takes every address a name is on, and is refused where there is none', async () => {
  const chat = await Chat.start();
  const alice = await from(chat, '198.51.100.1', 'alice', 'ops');
  const bob = chat.connect('192.0.2.7');
  await bob.types('register bob longenough');
  await chat.connect('192.0.2.8').types('login bob longenough');
  await from(chat, '', 'carol', 'ops');
  alice.screen();
  expect((await alice.asks('/ban bob address')).at(-1)).toBe('* Banned from ops: bob, the address of bob.');
  for (const [address, name] of [
    ['192.0.2.7', 'mallory'],
    ['192.0.2.8', 'trudy'],
  ] as const) {
    const other = await from(chat, address, name);
    expect(await other.asks('join ops')).toEqual(['! banned: you are banned from ops.']);
  }
  expect(await alice.asks('/ban carol address')).toEqual([
    '! bad-argument: carol has no address to ban. Usage: ban <name> [why…]',
  ]);
});

test('ban takes addresses and ranges, of IPv6 too', async () => {
  const chat = await Chat.start();
  const alice = await from(chat, '198.51.100.1', 'alice', 'ops');
  const bob = await from(chat, '192.0.2.7', 'bob', 'ops');
  const carol = await from(chat, '2001:db8::5', 'carol', 'ops');
  await alice.types('/ban 192.0.2.9/24', '/ban 2001:DB8::/32 spam');
  expect(bob.screen()).toContain('* alice put bob out of ops (banned)');
  expect(carol.screen()).toContain('* alice put carol out of ops (spam)');
  alice.screen();
  expect(await alice.asks('/ban')).toEqual(['*   192.0.2.0/24', '*   2001:db8::/32  spam']);
});

test('a range that one is in oneself keeps out others only', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await chat.person('bob', 'ops');
  await alice.types('/ban 0.0.0.0/0');
  alice.screen();
  expect(await alice.asks('/users')).toEqual(['* ops: 1 here: @alice']);
});

test('what is neither a name nor an address is refused, and so is oneself', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  for (const what of ['999.1.2.3', '~~~', '1bad', '192.0.2.0/99', '*!*@*'])
    expect(await alice.asks(`/ban ${what}`)).toEqual([
      `! bad-argument: ${what} is neither a name nor an address. Usage: ban <name-or-address> [why…]`,
    ]);
  expect(await alice.asks('/ban @Alice')).toEqual(['! that-is-you: that is you; ban is for others.']);
  expect(await alice.asks('/ban nobody address')).toEqual(['! not-online: nobody is not online.']);
  expect(await alice.asks('/ban')).toEqual(['* Nobody is banned from ops.']);
});

test('a name can be banned before it comes, and once more with another reason', async () => {
  const chat = await Chat.start({ rules: { bansPerRoom: 1 } });
  const alice = await chat.person('alice', 'ops');
  expect(await alice.asks('/ban mallory')).toEqual(['* Banned from ops: mallory.']);
  expect(await alice.asks('/ban MALLORY again')).toEqual(['* Banned from ops: MALLORY.']);
  expect(await alice.asks('/ban')).toEqual(['*   MALLORY  again']);
  expect(await alice.asks('/ban bob')).toEqual([
    '! too-many-bans: this room has as many bans as it may (1). Lift one first: /unban <name>',
  ]);
});

test('bans outlive the room’s members', async () => {
  const chat = await Chat.start();
  const alice = await chat.account('alice', 'wonderland', 'ops');
  await alice.types('/ban bob', '/exit');
  const bob = await chat.person('bob');
  expect(await bob.asks('join ops')).toEqual(['! banned: you are banned from ops.']);
});

test('ban is for operators', async () => {
  const chat = await Chat.start();
  await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  for (const line of ['/ban alice', '/ban', '/unban alice'])
    expect(await bob.asks(line)).toEqual(['! not-operator: only an operator of ops may do that.']);
});
