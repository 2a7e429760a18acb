/**
 * Measures cases in rounds: in each round every server has its turn at a group of cases before the next group
 * begins, so that what else the machine does falls on all of them alike, and ratios are taken round by round.
 */
import type { Report } from '../../../src/bench/report.ts';
import { progress } from '../kit/report.ts';
import { type Spread, spread } from '../kit/stats.ts';
import { load, type Work } from './load.ts';
import type { Options } from './options.ts';
import { busyOf } from './proc.ts';
import { type Recipe, Running } from './running.ts';

/** What is done to each server, and by which name results and tables know it. */
export interface Case {
  readonly name: string;
  readonly label: string;
  readonly work: Work;
}

/** Cases that a server has one after the other, in one life. */
export interface Group {
  readonly servers: readonly Recipe[];
  readonly cases: readonly Case[];
  /** ms until the memory of the empty server is looked at. */
  readonly settle: number;
}

export interface Measured {
  readonly perSecond: number;
  /** µs of the server's processor time for a delivery. */
  readonly cpu: number;
  /** % of a core. */
  readonly serverBusy: number;
  readonly loadBusy: number;
  /** ms. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  readonly connections: number;
  /** Bytes at the end, with everyone there. */
  readonly resident: number;
  /** Bytes a connection beyond the empty server: what the server's own work takes is shared out, too. */
  readonly memory: number;
  /** MiB of the empty server. */
  readonly empty: number;
  readonly signInsPerSecond: number;
  readonly signInP50: number;
  readonly signInP99: number;
  readonly slowestExisting: number;
}
export type Metric = keyof Measured;

/** The one that `onServerCore` puts it on. */
const SERVER_CORE = 0;

/** All that was measured. */
export class Results {
  readonly failures: string[] = [];
  /** % of the server's core that others used, of each measurement: what else the machine did. */
  readonly others: number[] = [];
  private readonly rounds = new Map<string, Map<string, (Measured | null)[]>>();

  add(name: string, server: string, measured: Measured | null): void {
    const servers = this.rounds.get(name) ?? new Map<string, (Measured | null)[]>();
    this.rounds.set(name, servers);
    servers.set(server, [...(servers.get(server) ?? []), measured]);
  }

  has(name: string): boolean {
    return this.rounds.has(name);
  }

  /** Over the rounds that went well. */
  of(name: string, server: string, metric: Metric): Spread {
    return spread(this.values(name, server, metric).filter(value => !Number.isNaN(value)));
  }

  /** parley's number divided by the server's, round by round. */
  ratio(name: string, server: string, metric: Metric): Spread {
    const theirs = this.values(name, server, metric);
    const ours = this.values(name, 'parley', metric);
    const ratios = ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
    return spread(ratios.filter(value => !Number.isNaN(value)));
  }

  /** Bytes of memory that each connection of a case adds to a case that is the same without them, round by round. */
  each(name: string, without: string, server: string): Spread {
    const more = (metric: Metric): number[] => {
      const before = this.values(without, server, metric);
      return this.values(name, server, metric).map((value, round) => value - (before[round] ?? Number.NaN));
    };
    const connections = more('connections');
    const bytes = more('resident').map((value, round) => value / (connections[round] ?? Number.NaN));
    return spread(bytes.filter(value => !Number.isNaN(value)));
  }

  toJSON(): unknown {
    const rounds = [...this.rounds].map(([name, servers]) => [name, Object.fromEntries(servers)]);
    return { rounds: Object.fromEntries(rounds), others: this.others, failures: this.failures };
  }

  private values(name: string, server: string, metric: Metric): number[] {
    const rounds = this.rounds.get(name)?.get(server) ?? [];
    return rounds.map(measured => measured?.[metric] ?? Number.NaN);
  }
}

export async function measureRounds(group: Group, options: Options, results: Results): Promise<void> {
  for (let round = 1; round <= options.rounds; round++)
    for (const recipe of group.servers) await measureOne(group, recipe, round, options, results);
}

/** A server that fails at one case is started anew for the next: the others' numbers stay good. */
async function measureOne(
  group: Group,
  recipe: Recipe,
  round: number,
  options: Options,
  results: Results,
): Promise<void> {
  let running: Running | null = null;
  try {
    for (const each of group.cases) {
      progress(`round ${round} of ${options.rounds}: ${each.label}: ${recipe.label}`);
      running ??= await started(recipe, group.settle);
      try {
        results.add(each.name, recipe.name, await measureCase(running, each, options, results));
      } catch (error) {
        results.add(each.name, recipe.name, null);
        const why = error instanceof Error ? error.message : String(error);
        const said = running.over ? `; it ended: ${running.said}` : '';
        fail(results, `${each.label}, ${recipe.label}, round ${round}: ${why}${said}`);
        await running.end();
        running = null;
      }
    }
  } finally {
    await running?.end();
  }
}

async function started(recipe: Recipe, settle: number): Promise<Running> {
  const running = await Running.start(recipe);
  await Bun.sleep(settle);
  return running;
}

async function measureCase(
  running: Running,
  { label, work }: Case,
  options: Options,
  results: Results,
): Promise<Measured> {
  const { recipe, port, pid } = running;
  const empty = running.resident;
  const began = { at: performance.now(), busy: busyOf(SERVER_CORE), server: running.cpu };
  const result = await load(options.load, recipe, port, pid, work, options.size, options.seconds);
  const others = busyOf(SERVER_CORE) - began.busy - (running.cpu - began.server);
  results.others.push((others / (performance.now() - began.at)) * 100);
  for (const problem of problemsOf(result, work)) fail(results, `${label}, ${recipe.label}: ${problem}`);
  // Durable history is on: what was said is in files.
  if (recipe.name === 'parley' && running.stored < result.said * options.size)
    fail(results, `${label}: parley kept ${running.stored} bytes of ${result.said} lines`);
  return flat(result, empty);
}

function problemsOf(result: Report, { rate }: Work): string[] {
  const { lost, doubled, disordered, said, seconds } = result;
  const counts = { lost, doubled, disordered };
  const found = Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []));
  for (const { code, count, example } of result.problems) found.push(`${count} × ${code}: ${example}`);
  if (rate !== undefined && said < 0.95 * rate * seconds)
    found.push(`${Math.round(said / seconds)} lines a second were said, not ${rate}`);
  return found;
}

function fail(results: Results, what: string): void {
  results.failures.push(what);
  progress(`  ${what}`);
}

function flat({ server, storm, latencyMs, ...result }: Report, empty: number): Measured {
  const none = Number.NaN;
  return {
    perSecond: result.deliveriesPerSecond,
    cpu: server?.cpuUsPerDelivery ?? none,
    serverBusy: server?.busyPercent ?? none,
    loadBusy: result.loadBusyPercent,
    p50: latencyMs.p50 ?? none,
    p99: latencyMs.p99 ?? none,
    p999: latencyMs.p999 ?? none,
    max: latencyMs.max ?? none,
    connections: result.connections,
    resident: server?.rssBytes ?? none,
    memory: ((server?.rssBytes ?? none) - empty) / result.connections,
    empty: empty / 2 ** 20,
    signInsPerSecond: storm?.signInsPerSecond ?? none,
    signInP50: storm?.p50Ms ?? none,
    signInP99: storm?.p99Ms ?? none,
    slowestExisting: storm?.slowestExistingMs ?? none,
  };
}
