/** Runs the load tool (`parley bench`) against a server, on the load's core, and reads what it measured. */
import { onLoadCore } from '../kit/cores.ts';
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

/** The part of the tool's JSON object that is read here. */
export interface Loaded {
  readonly connections: number;
  readonly deliveries: number;
  readonly deliveriesPerSecond: number;
  readonly said: number;
  readonly seconds: number;
  readonly latencyMs: { readonly [share in 'p50' | 'p99' | 'p999' | 'max']: number | null };
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  readonly errors: number;
  readonly problems: readonly { readonly code: string; readonly count: number; readonly example: string }[];
  readonly loadBusyPercent: number;
  readonly server: {
    readonly cpuUsPerDelivery: number | null;
    readonly busyPercent: number;
    readonly rssBytes: number;
  } | null;
  readonly storm: {
    readonly signInsPerSecond: number;
    readonly slowestExistingMs: number | null;
    readonly p50Ms: number | null;
    readonly p99Ms: number | null;
  } | null;
}

export interface LoadRun {
  readonly result: Loaded;
  /** ms of processor time that the tool used. */
  readonly cpu: number;
}

/** The load's, as `onLoadCore` has it: told to the tool too, so that it adds up all of its processes. */
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
): Promise<LoadRun> {
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
  const child = Bun.spawn(onLoadCore([...tool, ...target, ...flags, '--json'], false), {
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
  const used = child.resourceUsage()?.cpuTime.total ?? 0;
  return { result: parse(said, errors), cpu: Number(used) / 1000 };
}

function parse(said: string, errors: string): Loaded {
  let result: unknown;
  try {
    result = JSON.parse(said);
  } catch {
    throw new Error(`the load tool gave up: ${errors.trim().slice(-400) || 'it said nothing'}`);
  }
  if (!isLoaded(result)) throw new Error(`the load tool answered something else: ${said.slice(0, 400)}`);
  return result;
}

/** One look at the shape: the tool is ours, and a field that went missing must not become a NaN in a table. */
function isLoaded(value: unknown): value is Loaded {
  if (!hasNumbers(value, ['connections', 'deliveries', 'deliveriesPerSecond', 'said', 'seconds'])) return false;
  if (!hasNumbers(value, ['lost', 'doubled', 'disordered', 'errors', 'loadBusyPercent'])) return false;
  if (!('latencyMs' in value && 'server' in value && 'storm' in value && 'problems' in value)) return false;
  const { latencyMs, server, storm, problems } = value;
  return (
    Array.isArray(problems) &&
    hasNumbers(latencyMs, ['p50', 'p99', 'p999', 'max']) &&
    hasNumbers(server, ['cpuUsPerDelivery', 'busyPercent', 'rssBytes']) &&
    (storm === null || hasNumbers(storm, ['signInsPerSecond', 'slowestExistingMs', 'p50Ms', 'p99Ms']))
  );
}

/** A number that could not be measured is null in JSON: it is there, and becomes a gap in the table. */
function hasNumbers(value: unknown, names: readonly string[]): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return names.every(name => typeof fields.get(name) === 'number' || fields.get(name) === null);
}
