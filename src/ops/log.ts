/**
 * The log: incidents, one line each, on standard error. What a message or a field carries is cleaned, so that
 * no name or line from outside can forge a line of the log or steer a terminal.
 *
 * Formats: `journal` (a `<N>` priority in front, for journald), `pretty` (a terminal), `plain` (a time stamp
 * in front), `json` (one object a line: `at`, `level`, `message`, and the fields).
 */
import { fstatSync } from 'node:fs';
import { type ConsolaReporter, createConsola, LogLevels, type LogObject } from 'consola/core';
import type { Log, LogFields } from '../chat/ports.ts';
import { clean } from '../chat/text.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
export type LogFormat = 'auto' | 'pretty' | 'plain' | 'json' | 'journal';

/** A log whose level and format can change while it runs. */
export interface OpsLog extends Log {
  readonly level: LogLevel;
  configure(settings: LogSettings): void;
}

export interface LogSettings {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** Where the lines go and what that place is. */
export interface LogTarget {
  write(text: string): void;
  now(): number;
  readonly terminal: boolean;
  readonly journal: boolean;
  readonly color: boolean;
}

type Format = Exclude<LogFormat, 'auto'>;
type Formatter = (level: LogLevel, message: string, fields: LogFields, at: number, color: boolean) => string;

export function createLog(settings: LogSettings, target: LogTarget): OpsLog {
  let level = settings.level;
  let format = chosen(settings.format, target);
  const reporter: ConsolaReporter = {
    log: entry => target.write(`${render(entry, format, target)}\n`),
  };
  // Consola filters and hands on; it is not to fold repeated lines, since every incident counts.
  const throttle = Number.NEGATIVE_INFINITY;
  const consola = createConsola({ level: LogLevels[level], reporters: [reporter], throttle });
  return {
    get level() {
      return level;
    },
    debug: (message, fields) => consola.debug(message, fields ?? {}),
    info: (message, fields) => consola.info(message, fields ?? {}),
    warn: (message, fields) => consola.warn(message, fields ?? {}),
    error: (message, fields) => consola.error(message, fields ?? {}),
    configure: next => {
      format = chosen(next.format, target);
      level = next.level;
      consola.level = LogLevels[level];
    },
  };
}

/** What may wait for a standard error that nobody reads; lines beyond it are counted and lost. */
const MOST_WAITING = 1024 * 1024;

/** Standard error, as it is: never waited for, and never a reason to stop. */
export function standardError(now: () => number): LogTarget {
  const { env, stderr } = process;
  const terminal = stderr.isTTY === true;
  let waiting = 0;
  let lost = 0;
  return {
    write: text => {
      if (waiting > MOST_WAITING) {
        lost++;
        return;
      }
      const whole = lost > 0 ? `(${lost} lines of the log were lost here: nobody read them)\n${text}` : text;
      lost = 0;
      waiting += whole.length;
      stderr.write(whole, () => {
        waiting -= whole.length;
      });
    },
    now,
    terminal,
    journal: isJournal(env['JOURNAL_STREAM'], () => fstatSync(2)),
    color: terminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
  };
}

/**
 * True where a stream is the journal's: `JOURNAL_STREAM` (device:inode) is inherited by children whose output
 * goes elsewhere, so the numbers are compared, as systemd.exec(5) asks.
 */
export function isJournal(variable: string | undefined, stat: () => { dev: number; ino: number }): boolean {
  if (!variable) return false;
  try {
    const { dev, ino } = stat();
    return variable === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

function chosen(format: LogFormat, target: LogTarget): Format {
  if (format !== 'auto') return format;
  if (target.journal) return 'journal';
  return target.terminal ? 'pretty' : 'plain';
}

function render(entry: LogObject, format: Format, target: LogTarget): string {
  const [message, fields] = entry.args as [string, LogFields];
  return FORMATS[format](entry.type as LogLevel, message, fields, target.now(), target.color);
}

/** syslog(3) priorities, as sd-daemon(3) has them. */
const PRIORITY: Record<LogLevel, number> = { debug: 7, info: 6, warn: 4, error: 3 };
/** Terminal colours: grey, cyan, yellow, red. */
const COLOR: Record<LogLevel, number> = { debug: 90, info: 36, warn: 33, error: 31 };

const FORMATS: Record<Format, Formatter> = {
  journal: (level, message, fields) => `<${PRIORITY[level]}>${sentence(message, fields)}`,
  plain: (level, message, fields, at) =>
    `${new Date(at).toISOString()} ${level} ${sentence(message, fields)}`,
  json: (level, message, fields, at) =>
    JSON.stringify({ ...cleaned(fields), at: new Date(at).toISOString(), level, message: clean(message) }),
  pretty: (level, message, fields, at, color) => {
    const paint = (code: number, text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);
    const time = paint(90, clockTime(at));
    const mark = level === 'info' ? '' : `${paint(COLOR[level], level)} `;
    const rest = pairs(fields);
    return `${time} ${mark}${clean(message)}${rest ? ` ${paint(90, rest)}` : ''}`;
  },
};

function sentence(message: string, fields: LogFields): string {
  const rest = pairs(fields);
  return rest ? `${clean(message)} ${rest}` : clean(message);
}

/** `key=value`, quoted where a reader (or a program) could not tell where the value ends. */
function pairs(fields: LogFields): string {
  return Object.entries(cleaned(fields))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? bareOrQuoted(value) : value}`)
    .join(' ');
}

function bareOrQuoted(value: string): string {
  return /^[^\s"'=]+$/u.test(value) ? value : JSON.stringify(value);
}

function cleaned(fields: LogFields): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      clean(key),
      typeof value === 'string' ? clean(value) : value,
    ]),
  );
}

function clockTime(at: number): string {
  const time = new Date(at);
  return [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map(part => String(part).padStart(2, '0'))
    .join(':');
}
