/** The man page and the installed parley.toml: all of the tables, in the grammar of their formats. */
import { describe, expect, test } from 'bun:test';
import { COMMANDS } from '../../src/cli/commands.ts';
import { manPage } from '../../src/cli/man/page.ts';
import { escaped } from '../../src/cli/man/roff.ts';
import { readSettingsFile } from '../../src/config/file.ts';
import { loadSettings } from '../../src/config/load.ts';
import { sampleSettings } from '../../src/config/sample.ts';
import { KEYS, rowOf } from '../../src/config.ts';
import { fakeWorld } from '../helper/world.ts';

describe('the man page', () => {
  const page = manPage();

  test('has every command, flag and setting', () => {
    for (const [name, { hidden, grammar }] of Object.entries(COMMANDS)) {
      expect(page.includes(escaped(`parley ${name}`)), name).toBe(!hidden);
      for (const flag of Object.keys(grammar?.flags ?? {})) expect(page).toContain(escaped(`--${flag}`));
    }
    for (const key of KEYS) expect(page).toContain(`\\fB${escaped(`--${key}`)}\\fR`);
  });

  test('has no request but those it means, and nothing that is not ASCII', () => {
    const requests = new Set(page.split('\n').flatMap(line => /^[.'](\S*)/.exec(line)?.[1] ?? []));
    expect([...requests].sort()).toEqual(['PP', 'RE', 'RS', 'SH', 'SS', 'TH', 'TP', 'br', 'fi', 'nf']);
    expect(page.match(/[^\n\x20-\x7e]/g)).toBeNull();
    const opened = page.match(/^\.RS/gm)?.length;
    expect(page.match(/^\.RE/gm)?.length).toBe(opened);
  });

  test('escapes what would be markup', () => {
    expect(escaped('.profile -v \\n "x"')).toBe('\\&.profile \\-v \\en \\(dqx\\(dq');
  });
});

describe('the installed parley.toml', () => {
  const sample = sampleSettings();

  test('sets nothing, and explains every setting', () => {
    const read = readSettingsFile('parley.toml', sample);
    expect(read.problems).toEqual([]);
    expect(read.given.size).toBe(0);
    for (const key of KEYS) expect(sample.includes(`\n#${key} = `), key).toBe(rowOf(key).inFile !== false);
  });

  test('shows values that are right: without their #, the defaults that are fixed are as they were', () => {
    const fixed = KEYS.filter(key => {
      const { initial, inFile } = rowOf(key);
      return typeof initial !== 'function' && initial !== null && inFile !== false;
    });
    const text = fixed.map(key => new RegExp(`^#(${key} = .*)$`, 'm').exec(sample)?.[1] ?? '').join('\n');
    const world = fakeWorld({ files: { 'parley.toml': text } });
    const { config, problems } = loadSettings([], world);
    expect(problems).toEqual([]);
    expect(config).toEqual({ ...loadSettings([], fakeWorld()).config, config: 'parley.toml' });
  });

  test('has lines that fit a terminal', () => {
    const long = sample.split('\n').filter(line => line.startsWith('# ') && line.length > 100);
    expect(long).toEqual([]);
  });
});
