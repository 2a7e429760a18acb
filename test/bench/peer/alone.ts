/** The tables of what only parley does: catching up, reading history, starting on it. */
import type { CatchUp } from './catch-up.ts';
import type { ColdStart, History } from './history.ts';
import { cell, number, type Table } from './tables.ts';

/** What was measured of it; null where it was not asked for. */
export interface Alone {
  readonly catchUp: CatchUp | null;
  readonly histories: readonly History[];
  readonly cold: ColdStart | null;
}

export function aloneTables({ catchUp, histories, cold }: Alone): Table[] {
  return [
    ...(catchUp ? [catchUpTable(catchUp)] : []),
    ...histories.map(historyTable),
    ...(cold ? [coldTable(cold)] : []),
  ];
}

function catchUpTable(result: CatchUp): Table {
  return {
    title: `Catch-up: ${result.accounts} accounts sign in at once, each with 1,000 missed lines`,
    columns: ['', 'with missed lines', 'nothing missed'],
    rows: [
      ['sign-ins/s, passwords included', cell(result.perSecond), ''],
      ['password right to last missed line, p50 ms', cell(result.shownP50), ''],
      ['the same, p99 ms', cell(result.shownP99), ''],
      ['CPU of a sign-in, ms', cell(result.cpu), cell(result.cpuNoneMissed)],
      ['slowest line of others meanwhile, ms', cell(result.slowest), cell(result.slowestNoneMissed)],
    ],
    notes: [
      'With nothing missed, a sign-in is its argon2 hash. All threads share the server’s core here, the hashing ones too.',
    ],
  };
}

function historyTable({ lines, bytesPerLine, answers }: History): Table {
  return {
    title: `History of ${lines.toLocaleString('en')} lines`,
    columns: ['question', 'p50 ms', 'slowest ms', 'slowest line of others meanwhile, ms'],
    rows: answers.map(each => [each.label, cell(each.p50), cell(each.most), cell(each.others)]),
    notes: [`On disk ${number(bytesPerLine)} bytes a line of 100 bytes, search index included.`],
  };
}

function coldTable({ lines, empty, full }: ColdStart): Table {
  return {
    title: 'Start of the binary to accepting',
    columns: ['store', 'ms'],
    rows: [
      ['empty', cell(empty)],
      [`${lines.toLocaleString('en')} lines`, cell(full)],
    ],
    notes: [],
  };
}
