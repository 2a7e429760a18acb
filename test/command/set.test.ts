import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

test('set shows how things are, and with an option that one', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect(await alice.asks('set')).toEqual([
    '*   time     on   show when each line was said',
    '*   color    off  colour names and notices (ANSI)',
    '*   echo     off  show your own lines back to you, with their times',
    '*   notices  on   show who comes, goes, joins and leaves',
    '*   prompt   off  show the current room as a prompt',
    '* To change one: /set <option> on|off',
  ]);
  expect(await alice.asks('set echo')).toEqual([
    '*   echo  off  show your own lines back to you, with their times',
  ]);
});

test('set time off leaves the times out', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops');
  const alice = await chat.person('alice', 'ops');
  await bob.types('/set time off');
  bob.raw();
  await alice.types('hello', '/me waves');
  expect(bob.raw()).toEqual(['alice (in ops): hello', '* alice waves (in ops)']);
});

test('set echo on shows one’s own lines, in their place among the others', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops');
  const alice = await chat.person('alice', 'ops');
  await bob.types('/set ECHO ON');
  bob.raw();
  bob.sends('one\n');
  alice.sends('two\n');
  bob.sends('three\n/me waves\n');
  await chat.settle();
  expect(bob.raw()).toEqual([
    '[12:00:00] bob (in ops): one',
    '[12:00:00] alice (in ops): two',
    '[12:00:00] bob (in ops): three',
    '[12:00:00] * bob waves (in ops)',
  ]);
});

test('set notices off hides coming and going, and nothing else', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops');
  await bob.types('/set notices off');
  bob.screen();
  const alice = await chat.person('alice', 'ops');
  await alice.types('/away', 'hello', '/leave', 'join ops');
  await bob.types('/op alice');
  expect(bob.screen()).toEqual(['alice (in ops): hello', '* alice is an operator of ops.']);
});

test('set color on colours names and notices, and nothing that others say', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops');
  const alice = await chat.person('alice', 'ops');
  await bob.types('/set color on');
  bob.raw();
  await alice.types('hello \x1b[31mred', '/leave');
  const [said = '', left = ''] = bob.raw();
  expect(said).toMatch(/^\[12:00:00\] \x1b\[1;3\dmalice\x1b\[0m \(in ops\): hello \ufffd\[31mred$/);
  expect(left).toBe('\x1b[2m* alice left ops\x1b[0m');
});

test('set prompt on shows where lines go, again after everything that is shown', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops');
  const alice = await chat.person('alice', 'ops');
  bob.raw();
  await bob.types('/set prompt on');
  expect(bob.link.text).toEndWith('\r\x1b[Kops> ');
  bob.raw();
  await alice.types('hello');
  expect(bob.raw()).toEqual(['\r\x1b[K[12:00:00] alice (in ops): hello', 'ops> ']);
  for (const line of ['said', '', '/', '/me waves', '/msg alice psst']) {
    await bob.types(line);
    expect(bob.raw()).toEqual(['\r\x1b[Kops> ']);
  }
  await bob.types('/leave');
  expect(bob.raw().at(-1)).toEndWith('bob> ');
});

test('an account keeps its options, and a crash does not lose them', async () => {
  const before = await Chat.start();
  const alice = await before.account('alice', 'wonderland');
  await alice.types('set time off');
  const chat = await Chat.start({ store: before.store });
  const back = chat.connect();
  await back.types('login alice wonderland', 'set time');
  expect(back.screen().at(-1)).toBe('*   time  off  show when each line was said');
});

test('nonsense is refused and changes nothing', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect(await alice.asks('set nonsense on')).toEqual([
    '! bad-argument: there is no option nonsense, only time, color, echo, notices, prompt. Usage: set <option> on|off',
  ]);
  expect(await alice.asks('set time maybe')).toEqual([
    '! bad-argument: maybe is neither on nor off. Usage: set <option> on|off',
  ]);
  expect(await alice.asks('set __proto__ on')).toEqual([
    '! bad-argument: there is no option __proto__, only time, color, echo, notices, prompt. Usage: set <option> on|off',
  ]);
  expect(await alice.asks('set time off now')).toEqual([
    '! too-many-arguments: that is more than it takes. Usage: set [option] [on|off]',
  ]);
  expect(await alice.asks('set time')).toEqual(['*   time  on  show when each line was said']);
});

test('set works before signing in', async () => {
  const chat = await Chat.start();
  const someone = chat.connect();
  await someone.types('set time off', 'register bob', 'set time');
  expect(someone.screen().at(-1)).toBe('*   time  off  show when each line was said');
});
