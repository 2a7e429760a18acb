/**
 * A whole chat in memory: hub, commands and text dialect over a memory backend, links to nowhere, a clock and
 * turns that move when told. A conversation takes microseconds and is the same every time.
 */
import { MemoryBackend } from '../../src/backend/memory/backend.ts';
import { MemoryStore } from '../../src/backend/memory/store.ts';
import { Hub } from '../../src/chat/hub.ts';
import type { Log, Passwords } from '../../src/chat/ports.ts';
import type { Rules } from '../../src/chat/rules.ts';
import { commands } from '../../src/command/table.ts';
import { Client, type ClientShared, type ClientState, SPEAK_FIRST } from '../../src/dialect/client.ts';
import { Greeter } from '../../src/dialect/greeter.ts';
import { TextEncoders } from '../../src/dialect/text/encoder.ts';
import { Connection, Wire, type WireSettings } from '../../src/wire/connection.ts';
import { Flusher } from '../../src/wire/flusher.ts';
import { FakeClock } from './clock.ts';
import { FakeLink } from './link.ts';
import { ManualTurn } from './turn.ts';

export const RULES: Rules = {
  accounts: 'open',
  nameLength: 32,
  roomLength: 64,
  passwordLength: 8,
  lineBytes: 4096,
  lineRate: 0,
  lineBurst: 50,
  roomsPerSession: 10,
  rooms: 100,
  bansPerRoom: 10,
  waitingMessages: 20,
  joinLines: 10,
  catchUpLines: 20,
  signInAttemptsPerAddress: 5,
  signInAttemptsPerAccount: 10,
  signInWindow: 60_000,
  registrationsPerAddress: 0,
  newRoomsPerAddress: 0,
  registrationWindow: 60_000,
  searchesPerMinute: 0,
};

export const WIRE: WireSettings = {
  lineBytes: RULES.lineBytes,
  outbox: { soft: 256 * 1024, hard: 1024 * 1024 },
  rate: { perSecond: 0, burst: 50 },
  floodClose: 60_000,
  drain: 5000,
};

/** Hashes in no time; a hash looks unlike its password. */
const PASSWORDS: Passwords = {
  hash: async password => `hash of ${[...password].reverse().join('')}`,
  verify: async (password, hash) => hash === `hash of ${[...password].reverse().join('')}`,
};

export interface ChatSettings {
  readonly rules?: Partial<Rules>;
  readonly wire?: Partial<WireSettings>;
  /** What an earlier chat left behind: a restart. */
  readonly store?: MemoryStore;
  readonly clock?: FakeClock;
  readonly passwords?: Passwords;
}

export class Chat {
  readonly clock: FakeClock;
  readonly turn = new ManualTurn();
  readonly store: MemoryStore;
  readonly backend: MemoryBackend;
  readonly hub: Hub;
  readonly flusher: Flusher;
  readonly wire: Wire;
  readonly clients: ClientShared;
  /** What was logged, level first. */
  readonly logged: string[] = [];

  private constructor(settings: ChatSettings) {
    const log = (level: string) => (message: string, fields?: object) =>
      void this.logged.push(`${level} ${message}${fields ? ` ${JSON.stringify(fields)}` : ''}`);
    const logger: Log = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
    this.clock = settings.clock ?? new FakeClock();
    this.store = settings.store ?? new MemoryStore();
    const rules = { ...RULES, ...settings.rules };
    this.backend = new MemoryBackend(
      {
        turn: this.turn,
        clock: this.clock,
        log: logger,
        mailbox: rules.waitingMessages,
        retention: { age: 0, lines: 0, bytes: 0 },
      },
      this.store,
    );
    this.hub = new Hub(
      {
        backend: this.backend,
        turn: this.turn,
        clock: this.clock,
        log: logger,
        passwords: settings.passwords ?? PASSWORDS,
      },
      rules,
    );
    this.flusher = new Flusher(this.turn);
    this.wire = new Wire({ ...WIRE, ...settings.wire }, this.clock, this.flusher, this.hub.counters);
    this.clients = {
      hub: this.hub,
      commands,
      encoders: new TextEncoders(this.clock),
      greeter: new Greeter(this.clock, SPEAK_FIRST),
      version: 'test',
      serverName: 'here',
      welcome: '',
      outboxHard: '1 MiB',
      page: null,
    };
  }

  static async start(settings: ChatSettings = {}): Promise<Chat> {
    const chat = new Chat(settings);
    await chat.hub.start();
    return chat;
  }

  /** A client that has just connected. */
  connect(address = '192.0.2.1', limitKey: string | null = address): Person {
    return new Person(this, address, limitKey);
  }

  /** A client that has taken a name, and maybe joined rooms; its screen is empty. */
  async person(name: string, ...rooms: string[]): Promise<Person> {
    const person = this.connect();
    await person.types(`register ${name}`);
    for (const room of rooms) await person.types(`/join ${room}`);
    person.screen();
    return person;
  }

  /** An account that is signed in, and its rooms. */
  async account(name: string, password: string, ...rooms: string[]): Promise<Person> {
    const person = this.connect();
    await person.types(`register ${name} ${password}`);
    for (const room of rooms) await person.types(`/join ${room}`);
    person.screen();
    return person;
  }

  /** Lets everything that is under way come to its end. */
  settle(): Promise<void> {
    return this.turn.settle();
  }

  /** Moves the clock on and lets what falls due come to its end. */
  async wait(ms: number): Promise<void> {
    this.clock.advance(ms);
    await this.settle();
  }
}

/** Somebody at a terminal. */
export class Person {
  readonly link = new FakeLink();
  readonly connection: Connection;
  readonly client: Client;
  private seen = 0;

  constructor(
    readonly chat: Chat,
    address: string,
    limitKey: string | null,
    /** It was there before an upgrade. */
    state: ClientState | null = null,
  ) {
    this.connection = new Connection(this.link, chat.wire);
    this.client = new Client(chat.clients, this.connection, address, limitKey, null, state);
  }

  /** Types lines, each with its end, and lets them come to their end. */
  async types(...lines: string[]): Promise<void> {
    for (const line of lines) this.sends(`${line}\n`);
    await this.chat.settle();
  }

  /** Sends bytes as they are, in one packet, and nothing more. */
  sends(bytes: string | Uint8Array): void {
    this.connection.data(typeof bytes === 'string' ? Buffer.from(bytes) : bytes);
  }

  /** The lines shown since the last look, without their times. */
  screen(): string[] {
    return this.raw().map(line => line.replace(/^(#\d+ )?\[[\d: -]+\] /, '$1'));
  }

  /** The lines shown since the last look, as they are. */
  raw(): string[] {
    const text = this.link.bytes.subarray(this.seen).toString();
    this.seen = this.link.bytes.length;
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    return rest === '' ? lines : [...lines, rest];
  }

  /** Types a line and answers what is shown then. */
  async asks(line: string): Promise<string[]> {
    this.screen();
    await this.types(line);
    return this.screen();
  }

  /** The link breaks. */
  async drops(): Promise<void> {
    this.link.lose();
    this.connection.gone('reset');
    await this.chat.settle();
  }

  /** Closes the sending half, as `nc -N` does. */
  async hangsUp(): Promise<void> {
    this.connection.end();
    await this.chat.settle();
  }
}
