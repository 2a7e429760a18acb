/** What holds for every command, whatever it does. */
import { describe, expect, test } from 'bun:test';
import { OPTION_NAMES } from '../../src/chat/options.ts';
import { command, usage } from '../../src/command/row.ts';
import { Commands } from '../../src/command/run.ts';
import { commands } from '../../src/command/table.ts';

const row = (verb: string, aliases: readonly string[] = []) =>
  command({ verb, aliases, args: '', summary: 'x', details: ['x'], need: 'any', run: () => {} });

describe('every command', () => {
  test('has help: a summary and more, one plain line each', () => {
    for (const { summary, details } of commands.rows) {
      expect(details.length).toBeGreaterThan(0);
      for (const line of [summary, ...details]) expect(line).toMatch(/^[^\p{C}]+$/u);
      expect(summary).not.toMatch(/\.$/);
    }
  });

  test('is found by its verb and aliases in any case, and nothing else is', () => {
    for (const each of commands.rows)
      for (const verb of [each.verb, ...each.aliases]) {
        expect(verb).toMatch(/^[a-z?]+$/);
        expect(commands.find(verb)).toBe(each);
        expect(commands.find(verb.toUpperCase())).toBe(each);
      }
    for (const verb of ['', 'constructor', '__proto__', 'join ', 'xyzzy'])
      expect(commands.find(verb)).toBeUndefined();
  });

  test('says what it takes in its usage, musts before mays', () => {
    for (const each of commands.rows) {
      expect(usage(each)).toStartWith(each.verb);
      expect(each.args).toMatch(/^(<[^<>]+>( |$))*(\[[^[\]]+\]( |$))*$/);
      expect(each.args.replace(/…[>\]]$/, '')).not.toContain('…');
    }
  });

  test('of the first version is there', () => {
    const promised =
      'register login password who rooms users list join leave create message msg history search topic me away ignore invite kick ban op set help exit quit';
    for (const verb of promised.split(' ')) expect(commands.find(verb)?.verb).toBeString();
    expect(OPTION_NAMES).toEqual(['time', 'color', 'echo', 'notices', 'prompt']);
  });
});

describe('a table', () => {
  test('with a command that has no help does not start', () => {
    expect(() => new Commands([{ ...row('x'), summary: '' }])).toThrow('the command x has no help');
    expect(() => new Commands([{ ...row('x'), details: [] }])).toThrow('the command x has no help');
  });

  test('with two commands of one name does not start', () => {
    expect(() => new Commands([row('x'), row('x')])).toThrow('two commands are called x');
    expect(() => new Commands([row('x'), row('y', ['x'])])).toThrow('two commands are called x');
    expect(() => new Commands([row('x', ['y']), row('z', ['y'])])).toThrow('two commands are called y');
  });
});
