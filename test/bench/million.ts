/**
 * A long history costs nothing until it is asked for: starts on a store of a million lines alternate with
 * starts on an empty one, and on the full one history and searches are asked for over a socket. The file is
 * in the page cache, as it is after any use; a first start from a cold disk is not what this measures.
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { BINARY, remove, scratch } from '../helper/daemon.ts';
import { PINNING, pinLoad } from './kit/cores.ts';
import { endAfter } from './kit/deadline.ts';
import { LoadClient } from './kit/load-client.ts';
import { readOptions } from './kit/options.ts';
import { progress, report } from './kit/report.ts';
import { type Memory, Server } from './kit/server.ts';
import { type Spread, spread } from './kit/stats.ts';
import { BIG_ROOM, COMMON_WORD, RARE_WORD, type StoreOrder } from './million-store.ts';

const options = readOptions('Starting on, and asking, a store with a million lines.', {
  lines: 1_000_000,
  /** Bytes of text a line. */
  text: 100,
  /** Starts on each store. */
  rounds: 9,
  /** A directory to keep the full store in, or to find it in; by default it is built and thrown away. */
  store: '',
  /** The server; by default what `npm run build` made. */
  binary: BINARY,
});

/** What is asked of the full store: the command, and what its answer ends with. */
const QUESTIONS = [
  ['join the room', `join ${BIG_ROOM}`, `* You are in ${BIG_ROOM}.`],
  ['history 50', '/history 50', '* Earlier lines: '],
  ['history 50, from the middle', `/history 50 after #${options.lines >> 1}`, '* That was 50 lines.'],
  ['search a word of 3 lines', `/search ${RARE_WORD}`, '* 3 lines found.'],
  ['search a word of every line', `/search ${COMMON_WORD}`, '* 50 lines found'],
  ['search two common words', '/search da fa', '* 50 lines found'],
  ['search a prefix', '/search d*', '* 50 lines found'],
] as const;

interface Start {
  readonly took: number;
  readonly memory: Memory;
}

async function start(dir: string, then: (server: Server) => Promise<void>): Promise<Start> {
  const server = await Server.parley(['--data', dir], options.binary);
  const { memory, startTook } = server;
  await then(server);
  await server.stop();
  return { took: startTook, memory };
}

/** ms of each answer. */
async function ask(server: Server): Promise<number[]> {
  const client = await LoadClient.signedIn(server.port, 'reader');
  const times: number[] = [];
  for (const [, command, wanted] of QUESTIONS) {
    const began = performance.now();
    await client.ask(`${command}\n`, wanted);
    times.push(performance.now() - began);
  }
  client.close();
  return times;
}

async function build(dir: string): Promise<number> {
  const order: StoreOrder = { dir, lines: options.lines, text: options.text };
  const began = performance.now();
  const child = Bun.spawn(
    [process.execPath, join(import.meta.dir, 'million-store.ts'), JSON.stringify(order)],
    { stdin: 'ignore', stdout: 'inherit', stderr: 'inherit' },
  );
  if ((await child.exited) !== 0) throw new Error('the store could not be built');
  return performance.now() - began;
}

function bytesIn(dir: string): number {
  return readdirSync(dir).reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
}

endAfter(120 + options.lines / 5000 + options.rounds * 10);
const full = options.store === '' ? scratch() : options.store;
const notes: string[] = [];
try {
  if (options.store === '' || !(await Bun.file(join(full, 'parley.db')).exists())) {
    progress(`writing ${options.lines} lines`);
    const took = await build(full);
    notes.push(`Written and indexed in ${(took / 1000).toFixed(1)} s.`);
  }
  const bytes = bytesIn(full);
  pinLoad();
  const starts: { empty: Start[]; full: Start[] } = { empty: [], full: [] };
  const answers: number[][] = [];
  for (let round = 1; round <= options.rounds; round++) {
    progress(`round ${round} of ${options.rounds}`);
    // A store that is there but empty: making a new one is not what a restart does.
    const empty = scratch();
    await start(empty, async () => {});
    starts.empty.push(await start(empty, async () => {}));
    remove(empty);
    starts.full.push(await start(full, async server => void answers.push(await ask(server))));
  }

  const of = (some: readonly Start[], value: (start: Start) => number): Spread => spread(some.map(value));
  const mib = ({ memory }: Start): number => memory.resident / 2 ** 20;
  const ratio = spread(starts.full.map(({ took }, at) => took / (starts.empty[at]?.took ?? Number.NaN)));
  report(
    {
      title: `A store of ${options.lines} lines of ${options.text} bytes, against an empty one`,
      columns: ['', 'empty', 'full', 'ratio'],
      rows: [
        ['start to ready, ms', of(starts.empty, s => s.took), of(starts.full, s => s.took), ratio],
        ['memory when ready, MiB', of(starts.empty, mib), of(starts.full, mib), ''],
        ...QUESTIONS.map(([label], at) => [
          `${label}, ms`,
          '',
          spread(answers.map(times => times[at] ?? Number.NaN)),
          '',
        ]),
      ],
      notes: [
        `${PINNING} Medians (least–most) of ${options.rounds} rounds, each on a fresh process.`,
        `On disk ${(bytes / options.lines).toFixed(0)} bytes a line, its index included (${(bytes / 2 ** 20).toFixed(0)} MiB). ${notes.join(' ')}`,
      ],
      failures: [],
    },
    options.json,
  );
} finally {
  if (options.store === '') remove(full);
}
process.exit();
