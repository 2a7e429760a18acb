import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { Refusal } from '../../src/chat/errors.ts';
import { fold, parseName, parseRoom } from '../../src/chat/names.ts';

const RULES = { nameLength: 32, roomLength: 64 };

/** The name, or the sentence that says why it cannot be one. */
function named(input: string): string {
  const name = parseName(input, RULES);
  return name instanceof Refusal ? name.toString() : name;
}

function roomNamed(input: string): string {
  const room = parseRoom(input, RULES);
  return room instanceof Refusal ? room.toString() : room;
}

const BAD_NAME =
  "bad-name: that name cannot be used: it may have letters, digits and _-[]\\`^{}|, not starting with a digit or '-'.";
const BAD_ROOM =
  'bad-room: that room name cannot be used: it may have letters, digits and _.+~-, starting with a letter, digit or _.';

describe('a name', () => {
  test('is made of letters of any script, digits and what IRC allows', () => {
    for (const name of [
      'alice',
      'Zoë',
      'Øystein',
      'жанна',
      'Νίκος',
      '小林',
      'नमस्ते',
      'a1',
      '_x',
      '[bot]',
      '`^{|}\\',
      'a-b',
    ])
      expect(named(name)).toBe(name);
  });

  test('does not start with a digit or a dash, and has no spaces, signs or marks of a room', () => {
    for (const name of [
      '1st',
      '-x',
      'a b',
      '@alice',
      '#ops',
      'a/b',
      'a:b',
      'a.b',
      'a,b',
      '😀',
      'a\x1b[31m',
      'a\n',
    ])
      expect(named(name)).toBe(BAD_NAME);
    expect(named('')).toBe('bad-name: that name cannot be used: it is empty.');
  });

  test('is as long as the rules say, in characters', () => {
    expect(named('é'.repeat(32))).toBe('é'.repeat(32));
    expect(named('𝕒'.repeat(32))).toBe('a'.repeat(32));
    expect(named('a'.repeat(33))).toBe(
      'bad-name: that name cannot be used: it is longer than 32 characters.',
    );
    expect(named('a'.repeat(100_000))).toContain('longer than 32 characters');
  });

  test('is not one of those parley speaks in, however they are written', () => {
    for (const name of ['parley', 'Parley', 'SYSTEM', 'ｐａｒｌｅｙ', 'everyone', 'server'])
      expect(named(name)).toEndWith("is parley's own.");
  });

  test('does not mix alphabets that look alike', () => {
    expect(named('аlice')).toBe('bad-name: that name cannot be used: it mixes alphabets that look alike.');
    expect(named('αlpha')).toContain('mixes alphabets');
    expect(named('alice小林')).toBe('alice小林');
  });

  test('has nothing in it that is not seen: two names that look the same are the same', () => {
    for (const hidden of ['\ufe0f', '\u034f', '\u115f', '\u3164', '\u{e0100}', '\u180b'])
      expect(named(`alice${hidden}`)).toBe(
        'bad-name: that name cannot be used: it has invisible characters.',
      );
    for (const hidden of ['\u200b', '\u200d', '\u00ad', '\u2060', '\u202e'])
      expect(named(`a${hidden}`)).toBe(BAD_NAME);
    expect(named('\u3164')).toContain('invisible');
  });

  test('does not stack marks on a letter', () => {
    expect(named('a\u0316\u0317\u0318')).toBe('a\u0316\u0317\u0318');
    expect(named(`a${'\u0316'.repeat(4)}`)).toBe(
      'bad-name: that name cannot be used: it stacks too many marks on one letter.',
    );
  });

  test('is kept in one spelling, whichever way it was typed', () => {
    expect(named('Zoe\u0308')).toBe('Zoë');
    expect(named('ｂｏｂ')).toBe('bob');
  });
});

describe('a room', () => {
  test('may start with a digit, and takes its # or leaves it', () => {
    for (const room of ['ops', '2024', '_', 'a.b+c~d-e', 'комната', '部屋']) {
      expect(roomNamed(room)).toBe(room);
      expect(roomNamed(`#${room}`)).toBe(room);
    }
  });

  test('has no spaces, no second # and none of the signs that names are told by', () => {
    for (const room of ['a b', '##ops', '@ops', '.ops', '+ops', '-', 'a#b', 'a/b', '\x07', 'a\u202eb'])
      expect(roomNamed(room)).toBe(BAD_ROOM);
    for (const room of ['', '#'])
      expect(roomNamed(room)).toBe('bad-room: that room name cannot be used: it is empty.');
  });

  test('is as long as the rules say', () => {
    expect(roomNamed('a'.repeat(64))).toBe('a'.repeat(64));
    expect(roomNamed('a'.repeat(65))).toBe(
      'bad-room: that room name cannot be used: it is longer than 64 characters.',
    );
  });
});

describe('two names', () => {
  test('are the same in upper and lower case and in every spelling', () => {
    expect(fold('ALICE')).toBe(fold('alice'));
    expect(fold('ZOË')).toBe(fold('zoe\u0308'));
    expect(fold('Ｂｏｂ')).toBe(fold('bob'));
    expect(fold('alice')).not.toBe(fold('alicе'));
  });

  test('stay the same however often they are folded, and one that was taken is good a second time', () => {
    const typed = fc
      .array(fc.constantFrom(...'aZé1_-ЖσςßﷺＡ\u0301\u0316 #@\ufe0f\u00ad\x1b'), { maxLength: 8 })
      .map(all => all.join(''));
    fc.assert(
      fc.property(fc.oneof(typed, fc.string({ unit: 'binary', maxLength: 6 })), input => {
        for (const parse of [parseName, parseRoom]) {
          const name = parse(input, RULES);
          if (name instanceof Refusal) continue;
          expect(parse(name, RULES)).toBe(name);
          expect<string>(fold(fold(name))).toBe(fold(name));
          expect(/[\s\p{C}]/u.test(name)).toBe(false);
        }
      }),
    );
  });
});
