/** The command line of `npm run bench -- peers`. What is wrong with it ends the process with one line. */
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BINARY } from '../../helper/daemon.ts';

/** The parts of a run, in the order in which they run. */
export const PARTS = [
  'big',
  'many',
  'private',
  'open',
  'idle',
  'storm',
  'catch-up',
  'history',
  'cold',
] as const;
export type Part = (typeof PARTS)[number];

export interface Options {
  readonly quick: boolean;
  readonly write: boolean;
  readonly install: boolean;
  readonly parts: ReadonlySet<Part>;
  readonly rounds: number;
  /** Measured seconds of one case. */
  readonly seconds: number;
  /** Bytes of text a line. */
  readonly size: number;
  /** Lines of the stores that history is read from. */
  readonly lines: readonly number[];
  /** Where those stores are kept from run to run. */
  readonly stores: string;
  /** The parley under test. */
  readonly binary: string;
  /** The words that start the load tool. */
  readonly load: readonly string[];
  /** A file for every number of every round; empty for none. */
  readonly out: string;
}

const HELP = `parley beside InspIRCd, ngIRCd and a bare Bun loop, in turn, pinned to two cores.

  --quick         every workload once and small, within 3 minutes: shows that all works, proves nothing
  --write         puts the tables into README.md, unless something failed
  --install       installs the Debian packages of the peers that are missing
  --only PARTS    of ${PARTS.join(',')}
  --rounds N      of each number (3)
  --seconds N     measured of each case (3)
  --size BYTES    of text a line (60)
  --lines N,…     stores to read history from (1000000,10000000)
  --stores DIR    where those are kept; ten million lines take minutes to write (under the temporary directory)
  --binary FILE   the parley to measure (what npm run build made)
  --load COMMAND  the load tool (the bench of what npm run build made)
  --out FILE      every number of every round, as JSON`;

export function readOptions(): Options {
  try {
    return read(process.argv.slice(2));
  } catch (error) {
    return leave(error instanceof Error ? error.message : String(error), 2);
  }
}

function read(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: flag,
      write: flag,
      install: flag,
      help: { ...flag, short: 'h' },
      only: { ...text, default: PARTS.join(',') },
      rounds: text,
      seconds: text,
      size: { ...text, default: '60' },
      lines: text,
      stores: { ...text, default: join(tmpdir(), 'parley-bench-stores') },
      binary: { ...text, default: BINARY },
      load: { ...text, default: '' },
      out: { ...text, default: '' },
    },
  });
  if (values.help) leave(HELP, 0);
  const { quick } = values;
  if (quick && values.write) throw new Error('--quick is too little to be shown: --write goes without it');
  if (availableParallelism() < 2)
    throw new Error('this takes two cores: one for the server, one for the load');
  return {
    quick,
    write: values.write,
    install: values.install,
    parts: new Set(words(values.only).map(part)),
    rounds: whole('rounds', values.rounds ?? (quick ? '1' : '3')),
    seconds: whole('seconds', values.seconds ?? (quick ? '1' : '3')),
    size: whole('size', values.size),
    lines: words(values.lines ?? (quick ? '100000' : '1000000,10000000')).map(each => whole('lines', each)),
    stores: values.stores,
    binary: values.binary,
    load: values.load === '' ? [BINARY, 'bench'] : values.load.split(' '),
    out: values.out,
  };
}

function words(list: string): string[] {
  return list.split(',').filter(word => word !== '');
}

function part(word: string): Part {
  const found = PARTS.find(each => each === word);
  if (!found) throw new Error(`--only knows ${PARTS.join(', ')}; not ${word}`);
  return found;
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} takes whole numbers from 1`);
  return value;
}

function leave(text: string, code: number): never {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  process.exit(code);
}
