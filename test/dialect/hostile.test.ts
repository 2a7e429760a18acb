/**
 * Whatever bytes one client sends, in whatever packets: nobody else's terminal is touched, nothing breaks, and
 * every screen is the same however the bytes were cut.
 */
import { afterEach, beforeEach, describe, expect, type Mock, spyOn, test } from 'bun:test';
import { isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { Chat, type Person } from '../helper/chat.ts';
import { cut, packetSizes } from '../helper/packets.ts';

/** More by hand: HOSTILE_RUNS=5000. */
const RUNS = Number(process.env['HOSTILE_RUNS'] ?? 120);
const LONG = 120_000 + RUNS * 100;

// ——— streams ———

const bytes = (...parts: (string | number[])[]): number[] => parts.flatMap(part => [...Buffer.from(part)]);

/** Valid UTF-8 that terminals, telnet clients or readers take for something else than text. */
const NASTY = [
  ...['\x1b[2J', '\x1b]0;owned\x07', '\x1b[31m', '\x1bc', '\x1b', '\x9b31m', '\u009b2J', '\u0090q\u009c'],
  ...['\x07', '\x08', '\b\b\b', '\x7f', '\x15', '\r', '\t', '\x0b', '\x0c', '\x0e', '\x16', '\r\x1b[K'],
  ...['\u202e', '\u202a', '\u2066', '\u2069', '\u200e', '\u200f', '\u061c', '\u2028', '\u2029', '\u0085'],
  ...['\ufeff', '\ufffc', '\ufff9', '\ufffd', '\u00ad', '\u200d', '\u115f', 'e\u0301', '\u0300'.repeat(9)],
  ...['é', 'ж', '漢字', '👩‍👩‍👧', 'ﷺ', '%s', '* bob joined ops', '! internal: x', '[12:00:00] bob: x'],
];

/** Bytes that are not text at all. */
const RAW = [
  ...[
    [0],
    [0x0d, 0],
    [0x9b],
    [0x80],
    [0xc3],
    [0xc3, 0x28],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xfe],
  ],
  ...[[0xc0, 0x8a], [255], [255, 255], [255, 253, 1], [255, 251, 24], [255, 246], [255, 247], [255, 248]],
  ...[
    [255, 240],
    [255, 250, 24, 1, 255, 240],
    [255, 250, 31],
    [255, 244, 255, 253, 6],
    [255, 27],
    [255, 10],
  ],
];

const nasty = fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 6 }));
const raw = fc.oneof(fc.constantFrom(...RAW), fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 8 }));
const name = fc.constantFrom('alice', 'bob', 'Vera', '@alice', 'eve', 'mallory', 'nobody', 'parley', '#ops');
const room = fc.constantFrom('ops', 'den-eve', '#cave', 'hole', 'eve');
const word = fc.constantFrom(
  'hello',
  'there',
  '5',
  '0',
  'after #3',
  'before 9',
  'address',
  '-',
  '"',
  '*',
  'he*',
);
const text = fc
  .array(fc.oneof({ weight: 2, arbitrary: nasty }, word, name), { minLength: 1, maxLength: 4 })
  .map(parts => parts.join(' '));

/** Commands as they are meant, with the worst that may be given to them. */
const command = fc.oneof(
  fc
    .tuple(fc.constantFrom('topic', 'away', 'me', 'search', 'history', 'help', 'who', 'create', 'key'), text)
    .map(([verb, rest]) => `${verb} ${rest}`),
  fc
    .tuple(fc.constantFrom('msg', 'msg', 'kick', 'ban', 'register', 'login'), name, text)
    .map(([verb, who, rest]) => `${verb} ${who} ${rest}`),
  fc
    .tuple(
      fc.constantFrom('op', 'deop', 'voice', 'unvoice', 'invite', 'ignore', 'unban', 'who', 'login'),
      name,
    )
    .map(([verb, who]) => `${verb} ${who}`),
  fc.tuple(fc.constantFrom('join', 'leave', 'create', 'who', 'history'), room).map(words => words.join(' ')),
  fc.tuple(room, nasty).map(([where, key]) => `join ${where} ${key}`),
  fc
    .tuple(
      fc.constantFrom(
        'set echo',
        'set prompt',
        'set color',
        'set time',
        'set notices',
        'moderated',
        'unlisted',
      ),
      fc.constantFrom(' on', ' off', ''),
    )
    .map(words => words.join('')),
  fc.constantFrom('leave', 'users', 'rooms', 'who', 'away', 'ban', 'msg', 'login Vera password1', 'jion'),
  fc.constantFrom('password longenough', 'nick eve', 'ban 192.0.2.9/32', 'ban bob address', ''),
  nasty.map(why => `exit ${why}`),
);

