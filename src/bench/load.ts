/**
 * A load process: connects its share of people, has them talk, and counts what they are shown. It does what
 * it is asked (`protocol.ts`) and ends with the process that started it.
 */
import { DIALECTS, type Dialect } from './dialect.ts';
import { Group } from './group.ts';
import { Histogram, type Times } from './histogram.ts';
import { LoadClient } from './load-client.ts';
import { Pace } from './pace.ts';
import { inParallel } from './parallel.ts';
import { type GroupShare, type Share, STORM_ROOM, speakersHere } from './plan.ts';
import { Problems } from './problems.ts';
import type { Answered, Answers, Asked, Hushed, Order, Outcome, Reading, Said } from './protocol.ts';
import { Reader } from './reader.ts';
import { Speaker } from './speaker.ts';

/** How long lines may stay away while none arrive, and how long waiting for them takes at most; ms. */
const QUIET = 3000;
const PATIENCE = 60_000;
const LOOK_EVERY = 10;
/** How long one person may take to get in, in ms. */
const GET_IN = 20_000;
/** A timer is about this late, in µs: closer to the time, the process looks at the clock again and again. */
const TIMER_LATE = 1500;

/** Resolves when the process that started this one is gone. */
export async function serveLoad(): Promise<void> {
  // Ctrl-C is for the process that measures: it asks for what there is so far.
  process.on('SIGINT', () => {});
  const load = new LoadProcess();
  // Sent by run.ts, as an Asked.
  process.on('message', (message: Asked) => void answer(load, message));
  await new Promise<void>(resolve => process.on('disconnect', resolve));
}

async function answer(load: LoadProcess, { id, order }: Asked): Promise<void> {
  let reply: Answered;
  try {
    reply = { id, answer: await load.do(order) };
  } catch (error) {
    reply = { id, failed: error instanceof Error ? error.message : String(error) };
  }
  process.send?.(reply);
}

