import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { counted, size, span, table } from '../../src/cli/table.ts';

describe('a table', () => {
  test('has columns as wide as they are on a terminal, numbers to the right', () => {
    expect(
      table(
        ['name', 'lines', 'about'],
        [
          ['日本', 1234, 'x'],
          ['bob', 5, ''],
        ],
      ),
    ).toBe('name  lines  about\n日本  1,234  x\nbob       5\n');
  });

  test('lets nothing steer the terminal, whatever is in it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.nat())), rows => {
        const text = table(['a', 'b'], rows);
        expect(text.split('\n')).toHaveLength(rows.length + 2);
        expect(text.replaceAll('\n', '')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
  });
});

test('sizes are short', () => {
  expect([0, 1023, 1024, 1536, 200 * 1024, 1023.99 * 1024, 5 * 1024 ** 4].map(size)).toEqual([
    '0 B',
    '1023 B',
    '1.0 KB',
    '1.5 KB',
    '200 KB',
    '1.0 MB',
    '5.0 TB',
  ]);
});

test('spans name their two largest units', () => {
  expect([0, 999, 7000, 60_000, 725_000, 3_600_000, 100 * 3_600_000].map(span)).toEqual([
    '0 s',
    '0 s',
    '7 s',
    '1 min',
    '12 min 5 s',
    '1 h',
    '4 d 4 h',
  ]);
  expect([counted(1, 'line'), counted(1200, 'line')]).toEqual(['1 line', '1,200 lines']);
});
