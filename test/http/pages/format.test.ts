import { describe, expect, test } from 'bun:test';
import {
  bytes,
  count,
  counted,
  elapsed,
  exact,
  moment,
  rate,
  span,
  tick,
  words,
} from '../../../src/http/pages/dashboard/format.ts';

describe('numbers of the dashboard', () => {
  const rows: [(value: number) => string, number, string][] = [
    [count, 0, '0'],
    [count, 12_345, '12,345'],
    [count, 99_999, '99,999'],
    [count, 100_000, '100K'],
    [count, 1_234_567, '1.23M'],
    [count, 912_345_678, '912M'],
    [exact, 1_234_567, '1,234,567'],
    [rate, 0, '0'],
    [rate, 0.25, '0.3'],
    [rate, 12, '12.0'],
    [rate, 99.96, '100'],
    [rate, 4210.4, '4,210'],
    [bytes, 0, '0 B'],
    [bytes, 999, '999 B'],
    [bytes, 1000, '0.977 KiB'],
    [bytes, 1536, '1.50 KiB'],
    [bytes, 1023 * 1024, '0.999 MiB'],
    [bytes, 66 * 1024 * 1024, '66.0 MiB'],
    [bytes, 3 * 1024 ** 5, '3,070 TiB'],
    [elapsed, 0, '0 µs'],
    [elapsed, 0.085, '85 µs'],
    [elapsed, 0.9996, '1.00 ms'],
    [elapsed, 4.2, '4.20 ms'],
    [elapsed, 999.6, '1.00 s'],
    [elapsed, 23_456, '23.5 s'],
    [span, -5, '0 s'],
    [span, 8_900, '8 s'],
    [span, 725_000, '12 min 5 s'],
    [span, 4 * 3_600_000 + 60_000, '4 h 1 min'],
    [span, (3 * 24 + 4) * 3_600_000, '3 d 4 h'],
  ];
  for (const [format, value, shown] of rows) {
    test(`${format.name} of ${value} is ${shown}`, () => expect(format(value)).toBe(shown));
  }

  test('an axis has no needless zeros', () => {
    expect([0, 64, 1.5].map(mib => tick(mib * 1024 * 1024, bytes))).toEqual(['0', '64 MiB', '1.50 MiB']);
    expect(tick(100, rate)).toBe('100');
    expect(tick(20, rate)).toBe('20');
    expect(tick(1000, elapsed)).toBe('1 s');
  });

  test('one is told from many', () => {
    expect(counted(1, 'ban', 'bans')).toBe('1 ban');
    expect(counted(1200, 'ban', 'bans')).toBe('1,200 bans');
  });

  test('a moment of today has no date', () => {
    const now = new Date(2026, 2, 3, 12, 0, 0).getTime();
    expect(moment(now - 60_000, now)).toBe('11:59:00');
    expect(moment(now - 86_400_000, now)).toBe('2 Mar, 12:00');
  });

  test('codes are shown as words', () => expect(words('sign-in-timeout')).toBe('Sign in timeout'));
});
