/**
 * Deliveries: how many lines a second reach their listeners, and what one costs the server, in one big room
 * with a few to many lines in flight, and in many small rooms. Beside parley runs a bare Bun loop that only
 * splits and fans out (bare.ts), and with `--against` another parley: the same load, in turns.
 *
 * Closed loop: so many lines of a room are under way at any time, each from another member; the next is said
 * when one has reached all others. Lines are all of one length, so bytes tell how many have arrived; one
 * member of each room counts them one by one all the same.
 */
import { join } from 'node:path';
import { BINARY } from '../helper/daemon.ts';
import { PINNING, pinLoad } from './kit/cores.ts';
import { endAfter } from './kit/deadline.ts';
import { inParallel, LoadClient } from './kit/load-client.ts';
import { readOptions } from './kit/options.ts';
import { progress, report } from './kit/report.ts';
import { Server } from './kit/server.ts';
import { type Spread, spread } from './kit/stats.ts';

const options = readOptions('Deliveries in one big room and in many small ones.', {
  /** Of the big room. */
  members: 1000,
  /** Lines in flight in the big room, one case each. */
  windows: '1,8,64',
  rooms: 100,
  'room-members': 10,
  /** Lines in flight in each small room. */
  'room-window': 4,
  /** Bytes of text a line. */
  text: 60,
  /** Measured, after one to warm up. */
  seconds: 3,
  rounds: 3,
  binary: BINARY,
  /** Another parley to compare with. */
  against: '',
  /** Further arguments of parley, such as `--memory`. */
  args: '',
});

const NEWLINE = 10;
const WARM_UP_MS = 1000;
/** ms that the last lines may take to arrive. */
const PATIENCE = 10_000;

/** One room under load. */
class Room {
  /** Lines said, and those that have reached everyone else. */
  said = 0;
  arrived = 0;
  /** Lines that the last member counted. */
  counted = 0;
  private bytes = 0;
  /** Bytes by which one line that reached everybody moves `bytes`. */
  private lineBytes = Number.POSITIVE_INFINITY;
  private talking = false;

  private constructor(
    private readonly members: readonly LoadClient[],
    readonly window: number,
  ) {}

  static async of(server: Server, name: string, members: number, window: number): Promise<Room> {
    const people = await inParallel(members, 20, at =>
      LoadClient.signedIn(server.port, `${name}m${String(at).padStart(4, '0')}`, name),
    );
    const room = new Room(people, window);
    await room.settle();
    return room;
  }

  get listeners(): number {
    return this.members.length - 1;
  }

  /** Says one line and waits until everybody has it: nothing from before is under way then. */
  private async settle(): Promise<void> {
    const heard = this.members.slice(1).map(member => member.until('settled'));
    this.members[0]?.send('settled\n');
    await Promise.all(heard);
    for (const member of this.members) member.take = bytes => this.take(bytes);
    const last = this.members.at(-1);
    if (!last) return;
    last.take = bytes => {
      for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) this.counted++;
      this.take(bytes);
    };
  }

  /** Has lines under way from now on. `lineBytes` is the length of one as it is shown. */
  talk(lineBytes: number): void {
    this.lineBytes = lineBytes * this.listeners;
    this.talking = true;
    while (this.said < this.window) this.say();
  }

  /** Says no more, and resolves when all that was said has arrived. */
  async finish(): Promise<void> {
    this.talking = false;
    const end = performance.now() + PATIENCE;
    while (this.bytes < this.said * this.lineBytes && performance.now() < end) await Bun.sleep(1);
    const wrong = this.bytes !== this.said * this.lineBytes || this.counted !== this.said;
    if (wrong)
      throw new Error(
        `of ${this.said} lines ${this.bytes / this.lineBytes} arrived, ${this.counted} counted`,
      );
  }

  close(): void {
    for (const member of this.members) member.close();
  }

  private take(bytes: Buffer): void {
    this.bytes += bytes.length;
    while (this.bytes >= (this.arrived + 1) * this.lineBytes) {
      this.arrived++;
      if (this.talking) this.say();
    }
  }

  private say(): void {
    // Never the last member: it counts every line.
    const speaker = this.members[this.said++ % Math.min(this.window, this.listeners)];
    speaker?.send(TEXT);
  }
}

const TEXT = `${'x'.repeat(options.text)}\n`;

