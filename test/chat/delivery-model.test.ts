/**
 * Who is shown what, as a property: several people in several rooms do whatever they like, turns end wherever
 * they like, the store commits late and in pieces. What everyone was shown is then held against the store: its
 * events, in the order in which it committed them, say who was in which room when. `RUNS` in the environment
 * has it (and the properties of catching up and of slow readers) tried more often.
 */
import { expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { isSaid, type Kept, type RoomEvent } from '../../src/chat/event.ts';
import { fold } from '../../src/chat/names.ts';
import type { Seat } from '../../src/chat/seat.ts';
import type { Session } from '../../src/chat/session.ts';
import { SPEAK_FIRST } from '../../src/dialect/client.ts';
import { eventLine } from '../../src/dialect/text/format.ts';
import { Chat, type Person } from '../helper/chat.ts';

const NAMES = ['alice', 'bob', 'carol', 'dave'] as const;
const ROOMS = ['ops', 'dev', 'tea'] as const;
/** What each types first: so there is somebody of every kind that delivery treats in its own way. */
const SETTINGS: Readonly<Record<Name, readonly string[]>> = {
  alice: [],
  bob: ['/set echo on'],
  carol: ['/ignore bob'],
  dave: ['/set prompt on'],
};
type Name = (typeof NAMES)[number];

type Step =
  | { readonly do: 'say' | 'act' | 'topic' | 'leave' | 'drop' | 'exit' | 'connect'; readonly who: Name }
  | { readonly do: 'join'; readonly who: Name; readonly room: string }
  | { readonly do: 'kick' | 'tell'; readonly who: Name; readonly whom: Name }
  | { readonly do: 'end turn' | 'promises' | 'settle' | 'hold' | 'resume' }
  | { readonly do: 'resume some'; readonly count: number };

const who = fc.constantFrom(...NAMES);
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ do: fc.constant('say' as const), who }) },
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('join' as const), who, room: fc.constantFrom(...ROOMS) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('act', 'topic', 'leave'), who }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('drop', 'exit', 'connect', 'connect'), who }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('kick', 'tell'), who, whom: who }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('end turn', 'promises', 'settle') }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('hold', 'resume') }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('resume some' as const),
        count: fc.integer({ min: 1, max: 4 }),
      }),
    },
  ),
  { maxLength: 60, size: 'max' },
);

/** One connection, from its first line to its end. */
class Life {
  readonly person: Person;
  readonly session: Session;
  /** The newest event when it signed in, and when it was gone; null before that. */
  from: number | null = null;
  until: number | null = null;
  broke = false;
  readonly said: string[] = [];
  /** The newest event when each of its seats was first seen open. */
  readonly openings = new Map<Seat, number>();

  constructor(
    readonly chat: Chat,
    readonly name: Name,
  ) {
    this.person = chat.connect();
    const session = [...chat.hub.sessions].at(-1);
    if (!session) throw new Error('the hub has no session for a connection');
    this.session = session;
    for (const line of [`register ${name}`, ...SETTINGS[name]]) this.person.sends(`${line}\n`);
  }

  /** Looks what became of it; to be called after whatever may have changed that. */
  look(): void {
    const { lastId } = this.chat.store;
    if (this.from === null && this.session.user) this.from = lastId;
    if (this.until === null && this.session.closed) this.until = lastId;
    for (const seat of this.session.seats)
      if (seat.index >= 0 && !this.openings.has(seat)) this.openings.set(seat, lastId);
  }

  get over(): boolean {
    return this.session.closed || this.broke;
  }
}

class World {
  readonly lives: Life[] = [];
  private readonly now = new Map<Name, Life>();
  private texts = 0;

  /** Everything that was committed, in order. (The store forgets rooms that nobody is in.) */
  readonly log: Kept[] = [];

  constructor(readonly chat: Chat) {
    const { hub } = chat;
    const deliver = hub.committed.bind(hub);
    hub.committed = batch => {
      for (const { event } of batch) this.log.push(event);
      deliver(batch);
    };
  }

  connect(name: Name): void {
    if (this.now.get(name)?.over === false) return;
    const life = new Life(this.chat, name);
    this.lives.push(life);
    this.now.set(name, life);
  }

