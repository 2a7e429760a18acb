/** The dispatcher: what it needs, takes, suggests, and what it does with bugs. */
import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { command, splitArgs } from '../../src/command/row.ts';
import { Commands } from '../../src/command/run.ts';
import { commands } from '../../src/command/table.ts';
import { Chat } from '../helper/chat.ts';

describe('who may use a command', () => {
  test('a stranger is told to take a name first, whatever they give', async () => {
    const chat = await Chat.start();
    const stranger = chat.connect();
    await stranger.types('');
    stranger.screen();
    for (const { verb, need } of commands.rows.filter(row => row.need !== 'any' && row.need !== 'visitor'))
      for (const line of [verb, `/${verb} a b c`])
        expect([need, await stranger.asks(line)]).toEqual([
          need,
          ['! not-signed-in: take a name first: register <name>, or login <name> <password>'],
        ]);
  });

  test('what needs a room says so where there is none', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice');
    for (const { verb } of commands.rows.filter(row => row.need === 'room' || row.need === 'operator'))
      expect(await alice.asks(verb)).toEqual([
        '! no-current-room: you are in no room. To go into one: join <room>',
      ]);
  });

  test('what needs an operator says so to everyone else', async () => {
    const chat = await Chat.start();
    await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    for (const { verb } of commands.rows.filter(row => row.need === 'operator'))
      expect(await bob.asks(`/${verb}`)).toEqual(['! not-operator: only an operator of ops may do that.']);
  });
});

describe('what follows a verb', () => {
  test('is split at spaces, and a last … takes the rest as it is', () => {
    expect(splitArgs('<name> [text…]', ' bob  hi  there ')).toEqual(['bob', 'hi  there']);
    expect(splitArgs('<name> [text…]', 'bob')).toEqual(['bob', undefined]);
    expect(splitArgs('<name> [text…]', '\tbob\thi')).toEqual(['bob', 'hi']);
    expect(splitArgs('', '  ')).toEqual([]);
    expect(splitArgs('[a] [b]', 'x')).toEqual(['x', undefined]);
  });

  test('is refused where it is too little or too much', () => {
    expect(splitArgs('<name>', '')).toBe('too few');
    expect(splitArgs('<name> <text…>', 'bob ')).toBe('too few');
    expect(splitArgs('[name]', 'a b')).toBe('too many');
    expect(splitArgs('', 'x')).toBe('too many');
  });

  test('with a missing argument is answered with the usage, for every command that needs one', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const stranger = chat.connect();
    await stranger.types('');
    for (const { verb, need } of commands.rows.filter(row => row.args.startsWith('<'))) {
      const asker = need === 'visitor' ? stranger : alice;
      expect((await asker.asks(`/${verb}`))[0]).toStartWith(
        `! missing-argument: something is missing. Usage: ${verb} <`,
      );
    }
  });
});

describe('a line that is no command', () => {
  const suggested = (verb: string): string | undefined =>
    /mean: (\w+)/.exec(commands.unknown(verb).message)?.[1];

  test('suggests the command it is the start of, or a slip or two away from', () => {
    const meant = {
      jion: 'join',
      regsiter: 'register',
      mesage: 'message',
      hist: 'history',
      exti: 'exit',
      HELPP: 'help',
      leav: 'leave',
      kik: 'kick',
      tpoic: 'topic',
      rooom: 'rooms',
      whoo: 'who',
      searhc: 'search',
      reg: 'register',
    };
    for (const [typed, verb] of Object.entries(meant))
      expect([typed, suggested(typed)]).toEqual([typed, verb]);
  });

  test('suggests nothing where nothing is like it', () => {
    for (const typed of ['xyzzy', 'x', '', 'hi', '/', 'a'.repeat(33), 'deployment', '😀😀😀'])
      expect(suggested(typed)).toBeUndefined();
  });

  test('is told by its start where it is long, and cannot do anything to a terminal', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice');
    expect(await alice.asks('a'.repeat(4000))).toEqual([
      `! unknown-command: ${'a'.repeat(32)}… is not a command. Try: /help`,
    ]);
    expect(await alice.asks('\x1b[2J\u202e')).toEqual([
      '! unknown-command: \ufffd[2J\ufffd is not a command. Try: /help',
    ]);
  });

  test('is refused as that, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), verb => {
        expect(commands.unknown(verb).code).toBe('unknown-command');
      }),
    );
  });
});

describe('a bug in a command', () => {
  test('is logged, told as that, and the session goes on', async () => {
    const chat = await Chat.start();
    const details = ['x'];
    const later = command({
      ...{ verb: 'later', args: '[x…]', summary: 'x', details, need: 'any' },
      run: async () => await Promise.reject(new Error('a bug, later')),
    });
    const now = command({
      ...{ verb: 'now', args: '', summary: 'x', details, need: 'any' },
      run: () => {
        throw new Error('a bug, now');
      },
    });
    Object.assign(chat.clients, { commands: new Commands([...commands.rows, now, later]) });
    const alice = await chat.person('alice');
    for (const verb of ['now', 'later my secret'])
      expect(await alice.asks(verb)).toEqual([
        '! internal: that failed inside parley; it has been logged. Nothing you said before it is lost.',
      ]);
    expect(chat.logged).toHaveLength(2);
    expect(chat.logged[0]).toMatch(/^error a command failed .*"verb":"now".*a bug, now/);
    expect(chat.logged[1]).toMatch(/^error a command failed .*"verb":"later".*a bug, later/);
    expect(chat.logged.join()).not.toContain('secret');
    expect(chat.hub.counters.refusals.internal).toBe(2);
    expect(await alice.asks('who alice')).toEqual(['*   alice  -  active']);
  });
});
