import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { Mark, markedText, stamp } from '../../src/bench/mark.ts';
import { Reader } from '../../src/bench/reader.ts';

interface Seen {
  readonly speaker: number;
  readonly sequence: number;
  readonly at: number;
}

/** A line as a server shows it. */
function line(seen: Seen, before = '[10:00:00] mab00001 (in bab00000): ', end = '\n', size = 60): string {
  const bytes = Buffer.from(`${before}${markedText(size, seen.speaker)}${end}`);
  stamp(bytes, bytes.length - end.length, seen.sequence, seen.at);
  return bytes.toString();
}

/** Everything a reader makes of bytes that come in pieces of these lengths. */
function read(text: string, pieces: readonly number[], watched: boolean) {
  const marks: Seen[] = [];
  const others: string[] = [];
  const reader = new Reader(
    watched ? ({ speaker, sequence, at }) => marks.push({ speaker, sequence, at }) : null,
    other => others.push(other.toString()),
  );
  let rest = Buffer.from(text);
  for (const piece of pieces) {
    reader.take(rest.subarray(0, piece));
    rest = rest.subarray(piece);
  }
  reader.take(rest);
  return { count: reader.count, marks, others };
}

test('a mark reads back as it was written, before LF and before CRLF', () => {
  fc.assert(
    fc.property(
      fc.nat(99_999),
      fc.nat(99_999_999),
      fc.nat(),
      fc.constantFrom('\n', '\r\n'),
      (who, n, at, end) => {
        const bytes = Buffer.from(line({ speaker: who, sequence: n, at }, ':a!b@c PRIVMSG #r :', end));
        const mark = new Mark();
        expect(mark.read(bytes, bytes.length - 1)).toBe(true);
        expect(mark).toMatchObject({ speaker: who, sequence: n, at });
      },
    ),
  );
});

test.each(['', '* bob joined ops', '! slow-down: too fast', ':s 001 a :12345 12345678 123456789x'])(
  'a line without a mark is not taken for one: %j',
  text => {
    const bytes = Buffer.from(`${text}\n`);
    expect(new Mark().read(bytes, bytes.length - 1)).toBe(false);
  },
);

describe('whatever the pieces the bytes come in', () => {
  const item = fc.oneof(
    { weight: 4, arbitrary: fc.record({ speaker: fc.nat(9), sequence: fc.nat(999), at: fc.nat(99_999) }) },
    fc.constantFrom('* bob joined ops', '! slow-down: too fast', 'PING :x', ''),
  );
  const pieces = fc.array(fc.nat(200), { maxLength: 30 });

  test.each([true, false])(
    'every line of load is counted, every other handed over (watched: %p)',
    watched => {
      fc.assert(
        fc.property(
          fc.array(item, { maxLength: 40 }),
          pieces,
          fc.constantFrom('\n', '\r\n'),
          (items, cuts, end) => {
            const text = items
              .map(each => (typeof each === 'string' ? `${each}\n` : line(each, undefined, end)))
              .join('');
            const marks = items.filter(each => typeof each !== 'string');
            const others = items.filter(each => typeof each === 'string');
            expect(read(text, cuts, watched)).toEqual({
              count: marks.length,
              marks: watched ? marks : [],
              others,
            });
          },
        ),
      );
    },
  );
});

test('lines of another length are counted too', () => {
  const some = [1, 2, 3].map(sequence => line({ speaker: 1, sequence, at: 0 }, `${'x'.repeat(sequence)} `));
  expect(read(some.join(''), [10, 100], false).count).toBe(3);
});
