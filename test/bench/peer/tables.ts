/** Tables of Markdown, lined up so that they read well on a terminal too. */
import type { Spread } from '../kit/stats.ts';

export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

export function render({ title, columns, rows, notes }: Table): string {
  const widths = columns.map((column, at) =>
    Math.max(column.length, 3, ...rows.map(row => row[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, at) => pad(cells[at] ?? '', width, at)).join(' | ')} |`;
  const rule = `| ${widths.map((width, at) => (at === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const below = notes.length === 0 ? [] : ['', ...notes];
  return [`**${title}**`, '', line(columns), rule, ...rows.map(line), ...below].join('\n');
}

/** Median, with the least and the most of the rounds. */
export function cell(value: Spread): string {
  if (Number.isNaN(value.median)) return '-';
  const around = value.rounds > 1 ? ` (${number(value.low)}–${number(value.high)})` : '';
  return `${number(value.median)}${around}`;
}

/** A spread in other units: each of its numbers times `factor`. */
export function times({ median, low, high, rounds }: Spread, factor: number): Spread {
  return { median: median * factor, low: low * factor, high: high * factor, rounds };
}

/** Three digits that mean something. */
export function number(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

function pad(text: string, width: number, at: number): string {
  return at === 0 ? text.padEnd(width) : text.padStart(width);
}
