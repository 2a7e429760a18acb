import { describe, expect, test } from 'bun:test';
import type { CommandRow } from '../../src/cli/commands.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { readLine } from '../../src/cli/operator-line.ts';
import { wishOf } from '../../src/cli/token.ts';
import { fakeWorld } from '../helper/world.ts';

function read(...argv: string[]) {
  const [name = '', ...rest] = argv;
  return readLine(name, COMMANDS[name] as CommandRow, rest, fakeWorld());
}

function line(...argv: string[]) {
  const asked = read(...argv);
  if ('length' in asked) throw new Error(asked.join('\n'));
  return asked;
}

function problem(...argv: string[]): string {
  const asked = read(...argv);
  return 'length' in asked ? (asked[0] ?? '') : 'nothing is wrong';
}

describe('a line', () => {
  test('has its words wherever its flags and settings are', () => {
    for (const argv of [
      ['kick', 'bob', 'spam', 'spam', '--data', 'd'],
      ['kick', '--data', 'd', 'bob', 'spam spam'],
      ['kick', 'bob', '--data=d', 'spam', 'spam'],
    ]) {
      const { words, config } = line(...argv);
      expect([words, config.data]).toEqual([['bob', 'spam spam'], 'd']);
    }
    expect(line('status', '--json').flags.has('json')).toBe(true);
    expect(line('log', '--level', 'warn', '--recent=7').flags.get('level')).toEqual(['warn']);
  });

  test('has words after -- whatever they look like', () => {
    expect(line('announce', '--data', 'd', '--', '-5', '--degrees').words).toEqual(['-5 --degrees']);
  });

  test('has a verb where its command has some', () => {
    expect(line('user', 'promote', 'alice')).toMatchObject({ verb: 'promote', words: ['alice'] });
    expect(line('room', 'topic', 'ops', 'all', 'is', 'well').words).toEqual(['ops', 'all is well']);
    expect(line('room', 'topic', 'ops').words).toEqual(['ops']);
    expect(line('ban', '192.0.2.0/24').words).toEqual(['192.0.2.0/24']);
  });

  test('of a token says for which rooms; both to read and to write where neither is said', () => {
    const wish = (...argv: string[]) => wishOf(line('token', 'create', ...argv));
    expect(wish('bot')).toEqual({ name: 'bot', rooms: null, read: true, write: true });
    expect(wish('bot', '--rooms', 'ops, dev', '--read')).toEqual({
      name: 'bot',
      rooms: ['ops', 'dev'],
      read: true,
      write: false,
    });
    expect(wish('bot', '--rooms=ops', '--data', 'd', '--write', '--rooms', 'dev').rooms).toEqual([
      'ops',
      'dev',
    ]);
    expect(wish('bot', '--read', '--write')).toMatchObject({ read: true, write: true });
  });
});

describe('wrong usage is one sentence', () => {
  test.each([
    [['user'], /^Usage: parley user list \[--json\] · parley user add NAME · .* · parley user delete NAME$/],
    [['user', 'frobnicate', 'bob'], /^"frobnicate": Usage: parley user list/],
    [['user', 'lst'], /^"lst": did you mean parley user list\?$/],
    [['user', 'add'], /^NAME is missing\. Usage: parley user add NAME$/],
    [['user', 'add', ''], /^NAME is missing/],
    [['user', 'add', 'bob', 'secret'], /^that is more than it takes\. Usage: parley user add NAME$/],
    [['user', 'list', 'bob'], /^that is more than it takes\. Usage: parley user list \[--json\]$/],
    [['kick'], /^NAME is missing\. Usage: parley kick NAME \[REASON…\]/],
    [['announce'], /^TEXT is missing/],
    [['announce', ' '], /^TEXT is missing/],
    [['unban', 'bob', 'alice'], /^that is more/],
    [['log', '--level', 'loud'], /^--level: "loud" is none of debug, info, warn, error\.$/],
    [['log', '--level'], /^--level: LEVEL is missing\.$/],
    [['log', '--json=yes'], /^--json takes no value\.$/],
    [['status', '--jsno'], /^--jsno, from the command line: .* Did you mean --json\?$/],
    [['status', '--data'], /^data, from --data: its value is missing/],
    [['token', 'create', 'bot', '--rooms'], /^--rooms: ROOM,… is missing\.$/],
    [['token', 'create', 'bot', '--raed'], /Did you mean --read\?$/],
    [['token', 'create', '--rooms', 'ops'], /^NAME is missing/],
    [['token', 'create', 'bot', '--json'], /^--json, from the command line: there is no such setting/],
    [['token', 'revoke'], /^ID is missing\. Usage: parley token revoke ID$/],
  ] as const)('%p', (argv, why) => {
    expect(problem(...argv)).toMatch(why);
  });
});
