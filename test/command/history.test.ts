import { expect, test } from 'bun:test';
import { Chat, type Person } from '../helper/chat.ts';

/** Alice in ops, where ten lines were said: #2 to #11 (#1 is her joining). */
async function withLines(): Promise<{ chat: Chat; alice: Person }> {
  const chat = await Chat.start();
  const alice = await chat.account('alice', 'wonderland', 'ops');
  await alice.types(...Array.from({ length: 10 }, (_, i) => `line ${i + 2}`));
  alice.screen();
  return { chat, alice };
}

const line = (id: number): string => `#${id} alice (in ops): line ${id}`;
const USAGE = 'Usage: history [room] [n] [after|before #id]';

test('history shows the last lines of the current room, with ids and times, one’s own as well', async () => {
  const { alice } = await withLines();
  await alice.types('/history 2');
  expect(alice.raw()).toEqual([
    '#10 [12:00:00] alice (in ops): line 10',
    '#11 [12:00:00] alice (in ops): line 11',
    '* Earlier lines: /history ops 2 before #10',
  ]);
  expect(await alice.asks('/history')).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(line));
});

test('following its hint leads through all of it', async () => {
  const { alice } = await withLines();
  let shown = await alice.asks('/history ops 4');
  const seen = shown.slice(0, -1);
  for (
    let hint = shown.at(-1)?.split(': ')[1];
    hint !== undefined;
    hint = shown.at(-1)?.split('Earlier lines: ')[1]
  ) {
    shown = await alice.asks(hint);
    seen.unshift(...shown.filter(each => each.startsWith('#')));
  }
  expect(seen).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(line));
});

test('history after an id goes forward, also from an id that is none, and says how to go on', async () => {
  const { alice } = await withLines();
  expect(await alice.asks('/history ops 3 after #2')).toEqual([
    ...[3, 4, 5].map(line),
    '* That was 3 lines. What follows: /history ops 3 after #5',
  ]);
  expect(await alice.asks('/history after 9')).toEqual([
    ...[10, 11].map(line),
    '* That was 2 lines, up to the newest.',
  ]);
  await alice.types('/topic a gap in the ids', 'line 13');
  alice.screen();
  expect(await alice.asks('/history after #12')).toEqual([line(13), '* That was 1 line, up to the newest.']);
  expect(await alice.asks('/history after #0 1')).toEqual([
    `! bad-argument: that is not how to ask for history. ${USAGE}`,
  ]);
  expect(await alice.asks('/history after #13')).toEqual(['* Nothing was said in ops after #13.']);
});

test('history before an id goes back', async () => {
  const { alice } = await withLines();
  expect(await alice.asks('/history before #4')).toEqual([2, 3].map(line));
  expect(await alice.asks('/history before #2')).toEqual(['* Nothing was said in ops before #2.']);
});

test('in an empty room nothing was said yet', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  expect(await alice.asks('/history')).toEqual(['* Nothing was said in ops yet.']);
});

test('huge numbers are as many as there are, and none at all is refused', async () => {
  const { alice } = await withLines();
  const all = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map(line);
  expect(await alice.asks('/history 99999999999999999999999')).toEqual(all);
  expect(await alice.asks('/history ops 99999999999999999999999 after #0')).toEqual([
    ...all,
    '* That was 10 lines, up to the newest.',
  ]);
  expect(await alice.asks('/history ops 5 after #99999999999999999999')).toEqual([
    '* Nothing was said in ops after #9007199254740991.',
  ]);
  for (const asked of [
    '0',
    'ops 0',
    '-5',
    'ops -5',
    'ops five',
    'ops 5 6',
    'after',
    'before',
    'ops after',
    'ops 5 after x',
  ])
    expect(await alice.asks(`/history ${asked}`)).toEqual(
      asked === '-5'
        ? ['! not-in-room: you are not in -5. To go in: /join -5']
        : [`! bad-argument: that is not how to ask for history. ${USAGE}`],
    );
});

