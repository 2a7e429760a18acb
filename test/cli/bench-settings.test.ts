import { describe, expect, test } from 'bun:test';
import { type BenchSettings, planOf, readBenchSettings } from '../../src/cli/bench-settings.ts';

function plan(...argv: string[]): unknown {
  const settings = readBenchSettings(argv);
  return isSettings(settings) ? planOf(settings, null, 1000) : settings;
}

function isSettings(value: BenchSettings | readonly string[]): value is BenchSettings {
  return !Array.isArray(value);
}

describe('the settings of parley bench', () => {
  test('make a closed loop by default, at this machine', () => {
    expect(plan()).toMatchObject({
      host: '127.0.0.1',
      port: 8080,
      dialect: 'text',
      rooms: 1,
      members: 100,
      speakers: 8,
      load: { window: 8 },
    });
  });

  test('are read from both forms of a flag', () => {
    const argv = [
      '--target',
      '[::1]:6667',
      '--dialect=irc',
      '--rate=250',
      '--warm-up',
      '0.5',
      '--members',
      '2',
    ];
    expect(plan(...argv)).toMatchObject({
      host: '::1',
      port: 6667,
      dialect: 'irc',
      load: { rate: 250 },
      warmUp: 0.5,
      speakers: 2,
    });
  });

  test('of a storm make an open loop beside it', () => {
    expect(plan('--storm', '50')).toMatchObject({ storm: 50, members: 10, load: { rate: 200 } });
  });
});

describe('what is wrong with them is said in one sentence each', () => {
  test.each<readonly [readonly string[], readonly string[]]>([
    [['--rooms', 'x'], ['--rooms: "x" is not a whole number. Allowed: 0 to 100000']],
    [['--rooms'], ['--rooms: its value is missing. Allowed: 0 to 100000']],
    [['--windw', '1'], ['--windw: there is no such setting. Did you mean --window?']],
    [['fast'], ['bench takes no "fast": a setting was expected, such as --rooms 10']],
    [['--dialect', 'json'], ['--dialect: parley does not speak json yet. Allowed: text or irc']],
    [
      ['--target', 'unix:/x'],
      ['--target: "unix:/x" is not a host and a port. Allowed: HOST:PORT or [IPV6]:PORT'],
    ],
    [['--size', '10'], ['--size: "10" is less than 25. Allowed: 25 to 16000; written as 4096, 256K or 10MB']],
    [
      ['--seconds', '0', '--pid', 'x'],
      [
        '--seconds: "0" is less than 0.1. Allowed: a number from 0.1 to 3600',
        '--pid: "x" is not a process. Allowed: the number of a process, or auto',
      ],
    ],
  ])('%j', (argv, expected) => {
    expect(plan(...argv)).toEqual(expected);
  });

  test.each<readonly [readonly string[], string]>([
    [['--window', '1', '--rate', '1'], '--window and --rate exclude each other: a loop is closed or open.'],
    [
      ['--members', '5', '--speakers', '6'],
      '--speakers: 6 of 5 members cannot speak. Allowed: at most --members',
    ],
    [['--dialect', 'irc', '--size', '500'], '--size: a line of irc carries at most 400 bytes here.'],
    [
      ['--target', 'chat.example:8080'],
      '--target: chat.example is not this machine. If the server is yours, say so: --i-own-this-server',
    ],
    [['--rooms', '0'], 'there is nobody to connect: --rooms, --idle, --private and --storm are all 0.'],
    [['--idle', '99999'], '100099 connections are too many. Allowed: fewer than 100000'],
    [
      ['--idle', '2000'],
      'a process may have 1000 open files, too few for 2100 connections. Raise it (ulimit -n), or share them out: --processes',
    ],
  ])('%j', (argv, expected) => {
    expect(plan(...argv)).toBe(expected);
  });

  test('but a server elsewhere that is one’s own is allowed', () => {
    expect(plan('--target', 'chat.example:8080', '--i-own-this-server')).toMatchObject({
      host: 'chat.example',
    });
  });
});
