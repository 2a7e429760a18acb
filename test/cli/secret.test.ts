import { describe, expect, test } from 'bun:test';
import { Refusal } from '../../src/chat/errors.ts';
import { keysIn } from '../../src/cli/keys.ts';
import { firstLine, typedTwice } from '../../src/cli/secret.ts';

/** Types these keys; answers the password or the refusal, and what was shown. */
async function types(keys: string): Promise<{ password: string; shown: string }> {
  const left = [...keysIn(keys)];
  let shown = '';
  const typing = {
    show: (text: string) => {
      shown += text;
    },
    next: async () => left.shift() ?? null,
  };
  try {
    return { password: await typedTwice('Password', typing), shown };
  } catch (error) {
    if (error instanceof Refusal) return { password: `refused: ${error.message}`, shown };
    throw error;
  }
}

const lines = (...chunks: string[]) =>
  firstLine(new Blob(chunks).stream()).catch((error: Refusal) => `refused: ${error.message}`);

describe('a password at a terminal', () => {
  test('is asked for twice and never shown', async () => {
    expect(await types('correct horse\rcorrect horse\r')).toEqual({
      password: 'correct horse',
      shown: 'Password: \nOnce more: \n',
    });
  });

  test('is edited as in a shell; arrows and the like are no part of it', async () => {
    expect((await types('wrong\x15coo\x7frrect\x1b[A\rcorrect\r')).password).toBe('correct');
    expect((await types('naïve 日本\rnaïve 日本\r')).password).toBe('naïve 日本');
  });

  test('that differs, or is not given, is refused', async () => {
    expect((await types('one\rtwo\r')).password).toBe(
      'refused: no password was taken: those two are not the same.',
    );
    for (const keys of ['abc\x03', 'abc\x04', 'abc', ''])
      expect((await types(keys)).password).toBe('refused: no password was taken: none was given.');
  });
});

test('a password on standard input is its first line', async () => {
  expect(await lines('correct horse\nmore\n')).toBe('correct horse');
  expect(await lines('correct ', 'horse')).toBe('correct horse');
  expect(await lines(' spaces are kept \r\n')).toBe(' spaces are kept ');
  expect(await lines('')).toBe('refused: no password was taken: none came on standard input.');
  expect(await lines('\nsecond')).toBe('refused: no password was taken: none came on standard input.');
});
