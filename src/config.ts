/**
 * Every setting, once. A row makes the flag `--key`, the variable `PARLEY_KEY`, the key of `parley.toml`, the
 * line in `--help`, in `parley config` and in README, and the property of `Config`, whose types come from
 * here too.
 *
 * Sizes are bytes and times are ms in `Config`. A limit of 0 is no limit; `limits = off` makes 0 of every row
 * marked `limit`, so that nothing but this table knows that switch.
 */
import {
  bytes,
  choice,
  credentials,
  duration,
  host,
  integer,
  type Kind,
  line,
  list,
  onOff,
  optional,
  path,
  port,
  portOrOff,
  serverName,
} from './config/kind.ts';
import { AUTO_SOCKET, listener, SOCKET_NAME } from './config/listen.ts';
import { network } from './config/network.ts';

/** What a default may depend on. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  hostname(): string;
  /** How many files this process may have open; null where that cannot be told. */
  openFiles(): number | null;
}

/** Headings of the help, in their order. */
export const GROUPS = ['Listening', 'HTTP', 'Store', 'People', 'Limits', 'Running'] as const;

export interface Setting<T> {
  readonly group: (typeof GROUPS)[number];
  readonly kind: Kind<T>;
  /** The value nobody chose. `from` says where a computed one was found. */
  readonly initial:
    | NoInfer<T>
    | ((around: Surroundings) => { readonly value: NoInfer<T>; readonly from: string });
  /** A computed default in words. */
  readonly initially?: string;
  /** One sentence; why the default is what it is, where that is not obvious. */
  readonly doc: string;
  /** True: a reload applies it. False: it needs a restart. */
  readonly live: boolean;
  /** A rate or a per-address limit: 0 with `limits = off`. */
  readonly limit?: boolean;
  /** The flag's short form. */
  readonly short?: string;
  /** Shown in the short help too. */
  readonly common?: boolean;
  /** False: it cannot stand in the file. */
  readonly inFile?: boolean;
  /** A credential of this name gives it (config/credentials.ts): by its path, or by what is in it. */
  readonly credential?: 'path' | 'text';
}

const LOOPBACK: readonly string[] = ['127.0.0.0/8', '::1'];
/** The directory of the database where nobody chose one. */
export const DEFAULT_DATA = './parley-data';
const DAY = 86_400_000;
const CONNECTIONS = 15_000;
/** Open files that are no connections: listeners, the database, the log. */
const OTHER_FILES = 64;
const KIB = 1024;
const MIB = 1024 * 1024;

/** How many connections a process with this many open files has room for. */
export function mostConnections(openFiles: number | null): number {
  return openFiles === null ? Number.POSITIVE_INFINITY : openFiles - OTHER_FILES;
}

function setting<T>(row: Setting<T>): Setting<T> {
  return row;
}

