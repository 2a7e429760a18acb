import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { clean } from '../../src/chat/text.ts';

/** What may do something to a terminal, or show text in another order than it was written. */
const UNSAFE =
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffc]|\p{Surrogate}/u;

describe('text from another', () => {
  test('is shown as it is where it is safe, in any script and with every emoji', () => {
    for (const text of [
      'hello',
      '',
      'a  b',
      'naïve',
      'Привет',
      '漢字',
      '👩‍👩‍👧',
      'e\u0301',
      'a\u00a0b',
      '\ufffd',
    ])
      expect(clean(text)).toBe(text);
  });

  test('shows each control, separator and bidi control as U+FFFD, and a tab as spaces', () => {
    expect(clean('\x1b[31mred\x07')).toBe('\ufffd[31mred\ufffd');
    expect(clean('a\tb')).toBe('a    b');
    expect(clean('one\ntwo\rthree')).toBe('one\ufffdtwo\ufffdthree');
    expect(clean('\u009b2J\u0085\u2028\u2029')).toBe('\ufffd2J\ufffd\ufffd\ufffd');
    expect(clean('\u202eexe.txt\u2066\u200f')).toBe('\ufffdexe.txt\ufffd\ufffd');
    expect(clean('\ud800x')).toBe('\ufffdx');
  });

  test('is never unsafe, whatever it was, and cleaning it again changes nothing', () => {
    const any = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(fc.integer({ min: 0, max: 0xffff })).map(units => String.fromCharCode(...units)),
    );
    fc.assert(
      fc.property(any, text => {
        const cleaned = clean(text);
        expect(UNSAFE.test(cleaned)).toBe(false);
        expect(clean(cleaned)).toBe(cleaned);
        if (!UNSAFE.test(text)) expect(cleaned).toBe(text);
      }),
    );
  });

  test('is cleaned of every character of Unicode that is a control or turns the direction', () => {
    for (let code = 0; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      if (/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Surrogate}]/u.test(character))
        expect(clean(character).includes(character)).toBe(false);
    }
  });
});
