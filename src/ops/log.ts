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
import { isAtLeast, type LogLevel, type LogLine, LogTail } from './log-tail.ts';
import { Repeats } from './repeats.ts';

export type { LogLevel } from './log-tail.ts';
export type LogFormat = 'auto' | 'pretty' | 'plain' | 'json' | 'journal';

/** A log whose level and format can change while it runs. */
export interface OpsLog extends Log {
  readonly level: LogLevel;
  /** Its end, for those who look at it while it goes on. */
  readonly tail: LogTail;
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
  /** Runs it after so many ms, if the process is still there by then. */
  after(ms: number, run: () => void): void;
  readonly terminal: boolean;
  readonly journal: boolean;
  readonly color: boolean;
}

type Format = Exclude<LogFormat, 'auto'>;
type Formatter = (line: LogLine, color: boolean) => string;

export function createLog(settings: LogSettings, target: LogTarget): OpsLog {
  let level = settings.level;
  let format = chosen(settings.format, target);
  const tail = new LogTail();
  const reporter: ConsolaReporter = {
    log: entry => {
      const line = lineOf(entry, target.now());
      target.write(`${formatLine(line, format, target.color)}\n`);
      tail.add(line, true);
    },
  };
  // What consola is to leave out, somebody may be looking for.
  const below = (asked: LogLevel, message: string, fields: LogFields): void => {
    if (tail.wanted && !isAtLeast(asked, level))
      tail.add(cleanLine(asked, message, fields, target.now()), false);
  };
  // Consola filters and hands on; it is not to fold repeated lines, since each may have other fields (repeats.ts).
  const throttle = Number.NEGATIVE_INFINITY;
  const consola = createConsola({ level: LogLevels[level], reporters: [reporter], throttle });
  const write = (at: LogLevel): Log[LogLevel] => {
    const repeats = new Repeats({
      now: () => target.now(),
      after: (ms, run) => target.after(ms, run),
      tell: (message, more, seconds) => consola[at](`${message}, again and again`, { more, seconds }),
    });
    return (message, fields = {}) => {
      below(at, message, fields);
      // Who asks for debug wants it all.
      if (level === 'debug' || !isAtLeast(at, level) || repeats.admit(message)) consola[at](message, fields);
    };
  };
  return {
    get level() {
      return level;
    },
    tail,
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
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
    after: (ms, run) => void setTimeout(run, ms).unref(),
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

function lineOf(entry: LogObject, at: number): LogLine {
  const [message, fields] = entry.args as [string, LogFields];
  return cleanLine(entry.type as LogLevel, message, fields, at);
}

/** A line that steers no terminal, whatever its message and fields are. */
export function cleanLine(level: LogLevel, message: string, fields: LogFields, at: number): LogLine {
  return { at, level, message: clean(message), fields: cleaned(fields) };
}

/** A line as the log has it, without its end. */
export function formatLine(line: LogLine, format: Format, color: boolean): string {
  return FORMATS[format](line, color);
}

/** syslog(3) priorities, as sd-daemon(3) has them. */
const PRIORITY: Record<LogLevel, number> = { debug: 7, info: 6, warn: 4, error: 3 };
/** Terminal colours: grey, cyan, yellow, red. */
const COLOR: Record<LogLevel, number> = { debug: 90, info: 36, warn: 33, error: 31 };

const FORMATS: Record<Format, Formatter> = {
  journal: line => `<${PRIORITY[line.level]}>${sentence(line)}`,
  plain: line => `${new Date(line.at).toISOString()} ${line.level} ${sentence(line)}`,
  json: ({ fields, at, level, message }) =>
    JSON.stringify({ ...fields, at: new Date(at).toISOString(), level, message }),
  pretty: ({ fields, at, level, message }, color) => {
    const paint = (code: number, text: string) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);
    const time = paint(90, clockTime(at));
    const mark = level === 'info' ? '' : `${paint(COLOR[level], level)} `;
    const rest = pairs(fields);
    return `${time} ${mark}${message}${rest ? ` ${paint(90, rest)}` : ''}`;
  },
};

function sentence({ message, fields }: LogLine): string {
  const rest = pairs(fields);
  return rest ? `${message} ${rest}` : message;
}

/** `key=value`, quoted where a reader (or a program) could not tell where the value ends. */
function pairs(fields: LogFields): string {
  return Object.entries(fields)
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
