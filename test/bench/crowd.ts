/**
 * A crowd arrives: how long each sign-in takes, how many a second the server takes, what a connection costs it
 * in memory, and whether those who are there already notice. Two variants, alternating: people who only sign
 * in, and people who also join rooms of ten.
 *
 * Everyone stays connected; memory is what the server has beyond its own before anybody came, once it has
 * settled. The load comes from several processes, because each may have only so many open files.
 */
import { BINARY } from '../helper/daemon.ts';
import type { Order, Progress } from './crowd-load.ts';
import { onLoadCore, PINNING, pinLoad } from './kit/cores.ts';
import { endAfter } from './kit/deadline.ts';
import { LoadClient, takeLines } from './kit/load-client.ts';
import { readOptions } from './kit/options.ts';
import { progress, report } from './kit/report.ts';
import { Server } from './kit/server.ts';
import { Samples, type Spread, spread } from './kit/stats.ts';

const options = readOptions('Ten thousand people sign in at once.', {
  connections: 10_000,
  /** Sign-ins under way at once. */
  width: 64,
  /** Members of a room, in the variant that joins. */
  room: 10,
  rounds: 3,
  /** Seconds until memory is looked at: the runtime tidies up some 10 to 15 s after a rush. */
  settle: 20,
  /** The server; by default what `npm run build` made. */
  binary: BINARY,
});

/** Connections a load process makes at most. */
const EACH = 5000;
/** ms between the lines that an existing session says meanwhile. */
const PROBE_EVERY = 5;
/** ms until the memory of the empty server is looked at. */
const EMPTY_SETTLES = 2000;
/** Files the server needs beside the connections: store, listeners, the runtime's own. */
const OTHER_FILES = 100;

interface Result {
  readonly perSecond: number;
  readonly signInP50: number;
  readonly signInP99: number;
  /** µs of the server's processor time. */
  readonly cpuEach: number;
  /** Bytes a connection: all that is resident, and the process's own part. */
  readonly resident: number;
  readonly own: number;
  readonly probeP99: number;
  readonly probeMost: number;
}

/** Two sessions that are there already: one says a line every so often, the other is timed being shown it. */
class Probe {
  readonly times = new Samples();
  private timer: Timer | null = null;
  private sent = 0;

  private constructor(
    private readonly speaker: LoadClient,
    listener: LoadClient,
  ) {
    takeLines(listener, line => {
      const at = / probe-([\d.]+)$/.exec(line)?.[1];
      if (at !== undefined) this.times.add(performance.now() - Number(at));
    });
  }

  static async in(server: Server): Promise<Probe> {
    const speaker = await LoadClient.signedIn(server.port, 'prober', 'probes');
    return new Probe(speaker, await LoadClient.signedIn(server.port, 'probed', 'probes'));
  }

  start(): void {
    this.timer = setInterval(() => {
      this.sent++;
      this.speaker.send(`probe-${performance.now()}\n`);
    }, PROBE_EVERY);
  }

  /** Stops, and resolves when every line has arrived. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    while (this.times.count < this.sent) await Bun.sleep(1);
  }
}

async function signIn(server: Server, rooms: boolean, times: Samples): Promise<() => Promise<void>> {
  const processes = Math.ceil(options.connections / EACH);
  const loads: Bun.Subprocess[] = [];
  await Promise.all(
    Array.from({ length: processes }, (_, at) => {
      const from = Math.round((at * options.connections) / processes);
      const to = Math.round(((at + 1) * options.connections) / processes);
      const order: Order = {
        port: server.port,
        from,
        to,
        width: Math.ceil(options.width / processes),
        room: rooms ? options.room : 0,
      };
      return new Promise<void>((resolve, reject) => {
        const command = [process.execPath, `${import.meta.dir}/crowd-load.ts`, JSON.stringify(order)];
        loads[at] = Bun.spawn(onLoadCore(command), {
          stdin: 'ignore',
          stdout: 'inherit',
          stderr: 'inherit',
          ipc: (message: Progress) => {
            for (const time of message.times) times.add(time);
            if (message.done) resolve();
          },
          onExit: () => reject(new Error('a load process ended early')),
        });
      });
    }),
  );
  return async () => {
    for (const load of loads) load.kill('SIGKILL');
    await Promise.all(loads.map(load => load.exited));
  };
}

async function measure(rooms: boolean): Promise<Result> {
  const most = String(options.connections + OTHER_FILES);
  const args = ['--connections', most, '--rooms', '1000000'];
  const server = await Server.parley(args, options.binary);
  try {
    await Bun.sleep(EMPTY_SETTLES);
    const empty = server.memory;
    const probe = await Probe.in(server);
    const times = new Samples();
    probe.start();
    const cpu = server.cpu;
    const began = performance.now();
    const goAway = await signIn(server, rooms, times);
    const took = performance.now() - began;
    const used = server.cpu - cpu;
    await probe.stop();
    await Bun.sleep(options.settle * 1000);
    const full = server.memory;
    await goAway();
    return {
      perSecond: (options.connections / took) * 1000,
      signInP50: times.quantile(0.5),
      signInP99: times.quantile(0.99),
      cpuEach: (used / options.connections) * 1000,
      resident: (full.resident - empty.resident) / options.connections,
      own: (full.own - empty.own) / options.connections,
      probeP99: probe.times.quantile(0.99),
      probeMost: probe.times.most,
    };
  } finally {
    await server.kill();
  }
}

pinLoad();
endAfter(60 + options.rounds * 2 * (options.settle + 30 + options.connections / 200));
const files = Number(/Max open files\s+(\d+)/.exec(await Bun.file('/proc/self/limits').text())?.[1]);
if (options.connections + OTHER_FILES > files) {
  process.stderr.write(`A process here may have ${files} open files (ulimit -n): too few for the server.\n`);
  process.exit(2);
}
const variants = [
  { label: 'signed in', rooms: false },
  { label: `in rooms of ${options.room}`, rooms: true },
];
const results = variants.map((): Result[] => []);
for (let round = 1; round <= options.rounds; round++) {
  for (const [at, variant] of variants.entries()) {
    progress(`round ${round} of ${options.rounds}: ${variant.label}`);
    results[at]?.push(await measure(variant.rooms));
  }
}

const of = (at: number, field: keyof Result): Spread =>
  spread((results[at] ?? []).map(result => result[field]));
report(
  {
    title: `${options.connections} connections sign in, ${options.width} at a time`,
    columns: ['', ...variants.map(variant => variant.label)],
    rows: [
      ['sign-ins a second', of(0, 'perSecond'), of(1, 'perSecond')],
      ['time per sign-in, p50 ms', of(0, 'signInP50'), of(1, 'signInP50')],
      ['time per sign-in, p99 ms', of(0, 'signInP99'), of(1, 'signInP99')],
      ['server time per sign-in, µs', of(0, 'cpuEach'), of(1, 'cpuEach')],
      ['memory per connection, bytes', of(0, 'resident'), of(1, 'resident')],
      ['  without mapped files', of(0, 'own'), of(1, 'own')],
      ['line to an existing session meanwhile, p99 ms', of(0, 'probeP99'), of(1, 'probeP99')],
      ['  slowest ms', of(0, 'probeMost'), of(1, 'probeMost')],
    ],
    notes: [
      `${PINNING} Medians (least–most) of ${options.rounds} rounds; a fresh server each.`,
      `A sign-in is from connecting to being told so, and in the second variant to having joined. Memory is what the server has beyond its own before anybody came, ${options.settle} s after the last.`,
    ],
    failures: [],
  },
  options.json,
);
process.exit();
