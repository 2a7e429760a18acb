/** Runs the load tool (`parley bench`) against a server, on the load's core, and reads what it measured. */
import type { Report } from '../../../src/bench/report.ts';
import type { Recipe } from './running.ts';

/** What is done to a server. What is left out is none. */
export interface Work {
  readonly rooms?: number;
  readonly members?: number;
  /** Of each room. */
  readonly speakers?: number;
  /** Lines under way of each speaker: a closed loop. */
  readonly window?: number;
  /** Lines a second of all speakers together: an open loop. */
  readonly rate?: number;
  readonly idle?: number;
  /** Pairs of people who write to each other. */
  readonly pairs?: number;
  /** People who come all at once. */
  readonly storm?: number;
  /** Until measuring begins; else `WARM_UP`. */
  readonly warmUp?: number;
  /** Measured seconds; else those of the run. */
  readonly seconds?: number;
}

/** The one that `pinLoad` puts all load on: told to the tool, so that it adds up all of its processes. */
const CORE = 1;
/** Seconds. */
const WARM_UP = 1;
/** Seconds that signing in and taking leave may take, before and after. */
const PATIENCE = 60;

export async function load(
  tool: readonly string[],
  recipe: Recipe,
  port: number,
  pid: number,
  work: Work,
  size: number,
  seconds: number,
): Promise<Report> {
  const measured = work.seconds ?? seconds;
  const warmUp = work.warmUp ?? WARM_UP;
  const numbers = {
    rooms: work.rooms ?? 0,
    members: work.members,
    speakers: work.speakers,
    window: work.window,
    rate: work.rate,
    idle: work.idle,
    private: work.pairs,
    storm: work.storm,
    // A storm comes all at once.
    'at-once': work.storm === undefined ? recipe.atOnce : undefined,
    size,
    seconds: measured,
    'warm-up': warmUp,
    pid,
    core: CORE,
  };
  const flags = Object.entries(numbers).flatMap(([flag, value]) =>
    value === undefined ? [] : [`--${flag}`, String(value)],
  );
  const target = ['--target', `127.0.0.1:${port}`, '--dialect', recipe.dialect];
  const child = Bun.spawn([...tool, ...target, ...flags, '--json'], {
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
    env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
    timeout: (measured + warmUp + PATIENCE) * 1000,
    killSignal: 'SIGKILL',
  });
  const [said, errors] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return parse(said, errors);
}

function parse(said: string, errors: string): Report {
  // It prints a report or nothing, and then says on standard error why not.
  if (!said.startsWith('{')) throw new Error(`the load tool gave up: ${errors.trim().slice(-400)}`);
  return JSON.parse(said) as Report;
}
