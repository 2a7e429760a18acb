/**
 * One slow client delays nobody: in a room where some talk at a fixed rate, phases in which everyone reads
 * alternate with phases in which one member stops reading. The others' latency is compared, and the server's
 * memory. After each sleep the sleeper wakes while the talk goes on, is told what it skipped, runs the command
 * it was told, and must then have seen everything that was said, live or from history, exactly once.
 *
 * Open loop: latency counts from when a line was meant to be sent, so a server that falls behind shows.
 */
import { BINARY } from '../helper/daemon.ts';
import { PINNING, pinLoad } from './kit/cores.ts';
import { endAfter } from './kit/deadline.ts';
import { inParallel, LoadClient, takeLines } from './kit/load-client.ts';
import { readOptions } from './kit/options.ts';
import { progress, report } from './kit/report.ts';
import { Server } from './kit/server.ts';
import { Samples, type Spread, spread } from './kit/stats.ts';

const options = readOptions('One member of a busy room stops reading: what do the others notice?', {
  members: 200,
  talkers: 20,
  /** Lines a second in all. */
  rate: 200,
  /** Bytes of text a line: long, so that the kernel's buffers are full soon. */
  text: 3500,
  /** Of each phase. */
  seconds: 10,
  rounds: 3,
  /** The server; by default what `npm run build` made. */
  binary: BINARY,
});

