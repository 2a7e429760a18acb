/** Completions: bash is asked as a shell asks, by words and a cursor; the others are held to the tables. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COMMANDS } from '../../src/cli/commands.ts';
import { places } from '../../src/cli/completions/places.ts';
import { completions } from '../../src/cli/completions/scripts.ts';
import { KEYS } from '../../src/config.ts';
import { TextClient } from '../helper/client.ts';
import { runParley, startParley } from '../helper/run-parley.ts';

const cwd = mkdtempSync(join(tmpdir(), 'parley-completions-'));
afterAll(() => rmSync(cwd, { recursive: true }));

/** A program that is asked for names in place of parley: one of them would be run by a careless shell. */
const STAND_IN = `#!/bin/sh
[ "$1" = __complete ] || exit 1
case "$2" in
  rooms) printf '%s\\n' ops ops-night dev "$3$4" ;;
  users) printf '%s\\n' alice 'al\`touch ${cwd}/run\`' bob ;;
  tokens) printf '%s\\n' 1f3a ;;
esac
`;

beforeAll(() => {
  writeFileSync(join(cwd, 'parley'), STAND_IN);
  chmodSync(join(cwd, 'parley'), 0o755);
  writeFileSync(join(cwd, 'parley.bash'), completions('bash'));
});

/** What bash offers for the last of these words. */
async function offers(...words: string[]): Promise<string[]> {
  const script = `source ./parley.bash
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _parley; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const child = Bun.spawn(['bash', '--norc', '-c', script, 'bash', 'parley', ...words], {
    cwd,
    env: { PATH: `${cwd}:${process.env['PATH']}` },
    stdout: 'pipe',
    stderr: 'pipe',
  });
  const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  expect(err).toBe('');
  return out.split('\n').filter(Boolean);
}

describe('bash', () => {
  test('offers commands, and hides what is for programs', async () => {
    const shown = Object.keys(COMMANDS).filter(name => !COMMANDS[name]?.hidden);
    expect((await offers('')).sort()).toEqual(shown.sort());
    expect(shown).not.toContain('__complete');
    expect(await offers('comp')).toEqual(['completions']);
    expect(await offers('completions', 'z')).toEqual(['zsh']);
  });

  test('offers subcommands, then what they take', async () => {
    expect(await offers('token', '')).toEqual(['create', 'list', 'revoke']);
    expect(await offers('token', 'create', 'bot', '--r')).toEqual(['--rooms', '--read']);
    expect(await offers('token', 'revoke', '')).toEqual(['1f3a']);
    expect(await offers('token', 'list', '--')).toContain('--json');
  });

  test('offers settings and their values', async () => {
    for (const key of KEYS) expect(await offers(`--${key}`)).toContain(`--${key}`);
    expect(await offers('serve', '--sync', '')).toEqual(['normal', 'full']);
    expect(await offers('serve', '--sync', '=', 'f')).toEqual(['full']);
    expect(await offers('--accounts', 'r')).toEqual(['required']);
    expect(await offers('backup', '--da')).toEqual(['--data']);
    expect(await offers('backup', 'parley.b')).toEqual(['parley.bash']);
    expect(await offers('serve', '--port', '')).toEqual([]);
    expect(await offers('bench', '--stor')).toEqual(['--storm']);
  }, 20_000);

  test('offers live names, one after the other', async () => {
    expect(await offers('export', '--room', 'op')).toEqual(['ops', 'ops-night']);
    expect(await offers('export', '--room', 'dev,op')).toEqual(['dev,ops', 'dev,ops-night']);
    // The parley that is asked is the one named.
    expect(await offers('export', '--data', 'here', '--room', '--data')).toEqual(['--datahere']);
  });

  test('never runs a name', async () => {
    expect(completions('bash')).not.toContain('compgen -W "$(');
    const script = `source ./parley.bash; cur=al many= settings=() COMPREPLY=(); _parley_names users; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const child = Bun.spawn(['bash', '--norc', '-c', script], {
      cwd,
      env: { PATH: `${cwd}:${process.env['PATH']}` },
      stdout: 'pipe',
    });
    expect((await child.stdout.text()).split('\n')).toEqual(['alice', `al\\\`touch\\ ${cwd}/run\\\``, '']);
    expect(await Bun.file(join(cwd, 'run')).exists()).toBe(false);
  });
});

describe('zsh and fish', () => {
  test.each(['zsh', 'fish'] as const)('%s knows every command and every flag', shell => {
    const script = completions(shell);
    for (const { command, verb, flags } of places()) {
      expect(script).toContain(command);
      expect(script).toContain(verb);
      for (const { name } of flags) expect(script).toContain(shell === 'fish' ? `-l ${name.slice(2)}` : name);
    }
    expect(script).not.toMatch(/undefined|\[object/);
  });
});

describe('parley __complete', () => {
  test('names rooms and people of the running parley, and is quiet where there is none', async () => {
    const data = join(cwd, 'data');
    expect(await runParley(['__complete', 'rooms', '--data', data])).toEqual({ code: 0, out: '', err: '' });
    const { child, ready } = await startParley(
      ['--host', '127.0.0.1', '--port', '0', '--http-port', 'off', '--data', data],
      { cwd },
    );
    const port = Number(/:(\d+)/.exec(ready)?.[1]);
    const ann = await TextClient.signedIn(port, 'ann', 'ops', 'dev');
    expect((await runParley(['__complete', 'rooms', '--data', data])).out).toBe('dev\nops\n');
    expect((await runParley(['__complete', 'users', '--data', data])).out).toBe('ann\n');
    expect(await runParley(['__complete', 'what', '--data', data])).toEqual({ code: 0, out: '', err: '' });
    expect(await runParley(['__complete', 'rooms', '--nonsense'])).toEqual({ code: 0, out: '', err: '' });
    ann.close();
    child.kill('SIGTERM');
    await child.exited;
  }, 20_000);
});