const longRun = fc
  .tuple(
    fc.constantFrom('a', ' ', '\t', '\x1b', '\u0301', '漢', '/', '\x08'),
    fc.constantFrom(300, 4096, 5000),
  )
  .map(([unit, count]) => unit.repeat(count));

const line: fc.Arbitrary<number[]> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc
      .tuple(fc.constantFrom('/', '/', '/', '', '//', ' /'), command)
      .map(parts => bytes(...parts)),
  },
  { weight: 6, arbitrary: text.map(said => bytes(said)) },
  { weight: 2, arbitrary: fc.tuple(text, raw, text).map(([a, b, c]) => bytes(a, b, c)) },
  { weight: 1, arbitrary: longRun.map(run => bytes(run)) },
);

const lineEnd = fc.constantFrom([0x0a], [0x0a], [0x0d, 0x0a], [0x0d, 0x00]);

/** What one client sends; mostly lines that end. */
function streamOf(lines: number): fc.Arbitrary<Uint8Array> {
  return fc
    .array(
      fc.oneof(
        { weight: 12, arbitrary: fc.tuple(line, lineEnd).map(([start, end]) => [...start, ...end]) },
        { weight: 1, arbitrary: raw },
      ),
      { minLength: 1, maxLength: lines, size: 'max' },
    )
    .map(parts => Uint8Array.from(parts.flat()));
}

// ——— the room they come into ———

interface World {
  readonly chat: Chat;
  /** A guest and operator, plain; a guest with colours, a prompt and an echo; each also in the den of the first hostile. */
  readonly alice: Person;
  readonly bob: Person;
}

/** What `who` brings to the rooms before the stream begins. */
type Entrance = 'stranger' | 'member' | 'operator';

async function open(): Promise<World> {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  await bob.types('/set color on', '/set prompt on', '/set echo on');
  const vera = await chat.account('Vera', 'password1', 'ops');
  await vera.types('/exit');
  return { chat, alice, bob };
}

async function enter({ chat, alice, bob }: World, entrance: Entrance, name: string): Promise<Person> {
  const hostile = chat.connect();
  if (entrance === 'stranger') return hostile;
  await hostile.types(`register ${name}`, 'join ops');
  if (entrance === 'operator') {
    await hostile.types(`/join den-${name}`);
    await alice.types(`/join den-${name}`);
    await bob.types(`/join den-${name}`, '/join ops');
  }
  return hostile;
}

interface Witnesses {
  readonly plain: readonly Person[];
  /** Colours, a prompt: bob has them, and whoever knew the password of Vera may have set them. */
  readonly styled: readonly Person[];
}

/** Those who were there look around, and others come: everything that is kept is shown. */
async function aftermath({ chat, alice, bob }: World): Promise<Witnesses> {
  const zoe = chat.connect();
  await zoe.types('register zoe password1', 'join ops', '/rooms', '/who', '/who ops', '/who eve');
  for (const looking of [alice, bob]) {
    await looking.types('/topic', '/users', '/rooms', '/who', '/ban', '/search hello', '/search he*');
    for (const room of ['ops', 'den-eve']) await looking.types(`/join ${room}`, `/history ${room} 1000`);
    await looking.types('/history ops 1000 after #0');
  }
  await zoe.types('/msg eve hello', '/history @eve');
  const vera = chat.connect();
  await vera.types('login Vera password1', '/history @eve', '/history ops', '/search there', '/msg alice hi');
  return { plain: [alice, zoe], styled: [bob, vera] };
}

