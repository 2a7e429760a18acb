import { expect, test } from 'bun:test';
import { usage } from '../../src/command/row.ts';
import { commands } from '../../src/command/table.ts';
import { Chat } from '../helper/chat.ts';

test('help shows every command of the table, and how lines are read where one is', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  const outside = await alice.asks('help');
  expect(outside[0]).toBe(
    '* Type a command. Once you are in a room, lines are said to it and commands start with /, as in /who.',
  );
  expect(outside).toHaveLength(commands.rows.length + 1);
  for (const [at, row] of commands.rows.entries()) {
    expect(outside[at + 1]).toStartWith(`*   ${usage(row)} `);
    expect(outside[at + 1]).toEndWith(`  ${row.summary}`);
  }
  await alice.types('/join ops');
  alice.screen();
  expect((await alice.asks('/help'))[0]).toBe(
    '* In a room, what you type is said to it. Commands start with /, as in /who. // says a line that starts with /.',
  );
});

test('help of a command tells what it takes and does, and what else it is called', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  const told = [
    '* exit [why…]: leave parley',
    '*   An account stays in its rooms and finds what it missed on coming back; a guest leaves them.',
    '*   Also called: quit',
  ];
  for (const verb of ['exit', 'quit', '/exit', 'EXIT'])
    expect(await alice.asks(`help ${verb}`)).toEqual(told);
});

test('help works before signing in, and of itself', async () => {
  const chat = await Chat.start();
  const someone = chat.connect();
  for (const line of ['help help', '? help', 'commands help']) {
    await someone.types(line);
    expect(someone.screen()).toContain('* help [command]: this list, or all about one command');
  }
});

test('help of what is no command suggests the one that was meant', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice');
  expect(await alice.asks('help hsitory')).toEqual([
    '! unknown-command: hsitory is not a command. Did you mean: history?',
  ]);
  expect(await alice.asks('help xyzzy')).toEqual(['! unknown-command: xyzzy is not a command. Try: /help']);
  expect(await alice.asks('help join please')).toEqual([
    '! too-many-arguments: that is more than it takes. Usage: help [command]',
  ]);
});
