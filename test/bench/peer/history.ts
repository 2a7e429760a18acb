/**
 * Reading from long histories: pages and searches in stores of millions of lines, what they cost, what others
 * notice meanwhile, the bytes a line takes on disk, and how long parley takes to start on such a store.
 */
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { remove, scratch } from '../../helper/daemon.ts';
import { LoadClient } from '../kit/load-client.ts';
import { progress } from '../kit/report.ts';
import { Server } from '../kit/server.ts';
import { Samples, type Spread, spread } from '../kit/stats.ts';
import { BIG_ROOM, COMMON_WORD, RARE_WORD, type StoreOrder } from '../million-store.ts';
import type { Options } from './options.ts';
import { Probe } from './probe.ts';
import { sizeOf } from './running.ts';

export interface Answers {
  readonly label: string;
  readonly search: boolean;
  /** ms: of the rounds, their middle and slowest answers, and the slowest line between two others meanwhile. */
  readonly p50: Spread;
  readonly most: Spread;
  readonly others: Spread;
}

export interface History {
  readonly lines: number;
  /** On disk, its search index included. */
  readonly bytesPerLine: number;
  readonly answers: readonly Answers[];
}

export interface ColdStart {
  readonly lines: number;
  /** ms from starting the process to its saying that it listens. */
  readonly empty: Spread;
  readonly full: Spread;
}

/** Bytes of text a line, as the target for bytes on disk has it. */
const TEXT = 100;
/** Questions of each kind in a round. */
const ASKED = 50;
/** ms between two of them. */
const PAUSE = 4;
const STARTS = 9;
/** A file in each store: how many bytes it had when it was written. */
const SIZE = 'bench-size';
/** ms until an answer is given up. */
const PATIENCE = 60_000;

interface Kind {
  readonly label: string;
  readonly search: boolean;
  /** The `nth` question, and what its answer ends with; null: none is asked. */
  readonly ask: (nth: number, lines: number) => readonly [command: string, wanted: string] | null;
}

/** Frequent words of million-store.ts. */
const WORDS = ['da', 'fa', 'ga', 'ka', 'la', 'ma', 'na', 'pa', 'ra', 'sa'] as const;
const word = (nth: number): string => WORDS[nth % WORDS.length] ?? '';
const MANY = ' lines found';

const KINDS: readonly Kind[] = [
  { label: 'nothing, for comparison', search: false, ask: () => null },
  { label: 'page of 50, the last', search: false, ask: () => ['/history 50', '* Earlier lines: '] },
  {
    label: 'page of 50, from anywhere',
    search: false,
    ask: (nth, lines) => [
      `/history 50 after #${Math.floor((lines * 0.9 * ((nth * 7919) % 1000)) / 1000)}`,
      '* That was 50 lines.',
    ],
  },
  {
    label: 'search: a word of 3 lines',
    search: true,
    ask: () => [`/search ${RARE_WORD}`, '* 3 lines found.'],
  },
  {
    label: 'search: that and a word of every line',
    search: true,
    ask: () => [`/search ${RARE_WORD} ${COMMON_WORD}`, '* 3 lines found.'],
  },
  { label: 'search: a word of every line', search: true, ask: () => [`/search ${COMMON_WORD}`, MANY] },
  {
    label: 'search: two frequent words',
    search: true,
    ask: nth => [`/search ${word(nth)} ${word(nth + 1)}`, MANY],
  },
  { label: 'search: a prefix', search: true, ask: nth => [`/search ${word(nth)[0]}*`, MANY] },
];