// ——— what is looked at ———

/** Every C0 save LF, DEL, C1, the separators of lines, and what changes the direction of text. */
const UNSANITISED =
  /[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/u;
/** What parley itself shows to those who asked for it: a prompt in place of the line, and colours. */
const OWN = /\r\x1b\[K|\x1b\[(?:0|2|1;3[1-6])m/g;

function expectSanitised({ plain, styled }: Witnesses): void {
  const screens = [
    ...plain.map(({ link }) => link.text),
    ...styled.map(({ link }) => link.text.replace(OWN, '')),
  ];
  for (const screen of screens) {
    const at = UNSANITISED.exec(screen)?.index;
    expect(at === undefined ? '' : screen.slice(Math.max(0, at - 60), at + 20)).toBe('');
  }
  for (const { link } of [...plain, ...styled]) expect(isUtf8(link.bytes)).toBe(true);
}

function expectUnharmed({ chat }: World): void {
  expect(chat.logged.filter(entry => entry.startsWith('error'))).toEqual([]);
  expect(chat.hub.counters.refusals.internal).toBeUndefined();
}

/** Other dialects, and whatever reads the store, are to find nothing in it either. */
function expectCleanStore({ chat: { store } }: World): void {
  const unsafe: string[] = [];
  const look = (_key: string, value: unknown): unknown => {
    if (typeof value === 'string' && UNSANITISED.test(value)) unsafe.push(value);
    return value;
  };
  for (const { events, topic, bans } of store.rooms.values())
    JSON.stringify([events, topic, [...bans]], look);
  for (const events of store.conversations.values()) JSON.stringify(events, look);
  expect(unsafe).toEqual([]);
}

async function expectNothingLeft({ chat }: World, people: readonly Person[]): Promise<void> {
  for (const person of people) await person.drops();
  const { hub } = chat;
  expect([hub.sessions.size, hub.users.size, hub.holds.size, hub.rooms.size]).toEqual([0, 0, 0, 0]);
}

/**
 * What a terminal makes of it: prompts that were taken away are gone, and answers to telnet were never seen.
 * Who runs a room that lost its operator is for parley to say, a turn later: where that stands is left aside.
 */
function rendered(person: Person): string[] {
  const bytes = person.link.bytes.toString('latin1').replace(/\xff[\xfb-\xfe][\s\S]/g, '');
  const text = Buffer.from(bytes, 'latin1').toString().replaceAll('[parley]\r\n', '');
  const lines = text.replace(/[^\n]*\r\x1b\[K/g, '').split('\n');
  const heirs = lines.filter(line => HEIR.test(line));
  return [...lines.filter(line => !HEIR.test(line)), ...heirs];
}

const HEIR = /^(\x1b\[2m)?\* parley made /;

let random: Mock<typeof crypto.getRandomValues>;
let randomCalls = 0;

/** The codes of unlisted rooms are the same in every run, and no two in one run are. */
beforeEach(() => {
  random = spyOn(crypto, 'getRandomValues').mockImplementation(array => {
    if (array instanceof Uint8Array) array.fill(++randomCalls);
    return array;
  });
});

afterEach(() => {
  random.mockRestore();
});

type Send = (world: World, person: Person, stream: Uint8Array) => Promise<void>;

const whole: Send = async (_world, person, stream) => person.sends(stream);

const byteByByte: Send = async ({ chat }, person, stream) => {
  for (const byte of stream) {
    person.sends(Uint8Array.of(byte));
    await chat.settle();
  }
};

function inPackets(sizes: readonly number[]): Send {
  return async ({ chat }, person, stream) => {
    for (const [index, packet] of cut(stream, sizes).entries()) {
      person.sends(packet);
      // Some turns bring one packet, some several.
      if (sizes[index % sizes.length] !== 1) await chat.settle();
    }
  };
}

/** Plays a stream in a fresh world and answers every screen at the end. */
async function play(stream: Uint8Array, entrance: Entrance, send: Send): Promise<string[][]> {
  randomCalls = 0;
  const world = await open();
  const hostile = await enter(world, entrance, 'eve');
  await send(world, hostile, stream);
  await world.chat.settle();
  const witnesses = await aftermath(world);
  expectSanitised(witnesses);
  expectUnharmed(world);
  expectCleanStore(world);
  const people = [hostile, ...witnesses.plain, ...witnesses.styled];
  const screens = people.map(rendered);
  await expectNothingLeft(world, people);
  return screens;
}

const entrance = fc.constantFrom<Entrance>('stranger', 'member', 'operator', 'operator');

describe('arbitrary bytes from one client', () => {
  test(
    'harm nobody, and every screen is the same whether they come whole, in packets or byte by byte',
    async () => {
      await fc.assert(
        fc.asyncProperty(streamOf(12), entrance, packetSizes, async (stream, how, sizes) => {
          const screens = await play(stream, how, whole);
          expect(await play(stream, how, inPackets(sizes))).toEqual(screens);
          if (stream.length < 1500) expect(await play(stream, how, byteByByte)).toEqual(screens);
        }),
        { numRuns: RUNS },
      );
    },
    LONG,
  );
});

describe('arbitrary bytes from ten clients', () => {
  const ten = fc.array(streamOf(10), { minLength: 10, maxLength: 10 });
  const names = ['eve', 'mallory', 'trudy', 'oscar', 'craig', 'sybil', 'grace', 'heidi', 'ivan', 'judy'];

  async function gather(world: World): Promise<Person[]> {
    const hostiles: Person[] = [];
    for (const [at, name] of names.entries())
      hostiles.push(await enter(world, at === 0 ? 'operator' : at < 8 ? 'member' : 'stranger', name));
    return hostiles;
  }

  test(
    'at once, in any order of packets, harm nobody',
    async () => {
      await fc.assert(
        fc.asyncProperty(ten, packetSizes, fc.infiniteStream(fc.nat()), async (streams, sizes, order) => {
          const world = await open();
          const hostiles = await gather(world);
          const queues = streams.map((stream, at) => ({ person: hostiles[at], packets: cut(stream, sizes) }));
          for (let left = queues; left.length > 0; left = left.filter(({ packets }) => packets.length > 0)) {
            const pick = order.next().value ?? 0;
            const queue = left[pick % left.length];
            const packet = queue?.packets.shift();
            if (packet) queue?.person?.sends(packet);
            if (pick % 3 === 0) await world.chat.settle();
          }
          await world.chat.settle();
          const witnesses = await aftermath(world);
          expectSanitised(witnesses);
          expectUnharmed(world);
          expectCleanStore(world);
          await expectNothingLeft(world, [...hostiles, ...witnesses.plain, ...witnesses.styled]);
        }),
        { numRuns: Math.ceil(RUNS / 3) },
      );
    },
    LONG,
  );

  test(
    'one after the other leave every screen the same, however each was cut',
    async () => {
      await fc.assert(
        fc.asyncProperty(ten, packetSizes, async (streams, sizes) => {
          const screens = async (send: Send): Promise<string[][]> => {
            randomCalls = 0;
            const world = await open();
            const hostiles = await gather(world);
            for (const [at, hostile] of hostiles.entries()) {
              await send(world, hostile, streams[at] ?? new Uint8Array());
              await world.chat.settle();
            }
            const { plain, styled } = await aftermath(world);
            return [...hostiles, ...plain, ...styled].map(rendered);
          };
          expect(await screens(inPackets(sizes))).toEqual(await screens(whole));
        }),
        { numRuns: Math.ceil(RUNS / 3) },
      );
    },
    LONG,
  );
});
