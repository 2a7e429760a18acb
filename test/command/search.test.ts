import { expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

const ids = (lines: readonly string[]): string[] => lines.map(line => line.replace(/^#\d+ /, ''));

test('search finds lines of one’s rooms by their words, in any case, newest last', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops', 'dev');
  await alice.types('The deploy is done', 'nothing here', '/join ops', 'deploy the fix');
  alice.screen();
  expect(ids(await alice.asks('/search DEPLOY the'))).toEqual([
    'alice (in dev): The deploy is done',
    'alice (in ops): deploy the fix',
    '* 2 lines found.',
  ]);
  expect(ids(await alice.asks('/search "the deploy"'))).toEqual([
    'alice (in dev): The deploy is done',
    '* 1 line found.',
  ]);
  expect(ids(await alice.asks('/search depl* fix*'))).toEqual([
    'alice (in ops): deploy the fix',
    '* 1 line found.',
  ]);
  expect(await alice.asks('/search rollback')).toEqual(['* Nothing found.']);
});

test('search finds nothing in rooms one is not in', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await alice.types('the secret');
  const bob = await chat.person('bob', 'dev');
  expect(await bob.asks('/search secret')).toEqual(['* Nothing found.']);
  await bob.types('/join ops', '/leave ops');
  bob.screen();
  expect(await bob.asks('/search secret')).toEqual(['* Nothing found.']);
});

test('an account finds its private messages, and to whom its own went; a guest does not', async () => {
  const chat = await Chat.start();
  const alice = await chat.account('alice', 'wonderland');
  const bob = await chat.person('bob');
  await alice.types('msg bob the milk');
  await bob.types('msg alice what milk');
  alice.screen();
  expect(ids(await alice.asks('search milk'))).toEqual([
    'alice (private to bob): the milk',
    'bob (private): what milk',
    '* 2 lines found.',
  ]);
  expect(await bob.asks('search milk')).toEqual(['* Nothing found.']);
});

test('a search without a word in it is refused: punctuation, quotes and stars are none', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await alice.types('"quoted" * star -- dash');
  for (const words of ['***', '"', '""', '"*"', '--', '( ) :', '-*', '😀', '\x1b'])
    expect(await alice.asks(`/search ${words}`)).toEqual([
      '! search-syntax: that search has no words in it. Usage: search <words>',
    ]);
  expect(await alice.asks('/search')).toEqual([
    '! missing-argument: something is missing. Usage: search <words…>',
  ]);
});

test('odd words are looked for as they are, and never an error', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await alice.types('C3PO said: "beep" AND boop OR NOT near');
  alice.screen();
  for (const words of [
    '"beep',
    'beep"',
    '"beep" AND',
    'NOT near',
    'c3po:',
    'c3*',
    '*beep',
    "be'ep' OR 1=1",
    'near(beep, 5)',
  ]) {
    const found = await alice.asks(`/search ${words}`);
    expect(found.at(-1)).toMatch(/^\* (Nothing found|1 line found)\.$/);
  }
  expect(await alice.asks('/search NOT near')).toContain('* 1 line found.');
});

test('lines of ignored names are not found', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  await alice.types('hello');
  await bob.types('/ignore alice');
  bob.screen();
  expect(await bob.asks('/search hello')).toEqual(['* Nothing found.']);
});

test('of very many lines the newest fifty are shown, and that there may be more', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await alice.types(...Array.from({ length: 60 }, (_, i) => `hello ${i}`));
  const found = await alice.asks('/search hello');
  expect(found).toHaveLength(51);
  expect(ids(found).slice(-2)).toEqual(['alice (in ops): hello 59', '* 50 lines found; there may be more.']);
});

test('a line typed just before it is found, also in one packet', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  alice.sends('needle\n/search needle\n');
  await chat.settle();
  expect(alice.screen()).toContain('* 1 line found.');
});

test('one name searches so many times a minute', async () => {
  const chat = await Chat.start({ rules: { searchesPerMinute: 2 } });
  const alice = await chat.person('alice', 'ops');
  for (let i = 0; i < 2; i++) expect(await alice.asks('/search hello')).toEqual(['* Nothing found.']);
  expect(await alice.asks('/search hello')).toEqual([
    '! too-many-searches: too many searches. Try again in 60 s.',
  ]);
  const bob = await chat.person('bob', 'ops');
  expect(await bob.asks('/search hello')).toEqual(['* Nothing found.']);
  await chat.wait(60_000);
  expect(await alice.asks('/search hello')).toEqual(['* Nothing found.']);
});