export const SETTINGS = {
  host: setting({
    group: 'Listening',
    kind: host(),
    initial: '*',
    doc: 'Address to listen on; * is every address, IPv6 and IPv4.',
    live: false,
    common: true,
  }),
  port: setting({
    group: 'Listening',
    kind: port(),
    initial: 8080,
    doc: 'Port of the chat; auto or 0 takes a free one.',
    live: false,
    short: 'p',
    common: true,
  }),
  listen: setting({
    group: 'Listening',
    kind: list(listener()),
    initial: [],
    doc: 'Listeners in place of host and port, each HOST:PORT, [IPV6]:PORT, *:PORT or unix:PATH, with tls: in front for TLS. The flag may be repeated.',
    live: false,
    common: true,
  }),
  'tls-port': setting({
    group: 'Listening',
    kind: optional(port(), 'off'),
    initial: null,
    doc: 'Port of one more listener, with TLS, on the same host.',
    live: false,
    common: true,
  }),
  'tls-cert': setting({
    group: 'Listening',
    kind: optional(path('FILE')),
    initial: null,
    initially: 'the credential tls-cert, where systemd loads one',
    doc: 'Certificate chain in PEM. A reload reads it anew and closes nobody.',
    live: true,
    common: true,
    credential: 'path',
  }),
  'tls-key': setting({
    group: 'Listening',
    kind: optional(path('FILE')),
    initial: null,
    initially: 'the credential tls-key, or in tls-cert',
    doc: 'Private key in PEM; may stand in the file of tls-cert.',
    live: true,
    common: true,
    credential: 'path',
  }),
  'proxy-from': setting({
    group: 'Listening',
    kind: list(network()),
    initial: [],
    doc: 'Networks (or unix) of proxies: connections from there, to a listener without TLS, must begin with a PROXY v1 or v2 header. Over HTTP, their X-Forwarded-For, -Proto and -Host are believed.',
    live: true,
  }),

  'http-port': setting({
    group: 'HTTP',
    kind: portOrOff(),
    initial: 8081,
    doc: 'Port of the web page, the API and the metrics; auto takes a free one, off or 0 none.',
    live: false,
    common: true,
  }),
  'http-host': setting({
    group: 'HTTP',
    kind: optional(host()),
    initial: null,
    initially: 'that of host',
    doc: 'Address to listen on for HTTP; 127.0.0.1 keeps it to this machine.',
    live: false,
    common: true,
  }),
  'https-port': setting({
    group: 'HTTP',
    kind: portOrOff(),
    initial: null,
    doc: 'Port of the same over TLS, with tls-cert and tls-key.',
    live: false,
    common: true,
  }),
  'http-socket': setting({
    group: 'HTTP',
    kind: optional(path('PATH'), 'off'),
    initial: ({ env }) => {
      const directory = env['RUNTIME_DIRECTORY']?.split(':')[0];
      return directory
        ? { value: `${directory}/${SOCKET_NAME}`, from: '$RUNTIME_DIRECTORY' }
        : { value: AUTO_SOCKET, from: 'default' };
    },
    initially: `${SOCKET_NAME} in $RUNTIME_DIRECTORY, or in data`,
    doc: 'Unix socket of the same for the command line: whoever may open it (this user, root) has the rights of an operator of the server. off for none.',
    live: false,
  }),
  oper: setting({
    group: 'HTTP',
    kind: optional(credentials()),
    initial: null,
    initially: 'the credential oper, where systemd loads one',
    doc: 'An account that is made, or given this password, and made an operator of the server at every start. As a flag for tests only, since others on the machine can read that.',
    live: false,
    credential: 'text',
  }),

  data: setting({
    group: 'Store',
    kind: path('DIR'),
    initial: ({ env }) => {
      // systemd lists several, separated by colons, where a unit asks for several.
      const state = env['STATE_DIRECTORY']?.split(':')[0];
      return state ? { value: state, from: '$STATE_DIRECTORY' } : { value: DEFAULT_DATA, from: 'default' };
    },
    initially: `$STATE_DIRECTORY, or ${DEFAULT_DATA}`,
    doc: 'Directory of the database.',
    live: false,
    short: 'd',
    common: true,
  }),
  memory: setting({
    group: 'Store',
    kind: onOff(),
    initial: false,
    doc: 'Keep everything in memory only: a restart forgets it all.',
    live: false,
    common: true,
  }),
  sync: setting({
    group: 'Store',
    kind: choice('normal', 'full'),
    initial: 'normal',
    doc: 'What kept lines survive: normal, the death of the process; full, a power cut too (slower).',
    live: true,
  }),
  'history-age': setting({
    group: 'Store',
    kind: duration({ least: 60_000, most: 36_500 * DAY, zero: 'for ever' }),
    initial: 0,
    doc: 'How long lines are kept. Nothing is deleted unless this or one of the next two says so.',
    live: true,
  }),
  'history-lines': setting({
    group: 'Store',
    kind: integer({ least: 1, most: 1_000_000_000, zero: 'all' }),
    initial: 0,
    doc: 'How many lines are kept of each room.',
    live: true,
  }),
  'history-bytes': setting({
    group: 'Store',
    kind: bytes({ least: 10 * MIB, most: 1024 ** 5, zero: 'no limit' }),
    initial: 0,
    doc: 'How large the database may grow before its oldest lines go.',
    live: true,
  }),

  'server-name': setting({
    group: 'People',
    kind: serverName(),
    initial: ({ hostname }) => ({
      value:
        hostname()
          .replace(/[^A-Za-z0-9.-]/g, '-')
          .replace(/^[.-]+/, '')
          .slice(0, 63) || 'parley',
      from: 'host name',
    }),
    initially: 'the host name',
    doc: 'What this server calls itself.',
    live: true,
    common: true,
  }),
  welcome: setting({
    group: 'People',
    kind: line('TEXT', 400),
    initial: '',
    doc: 'A line shown to everyone who connects.',
    live: true,
    common: true,
  }),
  accounts: setting({
    group: 'People',
    kind: choice('open', 'required'),
    initial: 'open',
    doc: 'open: a name without a password will do; required: every name has one.',
    live: true,
    common: true,
  }),
  'password-length': setting({
    group: 'People',
    kind: integer({ least: 1, most: 128 }),
    initial: 8,
    doc: 'Fewest characters of a new password.',
    live: true,
  }),
  'name-length': setting({
    group: 'People',
    kind: integer({ least: 1, most: 64 }),
    initial: 32,
    doc: 'Most characters of a new name.',
    live: true,
  }),
  'room-length': setting({
    group: 'People',
    kind: integer({ least: 1, most: 128 }),
    initial: 64,
    doc: 'Most characters of the name of a new room.',
    live: true,
  }),
  'join-lines': setting({
    group: 'People',
    kind: integer({ least: 0, most: 1000 }),
    initial: 10,
    doc: 'Lines said before that are shown on joining a room.',
    live: true,
  }),
  'catch-up-lines': setting({
    group: 'People',
    kind: integer({ least: 0, most: 10_000 }),
    initial: 100,
    doc: 'Missed lines of each room shown on signing in; the rest is a history command away.',
    live: true,
  }),

  limits: setting({
    group: 'Limits',
    kind: onOff(),
    initial: true,
    doc: 'off lifts every rate and every limit per address (those marked *), for load tests.',
    live: true,
    common: true,
  }),
  'exempt-from': setting({
    group: 'Limits',
    kind: list(network()),
    initial: LOOPBACK,
    doc: 'Networks that the limits per address do not count. Unix sockets have no address and are never counted.',
    live: true,
  }),
  connections: setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 1_000_000 }),
    initial: ({ openFiles }) => {
      const room = mostConnections(openFiles());
      return room < CONNECTIONS
        ? { value: Math.max(room, 1), from: 'open files' }
        : { value: CONNECTIONS, from: 'default' };
    },
    initially: `${CONNECTIONS}, or fewer where this user may not have as many open files`,
    doc: 'Connections in all.',
    live: true,
  }),
  'connections-per-address': setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 1_000_000, zero: 'no limit' }),
    initial: 50,
    doc: 'Connections from one IPv4 address or IPv6 /64: enough for a classroom behind one router.',
    live: true,
    limit: true,
  }),
  'line-rate': setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 1_000_000, zero: 'no limit' }),
    initial: 10,
    doc: 'Lines a second of one connection, over time. Who sends faster is read slower; nothing is dropped.',
    live: true,
    limit: true,
  }),
  'line-burst': setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 1_000_000 }),
    initial: 50,
    doc: 'Lines taken at once before line-rate counts: room for pasting a page.',
    live: true,
  }),
  'flood-close': setting({
    group: 'Limits',
    kind: duration({ least: 1000, most: DAY, zero: 'never' }),
    initial: 60_000,
    doc: 'How long a connection may be over line-rate without a pause before it is closed.',
    live: true,
    limit: true,
  }),
  'sign-in-attempts-per-address': setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 1_000_000, zero: 'no limit' }),
    initial: 20,
    doc: 'Wrong passwords from one address within sign-in-window.',
    live: true,
    limit: true,
  }),
  'sign-in-attempts-per-account': setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 1_000_000, zero: 'no limit' }),
    initial: 10,
    doc: 'Wrong passwords for one account, from anywhere, within sign-in-window.',
    live: true,
    limit: true,
  }),
  'sign-in-window': setting({
    group: 'Limits',
    kind: duration({ least: 1000, most: DAY }),
    initial: 300_000,
    doc: 'The time over which sign-in attempts are counted.',
    live: true,
  }),
  'registrations-per-address': setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 1_000_000, zero: 'no limit' }),
    initial: 100,
    doc: 'Names nobody had before, from one address within registration-window: classrooms, not name-squatters.',
    live: true,
    limit: true,
  }),
  'new-rooms-per-address': setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 1_000_000, zero: 'no limit' }),
    initial: 50,
    doc: 'Rooms made from one address within registration-window.',
    live: true,
    limit: true,
  }),
  'registration-window': setting({
    group: 'Limits',
    kind: duration({ least: 1000, most: DAY }),
    initial: 3_600_000,
    doc: 'The time over which new names and new rooms are counted.',
    live: true,
  }),
  'searches-per-minute': setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 1_000_000, zero: 'no limit' }),
    initial: 30,
    doc: 'Searches of one name in a minute: they are made one after the other, and some are long.',
    live: true,
    limit: true,
  }),
  'sign-in-timeout': setting({
    group: 'Limits',
    kind: duration({ least: 1000, most: DAY, zero: 'never' }),
    initial: 120_000,
    doc: 'How long a connection may stay without signing in: time to read the help.',
    live: true,
  }),
  'line-bytes': setting({
    group: 'Limits',
    kind: bytes({ least: 512, most: 64 * KIB }),
    initial: 4 * KIB,
    doc: 'Longest line, in bytes.',
    live: true,
  }),
  'rooms-per-session': setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 10_000 }),
    initial: 50,
    doc: 'Rooms one session may be in.',
    live: true,
  }),
  rooms: setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 10_000_000 }),
    initial: 10_000,
    doc: 'Rooms in all.',
    live: true,
  }),
  'bans-per-room': setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 100_000 }),
    initial: 500,
    doc: 'Bans of one room.',
    live: true,
  }),
  'waiting-messages': setting({
    group: 'Limits',
    kind: integer({ least: 1, most: 1_000_000 }),
    initial: 1000,
    doc: 'Private messages that may wait for one name.',
    live: true,
  }),
  'outbox-soft': setting({
    group: 'Limits',
    kind: bytes({ least: 16 * KIB, most: 1024 * MIB }),
    initial: 256 * KIB,
    doc: 'Bytes that may wait for one slow reader before lines are skipped for it (history shows them).',
    live: true,
  }),
  'outbox-hard': setting({
    group: 'Limits',
    kind: bytes({ least: 16 * KIB, most: 1024 * MIB }),
    initial: MIB,
    doc: 'Bytes that may wait for one slow reader before it is closed; at least outbox-soft.',
    live: true,
  }),
  'max-memory': setting({
    group: 'Limits',
    kind: bytes({ least: 64 * MIB, most: 1024 ** 4, zero: 'no limit' }),
    initial: 0,
    doc: 'Memory of the process above which no new connection is taken.',
    live: true,
  }),

  config: setting({
    group: 'Running',
    kind: optional(path('FILE')),
    initial: null,
    initially: './parley.toml, else /etc/parley/parley.toml, where there is one',
    doc: 'File of settings.',
    live: false,
    short: 'c',
    common: true,
    inFile: false,
  }),
  'log-level': setting({
    group: 'Running',
    kind: choice('debug', 'info', 'warn', 'error'),
    initial: 'info',
    doc: 'The least that is logged.',
    live: true,
    common: true,
  }),
  'log-format': setting({
    group: 'Running',
    kind: choice('auto', 'pretty', 'plain', 'json', 'journal'),
    initial: 'auto',
    doc: 'auto: journal under systemd, pretty on a terminal, else plain. json: one object a line.',
    live: true,
  }),
  'drain-timeout': setting({
    group: 'Running',
    kind: duration({ least: 0, most: 3_600_000 }),
    initial: 5000,
    doc: 'How long stopping may wait for what people have yet to be sent.',
    live: true,
  }),
} as const satisfies Record<string, Setting<unknown>>;

type Camel<S extends string> = S extends `${infer A}-${infer B}` ? `${A}${Capitalize<Camel<B>>}` : S;

/** A setting as it is written: `line-rate`. */
export type Key = keyof typeof SETTINGS;

/** The settings in force: `line-rate` is `lineRate`. */
export type Config = {
  readonly [K in Key as Camel<K>]: (typeof SETTINGS)[K] extends Setting<infer T> ? T : never;
};

export const KEYS = Object.keys(SETTINGS) as readonly Key[];

/** The row of a key, its type forgotten: for code that treats all settings alike. */
export function rowOf(key: Key): Setting<unknown> {
  return SETTINGS[key];
}

/** `line-rate` -> `lineRate`. */
export function propertyOf(key: Key): keyof Config {
  return key.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase()) as keyof Config;
}

/** `line-rate` -> `PARLEY_LINE_RATE`. */
export function variableOf(key: Key): string {
  return `PARLEY_${key.toUpperCase().replaceAll('-', '_')}`;
}

export function isKey(text: string): text is Key {
  return Object.hasOwn(SETTINGS, text);
}
