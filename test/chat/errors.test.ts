import { describe, expect, test } from 'bun:test';
import { ERROR_CODES, type ErrorCode, errorSentence, Refusal, refusal } from '../../src/chat/errors.ts';
import { Chat } from '../helper/chat.ts';

/** The sentence of a code with these words in place of whatever it names. */
function sentence(code: ErrorCode, ...words: string[]): string {
  return Reflect.apply(refusal, null, [code, ...words]).message;
}

/** Codes whose second word may be missing. */
const OPTIONAL: readonly ErrorCode[] = ['unknown-command', 'no-such-name', 'banned'];
/** Codes whose whole sentence is written elsewhere. */
const FREE: readonly ErrorCode[] = ['bad-setting'];

describe('every error code', () => {
  test('is lower-case words with dashes, and there is more than one', () => {
    expect(ERROR_CODES.length).toBeGreaterThan(50);
    for (const code of ERROR_CODES) expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  test('says one line of plain words, ending with a stop or with what to type', () => {
    for (const code of ERROR_CODES.filter(each => !FREE.includes(each))) {
      const said = [sentence(code, 'alpha', 'beta', 'gamma')];
      if (OPTIONAL.includes(code)) said.push(sentence(code, 'alpha', ''));
      for (const each of said) {
        expect(each).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]|undefined|null|NaN|\[object|^\s|\s$| {2}/u);
        expect(each).toMatch(/[.?]$|: \S[^:]*$/);
      }
    }
  });

  test('can be put into the README', () => {
    for (const code of ERROR_CODES) expect(errorSentence(code)).not.toBe('');
  });

  test('is one line on a terminal, whatever it names', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice');
    for (const code of ERROR_CODES) {
      alice.client.face.refusal(
        new Refusal(code, sentence(code, 'a\nb\r\x1b[31m', '\u009b\u202e\0', '\t\x7f')),
      );
      await chat.settle();
      const lines = alice.raw();
      expect(lines).toHaveLength(1);
      expect(lines[0]).toStartWith(`! ${code}: `);
      expect(lines[0]).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
    }
  });
});

describe('a refusal', () => {
  test('is a code for programs and a sentence for people', () => {
    const refused = refusal('name-taken', 'alice');
    expect(refused).toBeInstanceOf(Refusal);
    expect(refused).not.toBeInstanceOf(Error);
    expect(refused.code).toBe('name-taken');
    expect(refused.message).toBe('alice is in use. Try another name, or: login alice <password>');
    expect(`${refused}`).toBe('name-taken: alice is in use. Try another name, or: login alice <password>');
  });
});
