/**
 * One run, from connecting to the report: starts the load processes, tells them what to do and when, and reads
 * the clocks meanwhile. Every step ends in a bounded time, whatever the server does.
 */
import { Histogram } from './histogram.ts';
import { connectionsOf, isStorm, type Plan, type Share, shareOut } from './plan.ts';
import { Problems } from './problems.ts';
import { type Memory, memoryOf, processorTimeOf } from './processes.ts';
import type { Answered, Answers, Asked, Hushed, Order, Outcome, Reading, Said } from './protocol.ts';
import { count, type Report, type ServerReport, type StormReport } from './report.ts';

/** Why there is no report: a sentence for the user. */
export class RunFailure extends Error {}

export interface Surroundings {
  readonly version: string;
  /** The words that start a load process. */
  readonly loadCommand: readonly string[];
  /** Aborted: measure no longer, report what there is. */
  readonly stop: AbortSignal;
  /** Told how far it is, about once a second. */
  readonly progress: (text: string) => void;
}

/** ms that a step may take: signing in so much and a little for each, the others that much. */
const SIGN_IN = 20_000;
const SIGN_IN_EACH = 20;
const STEP = 30_000;
const SETTLE = 90_000;
const TICK = 1000;

/** What the server had used, and when. */
interface ServerReading {
  /** ms */
  readonly at: number;
  readonly cpu: number;
}

/** All that was measured. */
interface Measured {
  readonly from: readonly Reading[];
  readonly to: readonly Reading[];
  readonly outcomes: readonly Outcome[];
  readonly storm: { readonly took: number; readonly times: Histogram } | null;
  readonly server: { from: ServerReading; to: ServerReading; empty: Memory; full: Memory } | null;
}

/** Throws a `RunFailure` where there is nothing to report. */
export async function run(plan: Plan, around: Surroundings): Promise<Report> {
  const shares = shareOut(plan, randomTag());
  const loads = shares.map(
    share => new LoadProcess(isStorm(share) ? yielding(around.loadCommand) : around.loadCommand),
  );
  try {
    return reportOf(plan, around.version, await measure(plan, shares, loads, around));
  } finally {
    for (const load of loads) load.end();
  }
}

async function measure(
  plan: Plan,
  shares: readonly Share[],
  loads: readonly LoadProcess[],
  around: Surroundings,
): Promise<Measured> {
  const { stop, progress } = around;
  const stopped = aborted(stop);
  const everyone = <O extends Order>(order: O, within: number): Promise<Answers[O['do']][]> =>
    Promise.all(loads.map(load => load.ask(order, within)));
  const early = <T>(step: Promise<T>): Promise<T> => Promise.race([step, stopped.then(nothingYet)]);

  const empty = watch(plan.pid, memoryOf);
  const people = connectionsOf(plan);
  progress(`signing in ${count(people - plan.storm)}`);
  const patience = SIGN_IN + people * SIGN_IN_EACH;
  await early(
    Promise.all(
      shares.map((share, at) => loads[at]?.ask({ do: 'sign-in', share }, patience) ?? Promise.resolve(null)),
    ),
  );
  await everyone({ do: 'talk' }, STEP);
  if (plan.warmUp > 0) progress('warming up');
  await early(Bun.sleep(plan.warmUp * 1000));

  const from = await everyone({ do: 'begin' }, STEP);
  const serverFrom = watch(plan.pid, serverReading);
  const over = new AbortController();
  const storming = plan.storm > 0 ? storm(everyone({ do: 'storm' }, patience)) : null;
  const ended = Promise.race([stopped, storming ?? Bun.sleep(plan.seconds * 1000)]).finally(() =>
    over.abort(),
  );
  await Promise.all([ended, tell(over.signal, () => everyone({ do: 'read' }, STEP), from, plan, progress)]);
  const hushed = await everyone({ do: 'hush' }, STEP);
  const serverTo = watch(plan.pid, serverReading);
  const full = watch(plan.pid, memoryOf);
  progress('waiting for the last lines');
  const outcomes = await everyone({ do: 'settle', said: allSaid(hushed) }, SETTLE);
  return {
    from,
    to: hushed.map(({ reading }) => reading),
    outcomes,
    storm: storming && !stop.aborted ? await storming : null,
    server: serverFrom && serverTo && empty && full ? { from: serverFrom, to: serverTo, empty, full } : null,
  };
}

/** Says how fast it goes, once a second, until it is over. */
async function tell(
  over: AbortSignal,
  read: () => Promise<Reading[]>,
  from: readonly Reading[],
  { seconds, storm: people }: Plan,
  progress: (text: string) => void,
): Promise<void> {
  const ended = aborted(over);
  let before = from;
  for (let second = 1; ; second++) {
    await Promise.race([ended, Bun.sleep(TICK)]);
    if (over.aborted) return;
    const now = await read();
    const speed = count(perSecond(before, now));
    progress(
      `${people > 0 ? `storm, ${second} s` : `${second} of ${seconds} s`}: ${speed} deliveries a second`,
    );
    before = now;
  }
}

async function storm(asked: Promise<Answers['storm'][]>): Promise<{ took: number; times: Histogram }> {
  const began = performance.now();
  const times = new Histogram();
  for (const each of await asked) times.merge(each);
  return { took: performance.now() - began, times };
}

