/**
 * Kinds of setting: how a value is read from text, shown again, and described when it is wrong. Flags,
 * variables and the file all arrive here as text, so a value is right or wrong wherever it came from.
 *
 * Every kind keeps `parse(show(value))` equal to `value`.
 */
import { isIP } from 'node:net';

/** Why a text is not a value of its kind: a phrase without a full stop. */
export class Bad {
  constructor(readonly why: string) {}
}

export interface Kind<T> {
  /** What stands for the value in help: `PORT`. */
  readonly hint: string;
  /** What would have been right: the phrase after "Allowed: ". */
  readonly allowed: string;
  /** Several values, separated by commas; the flag may be repeated and the file may hold an array. */
  readonly many?: boolean;
  /** What 0 means, where it has a meaning of its own. */
  readonly zero?: string;
  /** A switch: what the flag means when nothing follows it. */
  readonly bare?: string;
  /** Not to be shown to whoever looks at the settings. */
  readonly secret?: boolean;
  parse(text: string): T | Bad;
  show(value: T): string;
}

export interface Credentials {
  readonly name: string;
  readonly password: string;
}

interface Range {
  readonly least: number;
  readonly most: number;
  /** What 0 means, where it is allowed although it is below `least`. */
  readonly zero?: string;
}

const SIZES: readonly (readonly [string, number])[] = [
  ['G', 1024 ** 3],
  ['M', 1024 ** 2],
  ['K', 1024],
];

const SPANS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
  ['ms', 1],
];

/** A whole number within a range. */
export function integer(range: Range): Kind<number> {
  return {
    hint: 'N',
    ...zeroOf(range),
    allowed: spell(range, String),
    parse: text => {
      if (!/^\d+$/.test(text)) return new Bad(`${quote(text)} is not a whole number`);
      return within(Number(text), text, range, String);
    },
    show: String,
  };
}

/** A number of bytes: plain, or with K, M or G (powers of 1024; `KB` and `KiB` are the same). */
export function bytes(range: Range): Kind<number> {
  return {
    hint: 'SIZE',
    ...zeroOf(range),
    allowed: `${spell(range, showBytes)}; written as 4096, 256K or 10MB`,
    parse: text => {
      const match = /^(\d+)(?:([KMG])(?:i?B)?|B)?$/i.exec(text);
      if (!match) return new Bad(`${quote(text)} is not a size`);
      const unit = SIZES.find(([name]) => name === match[2]?.toUpperCase());
      return within(Number(match[1]) * (unit?.[1] ?? 1), text, range, showBytes);
    },
    show: showBytes,
  };
}

/** A time span in ms: `500ms`, `30s`, `5m`, `2h`, `30d`. Only 0 may go without a unit. */
export function duration(range: Range): Kind<number> {
  return {
    hint: 'TIME',
    ...zeroOf(range),
    allowed: `${spell(range, showSpan)}; written as 500ms, 30s, 5m, 2h or 30d`,
    parse: text => {
      const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
      if (!match) {
        if (text === '0') return within(0, text, range, showSpan);
        return new Bad(
          /^\d+$/.test(text) ? `${quote(text)} lacks a unit` : `${quote(text)} is not a time span`,
        );
      }
      const unit = SPANS.find(([name]) => name === match[2]);
      return within(Number(match[1]) * (unit?.[1] ?? 1), text, range, showSpan);
    },
    show: showSpan,
  };
}

/** A switch. */
export function onOff(): Kind<boolean> {
  return {
    hint: 'on|off',
    allowed: 'on or off',
    bare: 'on',
    parse: text => {
      const word = text.toLowerCase();
      if (['on', 'true', 'yes'].includes(word)) return true;
      if (['off', 'false', 'no'].includes(word)) return false;
      return new Bad(`${quote(text)} is neither on nor off`);
    },
    show: value => (value ? 'on' : 'off'),
  };
}

/** One of these words. */
export function choice<const W extends string>(...words: readonly W[]): Kind<W> {
  return {
    hint: words.join('|'),
    allowed: or(words),
    parse: text =>
      words.find(word => word === text.toLowerCase()) ?? new Bad(`${quote(text)} is not one of them`),
    show: value => value,
  };
}

/** A line of text of at most `most` bytes; empty is none. */
export function line(hint: string, most: number): Kind<string> {
  return {
    hint,
    allowed: `one line of at most ${most} bytes`,
    parse: text => {
      if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(text))
        return new Bad('it has a control character or a line end in it');
      if (Buffer.byteLength(text) > most) return new Bad(`it is longer than ${most} bytes`);
      return text;
    },
    show: value => value,
  };
}

/** What a server calls itself: shown in greetings, and in IRC where a space would split it. */
export function serverName(): Kind<string> {
  return {
    hint: 'NAME',
    allowed: '1 to 63 letters, digits, dots and dashes, starting with a letter or digit',
    parse: text =>
      /^[A-Za-z0-9][A-Za-z0-9.-]{0,62}$/.test(text) ? text : new Bad(`${quote(text)} is not a server name`),
    show: value => value,
  };
}

