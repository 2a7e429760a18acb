/** The settings of `parley bench`, each once: its flag, its line in help, and what the run makes of it. */
import type { DialectName } from '../bench/dialect.ts';
import { DIALECTS } from '../bench/dialect.ts';
import { MARK_BYTES, MOST_SPEAKERS } from '../bench/mark.ts';
import { connectionsOf, type Plan } from '../bench/plan.ts';
import { Refusal } from '../chat/errors.ts';
import { helpEntry, type Page } from '../config/docs.ts';
import { nearest } from '../config/given.ts';
import { Bad, bytes, integer, type Kind, onOff, optional, quote } from '../config/kind.ts';
import { mostConnections } from '../config.ts';
import { parseListen } from '../net/address.ts';
import type { FlagRow } from './grammar.ts';

interface Row<T> {
  readonly kind: Kind<T>;
  readonly initial: NoInfer<T>;
  /** A default that depends on others, in words. */
  readonly initially?: string;
  readonly doc: string;
}

interface Target {
  readonly host: string;
  readonly port: number;
}

const MOST_PEOPLE = 100_000;
const people = integer({ least: 0, most: MOST_PEOPLE });

const SETTINGS = {
  target: row(target(), { host: '127.0.0.1', port: 8080 }, 'The server.'),
  dialect: row(dialect(), 'text', 'What it speaks: parley speaks text, any IRC server irc.'),
  rooms: row(people, 1, 'Rooms.'),
  members: row(
    optional(integer({ least: 2, most: MOST_PEOPLE })),
    null,
    'People in each room.',
    '100; 10 with --storm',
  ),
  speakers: row(
    optional(integer({ least: 1, most: MOST_PEOPLE })),
    null,
    'How many of them speak.',
    'all, at most 8',
  ),
  window: row(
    optional(integer({ least: 1, most: 10_000 })),
    null,
    'Closed loop: lines of each speaker under way; the next is said when one has been shown.',
    '8',
  ),
  rate: row(
    optional(decimal({ least: 0.1, most: 10_000_000 })),
    null,
    'Open loop, in place of a window: lines a second of all speakers together, whatever the server does. Latency counts from when a line should have been said.',
    'none; 200 with --storm',
  ),
  size: row(bytes({ least: MARK_BYTES, most: DIALECTS.text.mostText }), 60, 'Bytes of text a line.'),
  seconds: row(
    decimal({ least: 0.1, most: 3600 }),
    10,
    'How long to measure; a storm is measured until everyone is in.',
  ),
  'warm-up': row(decimal({ least: 0, most: 600 }), 2, 'Seconds before that.'),
  idle: row(people, 0, 'Further people who are signed in and say nothing.'),
  private: row(people, 0, 'Pairs of people who write to each other.'),
  storm: row(people, 0, 'People who come, sign in and go into rooms at once, while the others talk.'),
  'at-once': row(
    optional(integer({ least: 1, most: MOST_PEOPLE })),
    null,
    'Sign-ins under way at once. A server that accepts slowly loses connections with too many.',
    '64; all of a storm',
  ),
  processes: row(integer({ least: 1, most: 64 }), 1, 'Processes that make the load.'),
  pid: row(
    pid(),
    null,
    'The process of the server, to measure its CPU and memory; auto finds who listens.',
    'none',
  ),
  core: row(optional(integer({ least: 0, most: 1023 })), null, 'The core that all load runs on.', 'any'),
  json: row(onOff(), false, 'Print one JSON object in place of the table.'),
  progress: row(optional(onOff()), null, 'A line a second on standard error.', 'on a terminal'),
  'i-own-this-server': row(
    onOff(),
    false,
    'Allow a target that is not this machine. Load on somebody else’s server is an attack.',
  ),
};

type Name = keyof typeof SETTINGS;
export type BenchSettings = { readonly [N in Name]: (typeof SETTINGS)[N]['initial'] };

const NAMES = Object.keys(SETTINGS) as Name[];

/** The values of the arguments, or what is wrong with them: one sentence each. */
export function readBenchSettings(argv: readonly string[]): BenchSettings | readonly string[] {
  const values: Partial<Record<Name, unknown>> = {};
  const problems: string[] = [];
  for (const name of NAMES) values[name] = SETTINGS[name].initial;
  for (let at = 0; at < argv.length; at++) {
    const [flag = '', ...rest] = (argv[at] ?? '').split('=');
    const name = NAMES.find(known => flag === `--${known}`);
    if (name === undefined) {
      problems.push(unknownFlag(argv[at] ?? '', flag));
      // The word after it, if that is its value, is not another mistake.
      if (flag.startsWith('--') && rest.length === 0 && isValue(argv[at + 1])) at++;
      continue;
    }
    const { kind } = SETTINGS[name];
    let text = rest.length > 0 ? rest.join('=') : undefined;
    if (text === undefined && kind.bare !== undefined) text = kind.bare;
    else if (text === undefined && isValue(argv[at + 1])) text = argv[++at];
    const value = text === undefined ? new Bad('its value is missing') : kind.parse(text);
    if (value instanceof Bad) problems.push(`--${name}: ${value.why}. Allowed: ${kind.allowed}`);
    else values[name] = value;
  }
  // Every name has its default or what its own kind made of the text.
  return problems.length > 0 ? problems : (values as BenchSettings);
}