function reportOf(plan: Plan, version: string, measured: Measured): Report {
  const { from, to, outcomes } = measured;
  const latency = new Histogram();
  const problems = new Problems();
  for (const outcome of outcomes) {
    latency.merge(outcome.latency);
    for (const { code, count, example } of outcome.problems) problems.add(code, example, count);
  }
  const sum = (of: 'lost' | 'doubled' | 'disordered'): number =>
    outcomes.reduce((all, outcome) => all + outcome[of], 0);
  const deliveries = grown(from, to, 'delivered');
  const busy = to.map((reading, at) => growth(reading, from[at], 'worked') * 100);
  return {
    tool: 'parley bench',
    version,
    target: `${plan.host.includes(':') ? `[${plan.host}]` : plan.host}:${plan.port}`,
    dialect: plan.dialect,
    rooms: plan.rooms,
    members: plan.members,
    speakers: plan.speakers,
    ...plan.load,
    size: plan.size,
    seconds: round(grown(from, to, 'at') / to.length / 1_000_000, 3),
    connections: connectionsOf(plan),
    deliveries,
    deliveriesPerSecond: Math.round(perSecond(from, to)),
    said: grown(from, to, 'said'),
    latencyMs: {
      p50: inMs(latency.quantile(0.5)),
      p99: inMs(latency.quantile(0.99)),
      p999: inMs(latency.quantile(0.999)),
      max: latency.count > 0 ? inMs(latency.most) : null,
    },
    lost: sum('lost'),
    doubled: sum('doubled'),
    disordered: sum('disordered'),
    errors: problems.count,
    problems: problems.all,
    loadBusyPercent: round(
      plan.core === null ? Math.max(...busy) : busy.reduce((all, each) => all + each, 0),
      1,
    ),
    server: serverReport(plan, measured, deliveries),
    storm: stormReport(measured, latency),
  };
}

function serverReport(plan: Plan, { server }: Measured, deliveries: number): ServerReport | null {
  if (!server || plan.pid === null) return null;
  const { from, to, empty, full } = server;
  const used = to.cpu - from.cpu;
  const people = connectionsOf(plan);
  return {
    pid: plan.pid,
    cpuUsPerDelivery: deliveries > 0 ? round((used * 1000) / deliveries, 4) : null,
    busyPercent: round((used / (to.at - from.at)) * 100, 1),
    rssBytes: full.resident,
    rssPeakBytes: full.peak,
    bytesPerConnection: people > 0 ? Math.round((full.resident - empty.resident) / people) : null,
  };
}

function stormReport({ storm }: Measured, existing: Histogram): StormReport | null {
  if (!storm) return null;
  return {
    signInsPerSecond: Math.round((storm.times.count / storm.took) * 1000),
    slowestExistingMs: existing.count > 0 ? inMs(existing.most) : null,
    p50Ms: inMs(storm.times.quantile(0.5)),
    p99Ms: inMs(storm.times.quantile(0.99)),
  };
}

/** A process of this program that makes load (`load.ts`). */
class LoadProcess {
  private readonly child: Bun.Subprocess;
  private readonly waiting = new Map<
    number,
    { readonly resolve: (answer: Answers[keyof Answers]) => void; readonly reject: (why: Error) => void }
  >();
  private asked = 0;

  constructor(command: readonly string[]) {
    this.child = Bun.spawn([...command], {
      stdin: 'ignore',
      stdout: 'ignore',
      stderr: 'inherit',
      ipc: (message: Answered) => {
        const asked = this.waiting.get(message.id);
        this.waiting.delete(message.id);
        if ('failed' in message) asked?.reject(new RunFailure(message.failed));
        else asked?.resolve(message.answer);
      },
      onExit: () => {
        for (const { reject } of this.waiting.values()) reject(new RunFailure('a load process ended early'));
      },
    });
  }

  async ask<O extends Order>(order: O, within: number): Promise<Answers[O['do']]> {
    const id = this.asked++;
    const answer = new Promise<Answers[keyof Answers]>((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
    });
    const message: Asked = { id, order };
    this.child.send(message);
    const late = setTimeout(() => {
      this.waiting.get(id)?.reject(new RunFailure(`"${order.do}" was not done after ${within / 1000} s`));
    }, within);
    try {
      // The load process answers each order with its own kind of answer.
      return (await answer) as Answers[O['do']];
    } finally {
      clearTimeout(late);
    }
  }

  end(): void {
    this.child.kill('SIGKILL');
  }
}

/** The same command, which runs only when the others on its core have nothing to do. */
function yielding(command: readonly string[]): string[] {
  return Bun.which('nice') === null ? [...command] : ['nice', '-n', '10', ...command];
}

/** What can be read of the server; null where it is not watched, or gone. */
function watch<T>(pid: number | null, read: (pid: number) => T): T | null {
  try {
    return pid === null ? null : read(pid);
  } catch {
    return null;
  }
}

function serverReading(pid: number): ServerReading {
  return { at: performance.now(), cpu: processorTimeOf(pid) };
}

/** What everyone said, of each group once: its speakers are in one process. */
function allSaid(hushed: readonly Hushed[]): Said[] {
  return hushed.flatMap(({ said }) => said);
}

function perSecond(from: readonly Reading[], to: readonly Reading[]): number {
  return to.reduce((sum, reading, at) => sum + growth(reading, from[at], 'delivered') * 1_000_000, 0);
}

/** By how much one reading grew for each µs since another. */
function growth(to: Reading, from: Reading | undefined, field: 'delivered' | 'worked'): number {
  return from ? (to[field] - from[field]) / Math.max(1, to.at - from.at) : 0;
}

function grown(from: readonly Reading[], to: readonly Reading[], field: keyof Reading): number {
  return to.reduce((sum, reading, at) => sum + reading[field] - (from[at]?.[field] ?? 0), 0);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function nothingYet(): never {
  throw new RunFailure('stopped before anything was measured');
}

/** Two letters. */
function randomTag(): string {
  const letter = (): string => String.fromCharCode(97 + Math.floor(Math.random() * 26));
  return letter() + letter();
}

function inMs(time: number): number | null {
  return Number.isNaN(time) ? null : round(time / 1000, 3);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
