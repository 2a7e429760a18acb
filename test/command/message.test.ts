import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('message is shown to one person only, wherever either is, and silence means kept', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob');
  const carol = await chat.person('carol', 'ops');
  alice.screen();
  expect(await bob.asks('message alice hi  there')).toEqual([]);
  expect(alice.screen()).toEqual(['bob (private): hi  there']);
  expect(await alice.asks('/msg @BOB hello')).toEqual([]);
  expect(bob.screen()).toEqual(['alice (private): hello']);
  expect(carol.screen()).toEqual([]);
});

test('without arguments it asks for both', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob');
  expect(await alice.asks('/msg')).toEqual(['To: ']);
  expect(await alice.asks('bob')).toEqual(['Message: ']);
  expect(await alice.asks('who is there?')).toEqual([]);
  expect(bob.screen()).toEqual(['alice (private): who is there?']);
});

test('question and answers may come in one packet', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  bob.screen();
  alice.sends('/msg\nbob\nto bob\nto all\n');
  await chat.settle();
  expect(bob.screen()).toEqual(['alice (private): to bob', 'alice (in ops): to all']);
});

test('an empty answer gives up asking, and an unknown name is told before the message is typed', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  await alice.types('msg', '', 'msg', 'alcie', 'msg', '#ops', 'msg', 'alice', '');
  expect(alice.screen()).toEqual([
    'To: ! missing-argument: something is missing. Usage: message <name> <text>',
    'To: ! no-such-name: nobody here was ever called alcie. Did you mean: alice?',
    'To: ! bad-argument: #ops is a room, and this is for one name. Usage: message <name> <text>',
    'To: Message: ! missing-argument: something is missing. Usage: message <name> <text>',
  ]);
});

test('a name without a text is not a message', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect(await alice.asks('msg alice')).toEqual([
    '! missing-argument: something is missing. Usage: message <name> <text>',
  ]);
});

test('to a room, or to a name nobody ever had, it is refused', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  expect(await alice.asks('/msg #ops hello')).toEqual([
    '! bad-argument: #ops is a room, and this is for one name. Usage: message <name> <text>',
  ]);
  expect(await alice.asks('/msg alcie hello')).toEqual([
    '! no-such-name: nobody here was ever called alcie. Did you mean: alice?',
  ]);
});

test('to an account that is not online it is kept, and shown when it signs in', async () => {
  const chat = await Chat.start();
  const bob = await chat.account('Bob', 'longenough');
  await bob.types('exit');
  const alice = await chat.person('alice');
  expect(await alice.asks('msg bob are you there?')).toEqual([
    '* Bob is not online. Your message is kept, and shown when Bob signs in.',
  ]);
  const back = chat.connect();
  await back.types('login bob longenough');
  expect(back.screen()).toContain('alice (private): are you there?');
});

test('to a name without a password that is not online it is kept for whoever takes it, and that is said', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob');
  await bob.types('exit');
  const alice = await chat.person('alice');
  expect(await alice.asks('msg bob are you there?')).toEqual([
    '* bob is not online and has no password. Your message is kept for whoever next takes the name.',
  ]);
  const other = chat.connect();
  await other.types('register bob');
  expect(other.screen()).toContain('alice (private): are you there?');
});

test('a full mailbox is told, and nothing is half kept', async () => {
  const chat = await Chat.start({ rules: { waitingMessages: 2 } });
  const bob = await chat.person('bob');
  await bob.types('exit');
  const alice = await chat.person('alice');
  await alice.types('msg bob one', 'msg bob two');
  expect(await alice.asks('msg bob three')).toEqual([
    '! mailbox-full: bob has 2 messages waiting, which is the most. This one was not kept.',
  ]);
});

test('who is away is told of, in their own words', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('Bob');
  const alice = await chat.person('alice');
  await bob.types('away');
  expect(await alice.asks('msg bob hi')).toEqual(['* Bob is away.']);
  await bob.types('away at lunch\x1b[2J');
  expect(await alice.asks('msg bob hi')).toEqual(['* Bob is away: at lunch\ufffd[2J.']);
  expect(bob.screen()).toContain('alice (private): hi');
});

test('to oneself it is shown once, and to one who ignores the sender not at all', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  const bob = await chat.person('bob');
  expect(await alice.asks('msg alice remember the milk')).toEqual(['alice (private): remember the milk']);
  await bob.types('ignore alice');
  bob.screen();
  expect(await alice.asks('msg bob hello?')).toEqual([]);
  expect(bob.screen()).toEqual([]);
});

test('with set echo on, one’s own message is shown with whom it went to', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  await chat.person('Bob');
  await alice.types('set echo on');
  expect((await alice.asks('msg bob hello')).slice(-1)).toEqual(['alice (private to Bob): hello']);
});

test('text that is nothing or too long once cleaned is refused', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect(await alice.asks(`msg alice ${'\x01'.repeat(2000)}`)).toEqual([
    '! text-too-long: that text is longer than 4096 bytes.',
  ]);
  expect(await alice.asks('msg alice \u00a0\u3000')).toEqual([
    '! missing-argument: something is missing. Usage: message <name> <text>',
  ]);
});