/** A file or directory; relative ones start from the working directory. */
export function path(hint: string): Kind<string> {
  return {
    hint,
    allowed: 'a path',
    parse: text =>
      text === ''
        ? new Bad('it is empty')
        : text.includes('\0')
          ? new Bad('it has a NUL character in it')
          : text,
    show: value => value,
  };
}

/** A port; 0 is a free one, which may be written `auto`. */
export function port(): Kind<number> {
  return {
    hint: 'PORT',
    allowed: '1 to 65535, or auto (0) for a free one',
    parse: text => {
      if (text.toLowerCase() === 'auto') return 0;
      if (!/^\d+$/.test(text)) return new Bad(`${quote(text)} is not a port`);
      return Number(text) <= 65_535 ? Number(text) : new Bad(`${quote(text)} is more than 65535`);
    },
    show: value => (value === 0 ? 'auto' : String(value)),
  };
}

/** A port, or none: null, written as `off` or 0. A free one is `auto`, and 0 as a value. */
export function portOrOff(): Kind<number | null> {
  const kind = port();
  return {
    hint: 'PORT',
    allowed: '1 to 65535, auto for a free one, or off (0)',
    parse: text => (['0', 'off'].includes(text.toLowerCase()) ? null : kind.parse(text)),
    show: value => (value === null ? 'off' : kind.show(value)),
  };
}

/** A name and its password. What is wrong is said without repeating it. */
export function credentials(): Kind<Credentials> {
  return {
    hint: 'NAME:PASSWORD',
    allowed: 'a name and a password with a colon between them',
    secret: true,
    parse: text => {
      const [, name, password] = /^([^:]+):(.+)$/su.exec(text) ?? [];
      return name && password ? { name, password } : new Bad('it is not NAME:PASSWORD');
    },
    show: ({ name, password }) => `${name}:${password}`,
  };
}

/** An address or host name to listen on; `*` is every address, IPv6 and IPv4. */
export function host(): Kind<string> {
  return {
    hint: 'ADDRESS',
    allowed: 'an IP address, a host name, or * for every address',
    parse: text => {
      const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
      if (bare === '*' || isIP(bare) > 0 || isHostName(bare)) return bare;
      return new Bad(`${quote(text)} is neither an IP address nor a host name`);
    },
    show: value => value,
  };
}

/** A value of another kind, or none: null, written as `word` (or nothing at all). */
export function optional<T>(kind: Kind<T>, word = ''): Kind<T | null> {
  return {
    ...kind,
    allowed: word ? `${kind.allowed}, or ${word}` : kind.allowed,
    parse: text => (text === '' || text === word ? null : kind.parse(text)),
    show: value => (value === null ? word : kind.show(value)),
  };
}

/** Any number of values, separated by commas; `none` (or nothing at all) is the empty list. */
export function list<T>(kind: Kind<T>): Kind<readonly T[]> {
  return {
    hint: `${kind.hint}[,…]`,
    allowed: `${kind.allowed}; several with commas, or none`,
    many: true,
    parse: text => {
      const parts = text.split(',').map(part => part.trim());
      const values: T[] = [];
      if (text.trim() === '' || text.trim() === 'none') return values;
      for (const part of parts) {
        const value = part === '' ? new Bad('it has an empty part between commas') : kind.parse(part);
        if (value instanceof Bad) return value;
        values.push(value);
      }
      return values;
    },
    show: values => (values.length === 0 ? 'none' : values.map(value => kind.show(value)).join(',')),
  };
}

/** Dotted labels; the last is never all digits, so that a mistyped IPv4 address is not taken for a name. */
export function isHostName(text: string): boolean {
  return (
    text.length <= 253 &&
    /^[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?)*$/.test(text) &&
    !/(^|\.)\d+$/.test(text)
  );
}

/** Text from outside as it appears in a message: quoted, on one line, not endless. */
export function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

export function or(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function within(value: number, text: string, range: Range, show: (value: number) => string): number | Bad {
  if (value === 0 && range.zero !== undefined) return value;
  if (value < range.least) return new Bad(`${quote(text)} is less than ${show(range.least)}`);
  if (value > range.most) return new Bad(`${quote(text)} is more than ${show(range.most)}`);
  return value;
}

function zeroOf({ zero }: Range): { readonly zero?: string } {
  return zero === undefined ? {} : { zero };
}

function spell({ least, most, zero }: Range, show: (value: number) => string): string {
  return `${show(least)} to ${show(most)}${zero === undefined ? '' : `, or 0 (${zero})`}`;
}

export function showBytes(value: number): string {
  return withUnit(value, SIZES) ?? String(value);
}

export function showSpan(value: number): string {
  return withUnit(value, SPANS) ?? String(value);
}

/** In the largest unit that divides it exactly. */
function withUnit(value: number, units: readonly (readonly [string, number])[]): string | null {
  if (value === 0) return '0';
  const unit = units.find(([, size]) => value % size === 0);
  return unit ? `${value / unit[1]}${unit[0]}` : null;
}