  async step(step: Step): Promise<void> {
    const { chat } = this;
    switch (step.do) {
      case 'connect':
        this.connect(step.who);
        break;
      case 'say':
        this.says(step.who, text => text);
        break;
      case 'act':
        this.says(step.who, text => `/me ${text}`);
        break;
      case 'topic':
        this.types(step.who, `/topic subject ${++this.texts}`);
        break;
      case 'join':
        this.types(step.who, `/join ${step.room}`);
        break;
      case 'leave':
        this.types(step.who, '/leave');
        break;
      case 'kick':
        this.types(step.who, `/kick ${step.whom}`);
        break;
      case 'tell':
        this.says(step.who, text => `/msg ${step.whom} ${text}`);
        break;
      case 'exit':
        this.types(step.who, '/exit');
        break;
      case 'drop':
        this.drop(step.who);
        break;
      case 'end turn':
        this.look();
        chat.turn.end();
        break;
      case 'promises':
        await this.promises();
        break;
      case 'settle':
        await this.settle();
        break;
      case 'hold':
        chat.backend.hold();
        break;
      case 'resume':
        chat.backend.resume();
        break;
      case 'resume some':
        chat.backend.resume(step.count);
        break;
    }
    this.look();
  }

  private async promises(): Promise<void> {
    for (let i = 0; i < 10; i++) await Promise.resolve();
  }

  /** Ends turns until nothing is left to do. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      await this.promises();
      this.look();
      quiet = this.chat.turn.end() ? 0 : quiet + 1;
      this.look();
    }
  }

  /** After each step: also whether the rooms' lists are sound. */
  look(): void {
    for (const life of this.lives) life.look();
    for (const room of this.chat.hub.rooms.values()) {
      for (const [at, seat] of room.listeners.entries()) {
        expect(seat.index).toBe(at);
        expect(seat.session.closed).toBe(false);
        expect(seat.session.seatIn(room)).toBe(seat);
        expect(seat.session.user?.memberIn(room)).toBe(room.members.get(fold(seat.member.name)));
      }
      for (const seat of room.opening) expect(seat.index).toBe(-1);
    }
  }

  private says(name: Name, line: (text: string) => string): void {
    const text = `t${++this.texts}`;
    if (this.types(name, line(text))) this.now.get(name)?.said.push(text);
  }

  private types(name: Name, line: string): boolean {
    const life = this.now.get(name);
    if (!life || life.over) return false;
    life.person.sends(`${line}\n`);
    return true;
  }

  drop(name: Name): void {
    const life = this.now.get(name);
    if (!life || life.over) return;
    life.broke = true;
    life.person.link.lose();
    life.person.connection.gone('reset');
  }
}

const BARE = { time: false, color: false, notices: true };

function lineOf(event: Kept): string {
  return eventLine(event, BARE, event.at);
}

/**
 * What the store says this connection is to be shown, and nothing that it is shown for other reasons. `late`:
 * kept back until members and history were shown, so in order within its room only.
 */
function due(
  { name, from, until, openings }: Life,
  log: readonly Kept[],
): { event: RoomEvent; late: boolean }[] {
  const shown: { event: RoomEvent; late: boolean }[] = [];
  /** Who is in which room, and whether it runs it. */
  const members = new Map<string, boolean>();
  /** By room: when its seat was open. */
  const mine = new Map<string, number>();
  for (const event of log) {
    if (event.type === 'private' || event.id > (until ?? Number.POSITIVE_INFINITY)) continue;
    const { room } = event;
    const openFrom = mine.get(room);
    const whose = `${'name' in event ? event.name : event.from} ${room}`;
    // Who is out already leaves once only, and who is an operator is made one once only.
    const isNews =
      event.type === 'leave' || event.type === 'kick'
        ? members.has(whose)
        : event.type !== 'rank' || members.get(whose) === false;
    const isLife = whose === `${name} ${room}` && event.id > (from ?? Number.POSITIVE_INFINITY);
    if (event.type === 'join') {
      members.set(whose, event.operator);
      const open = [...openings].find(([seat, at]) => seat.room.name === room && at >= event.id);
      if (isLife) mine.set(room, open?.[1] ?? Number.POSITIVE_INFINITY);
    } else if (event.type === 'leave' || event.type === 'kick') {
      members.delete(whose);
      if (isLife) mine.delete(room);
    } else if (event.type === 'rank' && members.has(whose)) members.set(whose, true);
    if (openFrom !== undefined && isNews && isShown(event, name))
      shown.push({ event, late: event.id <= openFrom });
  }
  return shown;
}

function isShown(event: RoomEvent, name: Name): boolean {
  if (event.from === name) return name === 'bob' && isSaid(event);
  return !(name === 'carol' && event.from === 'bob' && isSaid(event));
}