/** The run these settings ask for, or why it cannot be. `pid` is the server's, once found. */
export function planOf(settings: BenchSettings, pid: number | null, openFiles: number | null): Plan | string {
  const { rooms, storm, window, rate, speakers, size, target, dialect } = settings;
  const members = settings.members ?? (storm > 0 ? 10 : 100);
  if (window !== null && rate !== null)
    return '--window and --rate exclude each other: a loop is closed or open.';
  if (speakers !== null && speakers > members)
    return `--speakers: ${speakers} of ${members} members cannot speak. Allowed: at most --members`;
  if (size > DIALECTS[dialect].mostText)
    return `--size: a line of ${dialect} carries at most ${DIALECTS[dialect].mostText} bytes here.`;
  if (!settings['i-own-this-server'] && !isLoopback(target.host))
    return `--target: ${target.host} is not this machine. If the server is yours, say so: --i-own-this-server`;
  const plan: Plan = {
    host: target.host,
    port: target.port,
    dialect,
    rooms,
    members,
    speakers: speakers ?? Math.min(members, 8),
    load: rate !== null ? { rate } : window === null && storm > 0 ? { rate: 200 } : { window: window ?? 8 },
    size,
    seconds: settings.seconds,
    warmUp: settings['warm-up'],
    idle: settings.idle,
    pairs: settings.private,
    storm,
    atOnce: settings['at-once'],
    processes: settings.processes,
    pid,
    core: settings.core,
  };
  return tooMany(plan, openFiles) ?? plan;
}

/** Its settings as flags, for completions and the man page. */
export function benchFlags(): Readonly<Record<string, FlagRow>> {
  return Object.fromEntries(
    NAMES.map(name => {
      const { kind, doc } = SETTINGS[name];
      return [name, { does: doc, ...(kind.bare === undefined && { takes: kind.hint }) }];
    }),
  );
}

export function benchHelp(page: Page): string {
  return NAMES.map(name => {
    const { kind, initial, initially, doc }: Row<unknown> = SETTINGS[name] as Row<unknown>;
    const value = kind.bare === undefined ? ` ${kind.hint}` : '';
    const shown = initially ?? (kind.bare === undefined ? kind.show(initial) : '');
    return helpEntry(`--${name}${value}`, `${doc}${shown === '' ? '' : ` [${shown}]`}`, page.columns);
  }).join('\n');
}

function tooMany(plan: Plan, openFiles: number | null): string | null {
  const connections = connectionsOf(plan);
  if (connections === 0)
    return 'there is nobody to connect: --rooms, --idle, --private and --storm are all 0.';
  if (connections >= MOST_PEOPLE)
    return `${connections} connections are too many. Allowed: fewer than ${MOST_PEOPLE}`;
  if (plan.rooms * plan.speakers + 2 * plan.pairs >= MOST_SPEAKERS)
    return `so many speakers cannot be told apart. Allowed: fewer than ${MOST_SPEAKERS}`;
  const each = Math.ceil(connections / plan.processes);
  if (each > mostConnections(openFiles))
    return `a process may have ${openFiles} open files, too few for ${each} connections. Raise it (ulimit -n), or share them out: --processes`;
  return null;
}

function unknownFlag(arg: string, flag: string): string {
  if (!flag.startsWith('-'))
    return `bench takes no ${quote(arg)}: a setting was expected, such as --rooms 10`;
  const near = nearest(
    flag,
    NAMES.map(name => `--${name}`),
  );
  return `${flag}: there is no such setting. ${near ? `Did you mean ${near}?` : 'All of them: parley bench --help'}`;
}

function isValue(arg: string | undefined): arg is string {
  return arg !== undefined && (!arg.startsWith('-') || /^-\d/.test(arg));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

function row<T>(kind: Kind<T>, initial: NoInfer<T>, doc: string, initially?: string): Row<T> {
  return { kind, initial, doc, ...(initially === undefined ? {} : { initially }) };
}

function target(): Kind<Target> {
  return {
    hint: 'HOST:PORT',
    allowed: 'HOST:PORT or [IPV6]:PORT',
    parse: text => {
      const where = parseListen(text);
      if (where instanceof Refusal) return new Bad(where.message);
      if (where.kind !== 'tcp' || where.tls || where.host === '*' || where.port === 0)
        return new Bad(`${quote(text)} is not a host and a port`);
      return { host: where.host, port: where.port };
    },
    show: ({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`,
  };
}

function dialect(): Kind<DialectName> {
  const names = Object.keys(DIALECTS) as DialectName[];
  return {
    hint: names.join('|'),
    allowed: names.join(' or '),
    parse: text =>
      names.find(name => name === text) ??
      new Bad(text === 'json' ? 'parley does not speak json yet' : `${quote(text)} is not one of them`),
    show: name => name,
  };
}

function pid(): Kind<number | 'auto' | null> {
  return {
    hint: 'PID',
    allowed: 'the number of a process, or auto',
    parse: text =>
      text === 'auto'
        ? text
        : /^[1-9]\d*$/.test(text)
          ? Number(text)
          : new Bad(`${quote(text)} is not a process`),
    show: value => (value === null ? 'none' : String(value)),
  };
}

function decimal({ least, most }: { readonly least: number; readonly most: number }): Kind<number> {
  return {
    hint: 'N',
    allowed: `a number from ${least} to ${most}`,
    parse: text => {
      const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
      if (Number.isNaN(value)) return new Bad(`${quote(text)} is not a number`);
      if (value < least) return new Bad(`${quote(text)} is less than ${least}`);
      return value > most ? new Bad(`${quote(text)} is more than ${most}`) : value;
    },
    show: String,
  };
}