test('hundreds of lines after an id come page by page, each once', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await alice.types(...Array.from({ length: 450 }, (_, i) => `line ${i}`));
  const shown = await alice.asks('/history ops 1000 after #0');
  expect(shown).toHaveLength(451);
  expect(new Set(shown).size).toBe(451);
  expect(shown.at(-1)).toBe('* That was 450 lines, up to the newest.');
});

test('a reader that is slow gets all of it, as it reads, and is not cut off', async () => {
  const chat = await Chat.start({ wire: { outbox: { soft: 16_000, hard: 40_000 } } });
  const alice = await chat.person('alice', 'ops');
  for (let i = 0; i < 2000; i += 100)
    await alice.types(...Array.from({ length: 100 }, (_, line) => `line ${i + line}`));
  alice.link.room = 0;
  await alice.types('/history ops 5000 after #0');
  expect(alice.screen()).toEqual([]);
  for (let reads = 0; reads < 50; reads++) {
    alice.link.room = 5000;
    alice.connection.drain();
    await chat.settle();
  }
  const shown = alice.screen();
  expect(shown).toHaveLength(2001);
  expect(shown.at(-1)).toBe('* That was 2000 lines, up to the newest.');
});

test('lines typed just before it are in it, also in one packet', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  alice.sends('one\ntwo\n/history\n/history after #0\n');
  await chat.settle();
  expect(alice.screen()).toEqual([
    '#2 alice (in ops): one',
    '#3 alice (in ops): two',
    '#2 alice (in ops): one',
    '#3 alice (in ops): two',
    '* That was 2 lines, up to the newest.',
  ]);
});

test('history of a room is for those in it', async () => {
  const { chat } = await withLines();
  const bob = await chat.person('bob', 'dev');
  expect(await bob.asks('/history ops')).toEqual(['! not-in-room: you are not in ops. To go in: /join ops']);
  expect(await bob.asks('/history #ops after #0')).toEqual([
    '! not-in-room: you are not in ops. To go in: /join ops',
  ]);
  await bob.types('/leave');
  bob.screen();
  expect(await bob.asks('history')).toEqual([
    '! no-current-room: you are in no room. To go into one: join <room>',
  ]);
});

test('a room whose name is a number takes its # or a number of lines', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', '2024', 'ops');
  await alice.types('in ops', '/join 2024', 'in 2024', '/join ops');
  alice.screen();
  const withoutId = async (asked: string) => (await alice.asks(asked))[0]?.replace(/^#\d+ /, '');
  expect(await withoutId('/history 2024')).toBe('alice (in ops): in ops');
  for (const asked of ['#2024', '2024 5', '2024 5 after #0'])
    expect(await withoutId(`/history ${asked}`)).toBe('alice (in 2024): in 2024');
});

test('an account sees its private lines with a name, and to whom its own went', async () => {
  const { chat, alice } = await withLines();
  const bob = await chat.person('bob');
  await alice.types('/msg bob hello');
  await bob.types('msg alice hi');
  alice.screen();
  expect((await alice.asks('/history @bob')).map(each => each.replace(/^#\d+ /, ''))).toEqual([
    'alice (private to bob): hello',
    'bob (private): hi',
  ]);
  expect(await alice.asks('/history @carol')).toEqual(['* Nothing was said between you and carol yet.']);
  expect(await bob.asks('history @alice')).toEqual([
    '! not-an-account: that is for accounts. To make your name one: /password <new password>',
  ]);
});

test('lines of ignored names are left out, and the way to what is earlier stays', async () => {
  const chat = await Chat.start();
  const bob = await chat.person('bob', 'ops');
  const alice = await chat.person('alice', 'ops');
  await bob.types('early');
  await alice.types('one', 'two');
  await bob.types('/ignore alice');
  bob.screen();
  expect(await bob.asks('/history 2')).toEqual(['* Earlier lines: /history ops 2 before #4']);
  expect(await bob.asks('/history')).toEqual(['#3 bob (in ops): early']);
});

test('a line from before today carries its date, also where live lines have no times', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  await alice.types('hello', '/set time off');
  await chat.wait(86_400_000);
  alice.raw();
  await alice.types('/history');
  expect(alice.raw()).toEqual(['#2 [2026-01-15 12:00:00] alice (in ops): hello']);
});
