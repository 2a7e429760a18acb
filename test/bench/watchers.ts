/**
 * What people who watch the page cost those who talk: deliveries in one big room with a thousand streams of
 * `/events` open beside it, and without them, in turns on one server.
 */
import { BINARY } from '../helper/daemon.ts';
import { PINNING, pinLoad } from './kit/cores.ts';
import { endAfter } from './kit/deadline.ts';
import { inParallel } from './kit/load-client.ts';
import { readOptions } from './kit/options.ts';
import { progress, report } from './kit/report.ts';
import { Server } from './kit/server.ts';
import { spread } from './kit/stats.ts';
import { load } from './peer/load.ts';
import { parley } from './peer/servers.ts';

const options = readOptions('A thousand watch the page while a big room talks.', {
  watchers: 1000,
  members: 1000,
  /** Lines in flight in the room. */
  window: 64,
  /** Bytes of text a line. */
  text: 60,
  /** Measured, after a second to warm up. */
  seconds: 4,
  rounds: 3,
  binary: BINARY,
});

/** Per cent of the deliveries that the watchers may cost. */
const MOST = 5;
const WITHOUT = 0;
/** So that what changes while a server runs falls on both alike. */
const ORDER = [WITHOUT, options.watchers, options.watchers, WITHOUT];

/** Streams that are read and thrown away. */
class Watchers {
  bytes = 0;
  private sockets: Bun.Socket[] = [];

  static async of(port: number, count: number): Promise<Watchers> {
    const watchers = new Watchers();
    watchers.sockets = await inParallel(count, 50, () => watchers.open(port));
    return watchers;
  }

  close(): void {
    for (const socket of this.sockets) socket.terminate();
  }

  /** Resolves with its first bytes: it has been shown how things are. */
  private open(port: number): Promise<Bun.Socket> {
    return new Promise((resolve, reject) => {
      void Bun.connect({
        hostname: '127.0.0.1',
        port,
        socket: {
          open: socket => {
            socket.write('GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n');
          },
          data: (socket, bytes) => {
            this.bytes += bytes.length;
            resolve(socket);
          },
          connectError: (_, error) => reject(error),
        },
      }).catch(reject);
    });
  }
}

interface Result {
  readonly perSecond: number;
  readonly cpuEach: number;
  /** KiB a second that all watchers were sent. */
  readonly watched: number;
}

async function measure(server: Server, count: number): Promise<Result> {
  const watchers = await Watchers.of(server.httpPort, count);
  const { members, window, text, seconds } = options;
  const work = { rooms: 1, members, speakers: window, window: 1 };
  const recipe = parley(options.binary);
  const before = watchers.bytes;
  const began = performance.now();
  const tool = [options.binary, 'bench'];
  const result = await load(tool, recipe, server.port, server.process.pid, work, text, seconds);
  const watched = (watchers.bytes - before) / 1024 / ((performance.now() - began) / 1000);
  watchers.close();
  return { perSecond: result.deliveriesPerSecond, cpuEach: result.server?.cpuUsPerDelivery ?? 0, watched };
}

pinLoad();
endAfter(60 + options.rounds * ORDER.length * (options.seconds + 30));
const results = new Map<number, Result[]>([
  [WITHOUT, []],
  [options.watchers, []],
]);
for (let round = 1; round <= options.rounds; round++) {
  const server = await Server.parley(['--http-port', 'auto'], options.binary);
  for (const count of ORDER) {
    progress(`round ${round} of ${options.rounds}: ${count} watchers`);
    results.get(count)?.push(await measure(server, count));
  }
  await server.stop();
}

const of = (count: number, field: keyof Result): number[] =>
  (results.get(count) ?? []).map(result => result[field]);
const median = (count: number): number => spread(of(count, 'perSecond')).median;
const lost = (1 - median(options.watchers) / median(WITHOUT)) * 100;
report(
  {
    title: `Deliveries in a room of ${options.members}, ${options.window} in flight`,
    columns: ['watchers', 'thousand a second', 'server µs each', 'KiB a second to watchers'],
    rows: [WITHOUT, options.watchers].map(count => [
      String(count),
      spread(of(count, 'perSecond').map(each => each / 1000)),
      spread(of(count, 'cpuEach')),
      spread(of(count, 'watched')),
    ]),
    notes: [
      `${PINNING} Medians (least–most) of ${options.rounds} rounds, each without, with, with and without.`,
      `The watchers cost ${lost.toFixed(1)} % of the deliveries; at most ${MOST} % is wanted.`,
    ],
    failures: lost > MOST ? [`the watchers cost ${lost.toFixed(1)} % of the deliveries`] : [],
  },
  options.json,
);
process.exit();
