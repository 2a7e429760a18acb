/** What a benchmark prints: one small table, or with `--json` one object. Nothing else goes to standard output. */
import { cpus } from 'node:os';
import type { Spread } from './stats.ts';

/** A cell: words, or the spread of a number over the rounds, in the unit its column names. */
export type Cell = string | Spread;

export interface Report {
  readonly title: string;
  /** Conditions that a reader needs beside the numbers. */
  readonly notes: readonly string[];
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
  /** What had to hold, and did not: the benchmark fails. */
  readonly failures: readonly string[];
}

/** Prints, and sets the exit code where something did not hold. */
export function report({ title, notes, columns, rows, failures }: Report, json: boolean): void {
  if (failures.length > 0) process.exitCode = 1;
  if (json) {
    const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', bun: Bun.version };
    process.stdout.write(`${JSON.stringify({ title, machine, notes, columns, rows, failures })}\n`);
    return;
  }
  const cells = [columns, ...rows.map(row => row.map(show))];
  const widths = columns.map((_, at) => Math.max(...cells.map(row => row[at]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ');
  const rule = widths.map(width => '-'.repeat(width)).join('  ');
  const [head = [], ...body] = cells;
  const lines = [title, '', line(head), rule, ...body.map(line), ''];
  for (const note of notes) lines.push(note);
  for (const failure of failures) lines.push(`FAILED: ${failure}`);
  process.stdout.write(`${lines.map(text => text.trimEnd()).join('\n')}\n`);
}

/** Says on standard error how far it is, so that a minute of measuring is not a minute of silence. */
export function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

function show(cell: Cell): string {
  if (typeof cell === 'string') return cell;
  if (Number.isNaN(cell.median)) return '-';
  const around = cell.rounds > 1 ? ` (${number(cell.low)}–${number(cell.high)})` : '';
  return `${number(cell.median)}${around}`;
}

/** Three digits that mean something. */
function number(value: number): string {
  const size = Math.abs(value);
  const digits = size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}
