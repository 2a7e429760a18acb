/** What commands print for people: tables, numbers, sizes and times. Nothing from outside steers the terminal. */
import { clean } from '../chat/text.ts';

/** Columns under their titles, each as wide as its widest cell; numbers to the right. */
export function table(titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const cells = rows.map(row => row.map(cell => (typeof cell === 'number' ? grouped(cell) : clean(cell))));
  const widths = titles.map((title, at) =>
    Math.max(Bun.stringWidth(title), ...cells.map(row => Bun.stringWidth(row[at] ?? ''))),
  );
  const line = (row: readonly string[], right: (at: number) => boolean) =>
    `${row
      .map((cell, at) => {
        const space = ' '.repeat(Math.max(0, (widths[at] ?? 0) - Bun.stringWidth(cell)));
        return right(at) ? `${space}${cell}` : `${cell}${space}`;
      })
      .join('  ')
      .trimEnd()}\n`;
  const isNumber = (at: number) => rows.length > 0 && rows.every(row => typeof row[at] === 'number');
  return [titles, ...cells].map(row => line(row, isNumber)).join('');
}

/** `1234567` -> `1,234,567`; a fraction keeps one digit. */
export function grouped(number: number): string {
  return number.toLocaleString('en-US', { maximumFractionDigits: 1 });
}

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;

/** `1536` -> `1.5 KB`, by 1024. */
export function size(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 1023.95 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[unit]}`;
}

const SPANS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
] as const;

/** The two largest units: `3 d 4 h`, `12 min 5 s`, `7 s`; below a second `0 s`. */
export function span(ms: number): string {
  const first = SPANS.findIndex(([unit]) => ms >= unit);
  if (first < 0) return '0 s';
  const parts: string[] = [];
  let left = ms;
  for (const [unit, name] of SPANS.slice(first, first + 2)) {
    const count = Math.floor(left / unit);
    left -= count * unit;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(' ');
}

/** `2026-01-15T10:30:15.000Z` -> `2026-01-15 10:30`, in UTC. */
export function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

/** `1 connection`, `2 connections`. */
export function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;
}

export function json(data: object): string {
  return `${JSON.stringify(data, null, 2)}\n`;
}