/** The events this connection was shown, out of all it was shown. */
function seen({ person }: Life, lines: ReadonlySet<string>): string[] {
  return person.link.text
    .split('\n')
    .map(line => line.replace(/^[^\n]*\x1b\[K/, '').replace(/^\[[\d:]+\] /, ''))
    .filter(line => lines.has(line));
}

test('everyone is shown exactly what happened in their rooms while they were in them, in committed order', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async script => {
      const chat = await Chat.start({ rules: { joinLines: 0 } });
      const world = new World(chat);
      for (const name of NAMES) world.connect(name);
      await world.settle();
      for (const step of script) await world.step(step);
      chat.backend.resume();
      await world.settle();
      const { log } = world;

      const inRooms = new Set(log.filter(event => event.type !== 'private').map(lineOf));
      for (const life of world.lives) {
        checkShown(life, due(life, log), seen(life, inRooms));
        checkSaid(life, log);
      }
      checkPrivate(world.lives, log);
      checkMembers(chat);
      await checkEmpty(world);
    }),
    { numRuns: Number(process.env['RUNS'] ?? 150) },
  );
}, 60_000);

/** Nothing missing, nothing twice, each room in order, and all of them together in order. */
function checkShown({ broke }: Life, wanted: ReturnType<typeof due>, got: readonly string[]): void {
  for (const room of ROOMS) {
    const inRoom = wanted.filter(({ event }) => event.room === room).map(({ event }) => lineOf(event));
    const gotInRoom = got.filter(line => line.includes(` ${room}`));
    // What was on its way when a link broke may not have arrived; there is no gap before that.
    expect(gotInRoom).toEqual(broke ? inRoom.slice(0, gotInRoom.length) : inRoom);
  }
  const late = new Set(wanted.filter(each => each.late).map(({ event }) => lineOf(event)));
  const inTime = wanted.map(({ event }) => lineOf(event)).filter(line => !late.has(line));
  const gotInTime = got.filter(line => !late.has(line));
  expect(gotInTime).toEqual(broke ? inTime.slice(0, gotInTime.length) : inTime);
}

/** What it said is kept once, in the order of its typing, or it was told that it was not. */
function checkSaid({ said, broke, person, session }: Life, log: readonly Kept[]): void {
  const texts = log.filter(isSaid).map(event => event.text);
  const kept = texts.filter(text => said.includes(text));
  expect(kept).toEqual(said.filter(text => kept.includes(text)));
  if (broke || session.closed) return;
  const refused = person.link.text.split('\n').filter(line => line.includes('! '));
  expect(refused.length).toBeGreaterThanOrEqual(said.length - kept.length);
}

/** Every private message was shown to its addressee or still waits, and to no connection twice or out of order. */
function checkPrivate(lives: readonly Life[], log: readonly Kept[]): void {
  const mail = log.filter(event => event.type === 'private');
  for (const life of lives) {
    const lines = new Map(mail.filter(event => event.to === life.name).map(each => [lineOf(each), each]));
    const got = seen(life, new Set(lines.keys()));
    expect(got).toEqual([...lines.keys()].filter(line => got.includes(line)));
  }
  for (const event of mail) {
    const { waiting } = lives[0]?.chat.store.names.get(fold(event.to)) ?? { waiting: new Map() };
    const readers = lives.filter(
      life => life.name === event.to && seen(life, new Set([lineOf(event)])).length,
    );
    const ignored = event.to === 'carol' && event.from === 'bob';
    if (!ignored) expect(readers.length + (waiting.has(event.id) ? 1 : 0)).toBeGreaterThanOrEqual(1);
  }
}

/** Who is a member is here: no ghosts. */
function checkMembers({ hub }: Chat): void {
  for (const room of hub.rooms.values()) {
    expect(room.opening.size).toBe(0);
    for (const member of room.members.values()) {
      expect(member.user?.sessions).toHaveLength(1);
      expect(member.user?.memberIn(room)).toBe(member);
    }
    if (room.members.size > 0) expect(room.hasOperator).toBe(true);
  }
}

/** Once everybody is gone, nothing of them is left in memory. */
async function checkEmpty({ chat, lives }: World): Promise<void> {
  for (const { person } of lives) await person.drops();
  await chat.wait(SPEAK_FIRST);
  const { hub, clock, backend } = chat;
  expect([hub.sessions.size, hub.users.size, hub.rooms.size, hub.holds.size]).toEqual([0, 0, 0, 0]);
  expect([chat.store.claims.size, chat.flusher.totals.bytes]).toEqual([0, 0]);
  await hub.stop();
  expect(clock.pending).toBe(0);
  expect(backend.store.nodes.size).toBe(0);
}
