/** Search words: what counts as a word, a phrase, a prefix; and "did you mean". */
import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { mostSimilar } from '../../src/backend/similar.ts';
import { hasWords, parseWords } from '../../src/backend/words.ts';
import { fold } from '../../src/chat/names.ts';

const found = (words: string, text: string): boolean => hasWords(text, parseWords(words));

describe('search words', () => {
  test('must all occur, whatever their case, accents and order', () => {
    expect(found('Done DEPLOY', 'the deploy is done')).toBe(true);
    expect(found('deploy tomorrow', 'the deploy is done')).toBe(false);
    expect(found('naive CAFÉ', 'Naïve, but a cafe')).toBe(true);
    expect(found('ДЕПЛОЙ', 'деплой готов')).toBe(true);
  });

  test('are whole words, unless they end in a star', () => {
    expect(found('deplo', 'deploy')).toBe(false);
    expect(found('deplo*', 'deploy')).toBe(true);
    expect(found('日*', '日本語')).toBe(true);
  });

  test('of a letter or two, and past the second, take no star', () => {
    expect(found('d*', 'deploy')).toBe(false);
    expect(parseWords('one* two* three*').map(({ prefix }) => prefix)).toEqual([true, true, false]);
  });

  test('in quotes follow each other', () => {
    expect(found('"is done"', 'the deploy is done')).toBe(true);
    expect(found('"done is"', 'the deploy is done')).toBe(false);
    expect(found('"is done', 'the deploy is done')).toBe(true);
    expect(found('over-there', 'over there')).toBe(true);
    expect(found('over-there', 'there, over')).toBe(false);
  });

  test('with no letter or digit in them are none', () => {
    for (const nothing of ['', '   ', '""', '*', '-- ** ::', '"', '🎉'])
      expect(parseWords(nothing)).toEqual([]);
  });

  test('may be anything: nothing typed fails, and there are never too many', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), typed => {
        const terms = parseWords(typed);
        expect(terms.length).toBeLessThanOrEqual(8);
        for (const { typed: word } of terms) expect(word).not.toContain('\0');
        hasWords(typed, terms);
      }),
    );
  });
});

test('similar names are a slip or two away, fewer for short ones', () => {
  const names = new Map(['al', 'ali', 'alice', 'alexander', 'bob'].map(name => [fold(name), name]));
  expect(mostSimilar(fold('alcie'), names)).toEqual(['ali', 'alice']);
  expect(mostSimilar(fold('alexnader'), names)).toEqual(['alexander']);
  expect(mostSimilar(fold('a'), names)).toEqual(['al']);
  expect(mostSimilar(fold('bob'), names)).toEqual([]);
});