const ROOM = 'ops';
/** One listener in so many has its lines read and timed; the others only take them off the wire. */
const TIMED_EVERY = 10;
const WARM_UP_SECONDS = 3;
/** The sleeper wakes, and catches up, while the talk goes on for this long. */
const WAKING_SECONDS = 1;
/** How long, in ms, the last lines of a phase may take to arrive. */
const PATIENCE = 20_000;
const SAID = /: line-(\d+)-/;
const NOTICE = /^\* (\d+) lines? in ops skipped: .*To read them: (\/history ops \d+ after #\d+)$/;
const HISTORY_END = /^\* That was (\d+) lines?\./;

/** Says numbered lines by the clock, the talkers in turn, and times them where they arrive. */
class Talk {
  /** Lines said so far, in all phases; the number of the next. */
  said = 0;
  private first = 0;
  private began = 0;
  private timed = new Samples();
  private readonly padding = 'x'.repeat(Math.max(0, options.text - 12));

  constructor(
    private readonly talkers: readonly LoadClient[],
    /** How many call `heard` for each line. */
    private readonly listeners: number,
  ) {}

  /** Talks for so long, calling `meanwhile` now and then; answers the latencies (ms) once all has arrived. */
  async run(seconds: number, meanwhile: () => void = () => {}): Promise<Samples> {
    this.timed = new Samples();
    this.first = this.said;
    this.began = performance.now();
    const last = this.first + Math.round(seconds * options.rate);
    for (let watched = this.began; this.said < last; await nextPass()) {
      const now = performance.now();
      while (this.said < last && this.due(this.said) <= now) this.sayNext();
      if (now - watched < 100) continue;
      watched = now;
      meanwhile();
    }
    const wanted = (last - this.first) * this.listeners;
    await eventually(() => this.timed.count >= wanted, 'not everything said has arrived');
    return this.timed;
  }

  /** A timed listener was shown this line. */
  heard(line: string): void {
    const n = Number(SAID.exec(line)?.[1] ?? -1);
    if (n >= this.first) this.timed.add(performance.now() - this.due(n));
  }

  private due(n: number): number {
    return this.began + ((n - this.first) * 1000) / options.rate;
  }

  private sayNext(): void {
    const n = this.said++;
    this.talkers[n % this.talkers.length]?.send(`line-${n}-${this.padding}\n`);
  }
}

/** The member that stops reading, and what it finds when it wakes. */
class Sleeper {
  /** How often each line was seen live, and in history. */
  readonly live = new Map<number, number>();
  readonly history = new Map<number, number>();
  readonly failures: string[] = [];
  /** Lines that notices said were skipped. */
  skipped = 0;
  /** Commands told by notices and not run to their end yet: the first of them is running. */
  private readonly commands: { readonly command: string; readonly lines: number }[] = [];
  private shown = 0;

  constructor(readonly client: LoadClient) {
    takeLines(client, line => this.read(line));
  }

  get caughtUp(): boolean {
    return this.commands.length === 0;
  }

  saw(n: number): boolean {
    return this.live.has(n) || this.history.has(n);
  }

  private read(line: string): void {
    const n = Number(SAID.exec(line)?.[1] ?? -1);
    const notice = NOTICE.exec(line);
    const end = HISTORY_END.exec(line);
    if (n >= 0 && line.startsWith('#')) {
      this.shown++;
      this.history.set(n, (this.history.get(n) ?? 0) + 1);
    } else if (n >= 0) this.live.set(n, (this.live.get(n) ?? 0) + 1);
    else if (notice) this.tell(Number(notice[1]), notice[2] ?? '');
    else if (end) this.endOfHistory();
    else if (line.startsWith('! ')) this.failures.push(`the sleeper was told: ${line.slice(0, 200)}`);
  }

  private tell(lines: number, command: string): void {
    this.skipped += lines;
    this.commands.push({ command, lines });
    if (this.commands.length === 1) this.client.send(`${command}\n`);
  }

  private endOfHistory(): void {
    const done = this.commands.shift();
    if (done?.lines !== this.shown)
      this.failures.push(`${done?.command} showed ${this.shown} lines, the notice said ${done?.lines}`);
    this.shown = 0;
    const next = this.commands[0];
    if (next) this.client.send(`${next.command}\n`);
  }

  /** What of the lines `from` … `to` - 1 was not seen exactly once. */
  check(from: number, to: number): void {
    let missing = 0;
    let twice = 0;
    for (let n = from; n < to; n++) {
      const seen = (this.live.get(n) ?? 0) + (this.history.get(n) ?? 0);
      if (seen === 0) missing++;
      if (seen > 1) twice++;
    }
    if (missing > 0) this.failures.push(`${missing} of ${to - from} lines were never shown to the sleeper`);
    if (twice > 0) this.failures.push(`${twice} of ${to - from} lines were shown to the sleeper twice`);
  }
}

interface Phase {
  readonly p50: number;
  readonly p99: number;
  readonly most: number;
  /** MiB that the server's memory stood above the phase's beginning, at most. */
  readonly grown: number;
}

async function measure(server: Server, talk: Talk): Promise<Phase> {
  const before = server.memory.own;
  let peak = before;
  const timed = await talk.run(options.seconds, () => {
    peak = Math.max(peak, server.memory.own);
  });
  return {
    p50: timed.quantile(0.5),
    p99: timed.quantile(0.99),
    most: timed.most,
    grown: (peak - before) / 2 ** 20,
  };
}

function nextPass(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

async function eventually(isSo: () => boolean, otherwise: string): Promise<void> {
  const end = performance.now() + PATIENCE;
  while (!isSo()) {
    if (performance.now() > end) throw new Error(otherwise);
    await nextPass();
  }
}

pinLoad();
endAfter(60 + options.rounds * (2 * options.seconds + 40));
const server = await Server.parley([], options.binary);
const people = await inParallel(options.members - 1, 20, at =>
  LoadClient.signedIn(server.port, `member${at}`, ROOM),
);
const listeners = people.slice(options.talkers).filter((_, at) => at % TIMED_EVERY === 0);
if (listeners.length === 0) throw new Error('--members must be well above --talkers');
const talk = new Talk(people.slice(0, options.talkers), listeners.length);
for (const listener of listeners) takeLines(listener, line => talk.heard(line));
await talk.run(WARM_UP_SECONDS);

const awake: Phase[] = [];
const asleep: Phase[] = [];
const shares: number[] = [];
const failures: string[] = [];
const seen = { live: 0, skipped: 0, history: 0 };
for (let round = 1; round <= options.rounds; round++) {
  progress(`round ${round} of ${options.rounds}`);
  // A new connection each round: the kernel gives one that has read a lot far larger buffers.
  const sleeper = new Sleeper(await LoadClient.signedIn(server.port, `sleeper${round}`, ROOM));
  const from = talk.said;
  awake.push(await measure(server, talk));
  const slept = talk.said;
  sleeper.client.pause();
  asleep.push(await measure(server, talk));
  const share = talk.said - slept;
  sleeper.client.resume();
  await talk.run(WAKING_SECONDS);
  await eventually(() => sleeper.caughtUp && sleeper.saw(talk.said - 1), 'the sleeper did not catch up');
  shares.push((sleeper.skipped / share) * 100);
  sleeper.check(from, talk.said);
  failures.push(...sleeper.failures);
  seen.live += sleeper.live.size;
  seen.skipped += sleeper.skipped;
  seen.history += sleeper.history.size;
  sleeper.client.close();
}
if (shares.some(share => share === 0))
  failures.push('the sleeper never fell behind far enough: give it more --seconds or --text');
await server.stop();

const of = (phases: readonly Phase[], field: keyof Phase): Spread =>
  spread(phases.map(phase => phase[field]));
const ratio = (field: keyof Phase): Spread =>
  spread(asleep.map((phase, at) => phase[field] / (awake[at]?.[field] ?? Number.NaN)));
report(
  {
    title: `${options.members} members, ${options.talkers} talk, ${options.rate} lines/s of ${options.text} bytes`,
    columns: ['', 'p50 ms', 'p99 ms', 'most ms', 'memory +MiB', 'skipped %'],
    rows: [
      ['everyone reads', of(awake, 'p50'), of(awake, 'p99'), of(awake, 'most'), of(awake, 'grown'), ''],
      [
        'one does not',
        of(asleep, 'p50'),
        of(asleep, 'p99'),
        of(asleep, 'most'),
        of(asleep, 'grown'),
        spread(shares),
      ],
      ['ratio', ratio('p50'), ratio('p99'), ratio('most'), '', ''],
    ],
    notes: [
      `${PINNING} Medians (least–most) of ${options.rounds} rounds of ${options.seconds} s a phase.`,
      `The sleeper woke ${options.rounds} times: ${seen.live} lines seen live, ${seen.skipped} skipped, ${seen.history} shown by the history commands it was told.`,
    ],
    failures,
  },
  options.json,
);
process.exit();