/** µs, of all threads of this process. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

const micros = (): number => Math.round(performance.now() * 1000);

class LoadProcess {
  private share: Share | null = null;
  private dialect: Dialect = DIALECTS.text;
  private readonly groups: Group[] = [];
  private readonly speakers: Speaker[] = [];
  private readonly problems = new Problems();
  private readonly latency = new Histogram();
  private readonly span = { from: Number.POSITIVE_INFINITY, to: Number.POSITIVE_INFINITY };
  private talking = false;
  /** Connections that the server has not closed. */
  private open = 0;
  /** µs of processor time that went into looking at the clock while nothing came. */
  private spun = 0;
  /** Whether anything came since the clock was last looked at. */
  private busy = false;

  async do(order: Order): Promise<Answers[keyof Answers]> {
    switch (order.do) {
      case 'sign-in':
        return await this.signIn(order.share);
      case 'talk':
        return this.talk();
      case 'begin':
        this.span.from = micros();
        return this.read();
      case 'read':
        return this.read();
      case 'storm':
        return await this.storm();
      case 'hush':
        return this.hush();
      case 'settle':
        return await this.settle(new Map(order.said));
    }
  }

  private async signIn(share: Share): Promise<null> {
    this.share = share;
    this.dialect = DIALECTS[share.dialect];
    const people: (() => Promise<void>)[] = [];
    for (const each of share.groups) {
      const group = new Group(each, this.span, this.latency, () =>
        this.problems.add('strayed', 'a line reached somebody it was not for'),
      );
      this.groups.push(group);
      for (let at = each.from; at < each.to; at++) people.push(() => this.member(share, group, at));
    }
    for (let at = share.idle.from; at < share.idle.to; at++)
      people.push(async () => void this.listen(await this.person(share, `i${numbered(share.tag, at)}`)));
    await inParallel(people.length, share.width, async at => await people[at]?.());
    for (const group of this.groups) this.speakers.push(...group.speakers);
    return null;
  }

  private async member(share: Share, group: Group, at: number): Promise<void> {
    const { index, pair } = group.share;
    const room = `b${numbered(share.tag, index)}`;
    const client = await this.person(share, memberName(share, group.share, at), pair ? null : room);
    const reader = this.listen(client, group.watches(at) ? { group, at } : null);
    group.add(at, reader);
    if (at >= speakersHere(group.share)) return;
    const other = memberName(share, group.share, 1 - at);
    const address = pair ? this.dialect.toPerson(other) : this.dialect.toRoom(room);
    const number = group.share.firstSpeaker + at;
    group.speakers[at] = new Speaker(client, number, share.size, address, this.dialect.lineEnd);
  }

  /** Connects and signs in, and goes into a room where one is named. */
  private async person({ host, port }: Share, name: string, room: string | null = null): Promise<LoadClient> {
    const client = await connect(host, port);
    const late = setTimeout(() => client.close(), GET_IN);
    try {
      await this.dialect.signIn(client, name);
      if (room !== null) await this.dialect.join(client, room);
      return client;
    } catch (error) {
      client.close();
      throw new Error(`${name} cannot sign in: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      clearTimeout(late);
    }
  }

  /** Counts what the client is shown from now on, and answers the server's pings. */
  private listen(
    client: LoadClient,
    watched: { readonly group: Group; readonly at: number } | null = null,
  ): Reader {
    let now = 0;
    const see = watched?.group.watch(watched.at, () => now) ?? null;
    const reader = new Reader(see, line => this.aside(client, line));
    this.open++;
    client.gone = () => {
      this.open--;
      this.problems.add('closed', 'the server closed a connection');
    };
    client.take = watched
      ? bytes => {
          this.busy = true;
          now = micros();
          reader.take(bytes);
          watched.group.refill(micros());
        }
      : bytes => {
          this.busy = true;
          reader.take(bytes);
        };
    return reader;
  }

  private aside(client: LoadClient, line: Buffer): void {
    const aside = this.dialect.aside(line);
    if (aside?.is === 'ping') client.send(aside.answer);
    else if (aside?.is === 'error') this.problems.add(aside.code, line.toString());
  }

  private talk(): null {
    this.talking = true;
    const load = this.share?.load;
    if (!load) return null;
    if ('window' in load) for (const group of this.groups) group.talk(load.window, micros());
    else if (this.speakers.length > 0) this.keep(new Pace(load.rate, micros()), null);
    return null;
  }

  /** Says what is due, and comes back for the next. `used` is the processor time when nothing was left to do. */
  private keep(pace: Pace, used: number | null): void {
    if (!this.talking) return;
    if (used !== null && !this.busy) this.spun += processorTime() - used;
    const now = micros();
    for (let at = pace.next; at <= now; at = pace.next)
      this.speakers[pace.take() % this.speakers.length]?.say(1, Math.round(at));
    this.busy = false;
    const left = pace.next - micros();
    const rest = left <= TIMER_LATE ? processorTime() : null;
    if (rest !== null) setImmediate(() => this.keep(pace, rest));
    else setTimeout(() => this.keep(pace, null), (left - TIMER_LATE) / 1000);
  }

  private read(): Reading {
    return {
      at: micros(),
      delivered: this.groups.reduce((sum, group) => sum + group.delivered, 0),
      said: this.speakers.reduce((sum, speaker) => sum + speaker.said, 0),
      worked: processorTime() - this.spun,
    };
  }

  /** Everyone of the storm comes at once; what each took. */
  private async storm(): Promise<Times> {
    const { share } = this;
    const times = new Histogram();
    if (!share) return times.times;
    const { from, to } = share.storm;
    await inParallel(to - from, share.stormWidth, async nth => {
      const at = from + nth;
      const began = micros();
      try {
        const room = `s${numbered(share.tag, Math.floor(at / STORM_ROOM))}`;
        this.listen(await this.person(share, `s${numbered(share.tag, at)}`, room));
        times.add(micros() - began);
      } catch (error) {
        this.problems.add('sign-in', error instanceof Error ? error.message : String(error));
      }
    });
    return times.times;
  }

  private hush(): Hushed {
    this.talking = false;
    for (const group of this.groups) group.hush();
    this.span.to = micros();
    const said = this.groups
      .filter(group => group.speakers.length > 0)
      .map((group): Said => [group.share.index, group.speakers.map(speaker => speaker.said)]);
    return { reading: this.read(), said };
  }

  /** Waits until everything said has arrived, or nothing more seems to. */
  private async settle(said: ReadonlyMap<number, readonly number[]>): Promise<Outcome> {
    const saidIn = (group: Group): readonly number[] => said.get(group.share.index) ?? [];
    const end = performance.now() + PATIENCE;
    let delivered = -1;
    let quietSince = performance.now();
    while (!this.groups.every(group => group.complete(saidIn(group)))) {
      const now = performance.now();
      const reading = this.read();
      if (reading.delivered !== delivered) quietSince = now;
      delivered = reading.delivered;
      if (this.open === 0 || now > end || now - quietSince > QUIET) break;
      await Bun.sleep(LOOK_EVERY);
    }
    const faults = this.groups.map(group => group.faults(saidIn(group)));
    const sum = (of: 'lost' | 'doubled' | 'disordered'): number =>
      faults.reduce((all, each) => all + each[of], 0);
    return {
      lost: sum('lost'),
      doubled: sum('doubled'),
      disordered: sum('disordered'),
      problems: this.problems.all,
      latency: this.latency.times,
    };
  }
}

/** Names are short enough for every IRC server: nine characters. */
function numbered(tag: string, number: number): string {
  return `${tag}${String(number).padStart(5, '0')}`;
}

function memberName({ tag }: Share, { firstMember }: GroupShare, at: number): string {
  return `m${numbered(tag, firstMember + at)}`;
}

async function connect(host: string, port: number): Promise<LoadClient> {
  try {
    return await LoadClient.connect(port, host);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new Error(`cannot connect to ${host}:${port}: ${code}`);
  }
}