interface Case {
  readonly label: string;
  readonly rooms: number;
  readonly members: number;
  readonly window: number;
}

interface Result {
  /** Lines that reached a listener, a second. */
  readonly perSecond: number;
  /** µs of the server's processor time for each of them. */
  readonly cpuEach: number;
  /** Share of a core, in %, that the server and the load used. */
  readonly serverBusy: number;
  readonly loadBusy: number;
}

async function measure(server: Server, { rooms: count, members, window }: Case): Promise<Result> {
  const rooms: Room[] = [];
  const prefix = `w${window}`;
  for (let at = 0; at < count; at++)
    rooms.push(await Room.of(server, `${prefix}r${String(at).padStart(3, '0')}`, members, window));
  const shown = `[00:00:00] ${prefix}r000m0000 (in ${prefix}r000): ${TEXT}`;
  for (const room of rooms) room.talk(shown.length);
  await Bun.sleep(WARM_UP_MS);
  const before = sample(server, rooms);
  await Bun.sleep(options.seconds * 1000);
  const after = sample(server, rooms);
  for (const room of rooms) await room.finish();
  for (const room of rooms) room.close();
  const ms = after.at - before.at;
  const delivered = after.delivered - before.delivered;
  return {
    perSecond: (delivered / ms) * 1000,
    cpuEach: ((after.server - before.server) * 1000) / delivered,
    serverBusy: ((after.server - before.server) / ms) * 100,
    loadBusy: ((after.load - before.load) / ms) * 100,
  };
}

function sample(
  server: Server,
  rooms: readonly Room[],
): { at: number; server: number; load: number; delivered: number } {
  const { user, system } = process.cpuUsage();
  return {
    at: performance.now(),
    server: server.cpu,
    load: (user + system) / 1000,
    delivered: rooms.reduce((sum, room) => sum + room.arrived * room.listeners, 0),
  };
}

pinLoad();
const windows = options.windows.split(',').filter(word => word !== '');
const cases: Case[] = windows.map(window => ({
  label: `${options.members} in a room, ${window} in flight`,
  rooms: 1,
  members: options.members,
  window: Number(window),
}));
if (options.rooms > 0)
  cases.push({
    label: `${options.rooms} rooms of ${options['room-members']}, ${options['room-window']} in flight each`,
    rooms: options.rooms,
    members: options['room-members'],
    window: options['room-window'],
  });
const args = options.args.split(' ').filter(word => word !== '');
const contenders = [
  { label: 'parley', start: () => Server.parley(args, options.binary) },
  ...(options.against === ''
    ? []
    : [{ label: 'against', start: () => Server.parley(args, options.against) }]),
  { label: 'bare loop', start: () => Server.run([process.execPath, join(import.meta.dir, 'bare.ts')]) },
];
endAfter(60 + options.rounds * cases.length * 3 * (options.seconds + 30));
const results = cases.map(() => contenders.map((): Result[] => []));
for (let round = 1; round <= options.rounds; round++) {
  for (const [who, contender] of contenders.entries()) {
    progress(`round ${round} of ${options.rounds}: ${contender.label}`);
    const server = await contender.start();
    for (const [at, each] of cases.entries()) results[at]?.[who]?.push(await measure(server, each));
    await server.kill();
  }
}

const of = (some: readonly Result[], field: keyof Result): Spread =>
  spread(some.map(result => result[field]));
report(
  {
    title: `Deliveries of lines with ${options.text} bytes of text`,
    columns: ['', 'server', 'thousand a second', 'server µs each', 'server busy %', 'load busy %'],
    rows: cases.flatMap(({ label }, at) =>
      contenders.map(({ label: who }, nth) => {
        const some = results[at]?.[nth] ?? [];
        return [
          nth === 0 ? label : '',
          who,
          spread(some.map(result => result.perSecond / 1000)),
          of(some, 'cpuEach'),
          of(some, 'serverBusy'),
          of(some, 'loadBusy'),
        ];
      }),
    ),
    notes: [
      `${PINNING} Medians (least–most) of ${options.rounds} rounds of ${options.seconds} s, the servers in turns.`,
      'Where the load is the busier of the two, “a second” says what the load could take; “µs each” is the server’s own.',
    ],
    failures: [],
  },
  options.json,
);
process.exit();