/** The store of so many lines, written if it is not there from a run before. */
export async function storeOf(lines: number, { stores }: Options): Promise<string> {
  const dir = join(stores, `${lines}-lines-${recipe()}`);
  if (existsSync(dir)) return dir;
  progress(`writing a store of ${lines.toLocaleString('en')} lines (kept in ${stores})`);
  mkdirSync(stores, { recursive: true });
  // Nothing half-written is taken for a store.
  const making = `${dir}.making`;
  remove(making);
  mkdirSync(making);
  const order: StoreOrder = { dir: making, lines, text: TEXT };
  const script = join(import.meta.dir, '../million-store.ts');
  const child = Bun.spawn([process.execPath, script, JSON.stringify(order)], {
    stdin: 'ignore',
    stdout: 'inherit',
    stderr: 'inherit',
  });
  if ((await child.exited) !== 0) throw new Error(`the store of ${lines} lines could not be written`);
  // Now: whoever reads it says some lines too.
  await Bun.write(join(making, SIZE), String(sizeOf(making)));
  renameSync(making, dir);
  return dir;
}

/** Changes with whatever decides what is in such a store. */
function recipe(): string {
  const hash = new Bun.CryptoHasher('sha256');
  const embedded = join(import.meta.dir, '../../../src/backend/embedded');
  for (const file of ['schema.ts', 'migrations.ts', 'indexer.ts', 'rows.ts'])
    hash.update(readFileSync(join(embedded, file)));
  hash.update(readFileSync(join(import.meta.dir, '../million-store.ts')));
  return hash.digest('hex').slice(0, 8);
}

export async function history(lines: number, options: Options): Promise<History> {
  const dir = await storeOf(lines, options);
  const bytesPerLine = Number(await Bun.file(join(dir, SIZE)).text()) / lines;
  const rounds: Round[][] = KINDS.map(() => []);
  for (let round = 1; round <= options.rounds; round++) {
    progress(`round ${round} of ${options.rounds}: history of ${lines.toLocaleString('en')} lines`);
    const server = await Server.parley(['--data', dir], options.binary);
    const probe = await Probe.in(server.port);
    const reader = await LoadClient.signedIn(server.port, 'reader', BIG_ROOM);
    for (const [at, kind] of KINDS.entries()) rounds[at]?.push(await ask(reader, kind, lines, probe));
    await server.stop();
  }
  const answers = KINDS.map(({ label, search }, at): Answers => {
    const of = (field: keyof Round): Spread => spread((rounds[at] ?? []).map(round => round[field]));
    return { label, search, p50: of('p50'), most: of('most'), others: of('others') };
  });
  return { lines, bytesPerLine, answers };
}

interface Round {
  readonly p50: number;
  readonly most: number;
  readonly others: number;
}

async function ask(reader: LoadClient, kind: Kind, lines: number, probe: Probe): Promise<Round> {
  const times = new Samples();
  probe.reset();
  probe.start();
  for (let nth = 0; nth < ASKED; nth++) {
    const question = kind.ask(nth, lines);
    const began = performance.now();
    if (question) {
      const [command, wanted] = question;
      await inTime(reader.ask(`${command}\n`, wanted), command);
      times.add(performance.now() - began);
    }
    await Bun.sleep(PAUSE);
  }
  await probe.stop();
  return { p50: times.quantile(0.5), most: times.most, others: probe.times.most };
}

async function inTime(answer: Promise<unknown>, command: string): Promise<void> {
  let timer: Timer | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no such answer as expected: ${command}`)), PATIENCE);
  });
  try {
    await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

export async function coldStart(lines: number, options: Options): Promise<ColdStart> {
  const full = await storeOf(lines, options);
  const empty = scratch();
  const starts = { empty: [] as number[], full: [] as number[] };
  const start = async (dir: string): Promise<number> => {
    const server = await Server.parley(['--data', dir], options.binary);
    await server.stop();
    return server.startTook;
  };
  try {
    progress('cold starts');
    // The first makes the store and loads the program from disk; neither is what a restart does.
    await start(empty);
    for (let round = 0; round < (options.quick ? 3 : STARTS); round++) {
      starts.empty.push(await start(empty));
      starts.full.push(await start(full));
    }
  } finally {
    remove(empty);
  }
  return { lines, empty: spread(starts.empty), full: spread(starts.full) };
}
