import { describe, expect, test } from 'bun:test';
import { edit } from '../../src/wire/edit.ts';

describe('a line typed raw', () => {
  test('loses a character to each ^H and DEL', () => {
    expect(edit('helo\blo')).toBe('hello');
    expect(edit('abc\x7f\x7fx')).toBe('ax');
  });

  test('loses everything so far to ^U', () => {
    expect(edit('wrong\x15right')).toBe('right');
    expect(edit('all\x15')).toBe('');
  });

  test('is not harmed by more backspaces than characters', () => {
    expect(edit('\b\b\x7fa\b\b\bb')).toBe('b');
  });

  test('loses what looks like one character as a whole', () => {
    expect(edit('a👩‍👩‍👧\bb')).toBe('ab');
    expect(edit('caf\u0065\u0301\b')).toBe('caf');
    expect(edit('🇩🇪🇫🇷\b')).toBe('🇩🇪');
  });

  test('keeps its other controls: those are cleaned elsewhere', () => {
    expect(edit('a\x1bb\rc\tdx\b')).toBe('a\x1bb\rc\td');
  });
});
