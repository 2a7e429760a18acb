/**
 * The command line: `--key value`, `--key=value`, short forms, `--memory` for a switch that is on and
 * `--no-memory` for one that is off. A list may be given by repeating its flag; of any other the last counts.
 */
import type { Refusal } from '../chat/errors.ts';
import { isKey, KEYS, type Key, rowOf } from '../config.ts';
import { badSetting, type Given, type Source, settingRefusal, unknownSetting } from './given.ts';
import { Bad, quote } from './kind.ts';

/** A command line, read: settings, and the command's own switches (`json`) that were there. */
export interface Flags extends Source {
  readonly switches: ReadonlySet<string>;
}

/** What one flag came to, and how many arguments it took, itself among them. */
interface Step {
  readonly took: number;
  readonly key?: Key;
  readonly text?: string;
  readonly switched?: string;
  readonly problem?: Refusal;
}

/** Reads the arguments of a command that takes settings and, besides, `switches` without a value. */
export function readFlags(argv: readonly string[], switches: readonly string[] = []): Flags {
  const given = new Map<Key, Given>();
  const problems: Refusal[] = [];
  const seen = new Set<string>();
  for (let at = 0; at < argv.length; ) {
    const arg = argv[at] ?? '';
    const { took, key, text, switched, problem } = readFlag(arg, argv[at + 1], switches);
    if (problem) problems.push(problem);
    if (switched !== undefined) seen.add(switched);
    if (key !== undefined && text !== undefined) put(given, key, text, splitAtEquals(arg)[0]);
    at += took;
  }
  return { given, problems, switches: seen };
}

/** Reads the flag `arg`, with `next` after it. */
export function readFlag(arg: string, next: string | undefined, switches: readonly string[] = []): Step {
  if (isValue(arg)) {
    return {
      took: 1,
      problem: settingRefusal(`${quote(arg)}: a setting was expected here, such as --port 8080.`),
    };
  }
  const [flag, attached] = splitAtEquals(arg);
  const switched = switches.find(name => flag === `--${name}`);
  if (switched !== undefined && attached === null) return { took: 1, switched };
  const found = find(flag);
  if (found?.negated) return readNegated(found.key, flag, attached);
  if (found && attached !== null) return { took: 1, key: found.key, text: attached };
  if (found) return readValue(found.key, flag, next);
  const known = [...KEYS, ...switches].map(name => `--${name}`);
  // The word after it, if that is its value, is not another mistake.
  return {
    took: attached === null && isValue(next) ? 2 : 1,
    problem: unknownSetting(flag, 'the command line', known),
  };
}

function readNegated(key: Key, flag: string, attached: string | null): Step {
  return attached === null
    ? { took: 1, key, text: 'off' }
    : { took: 1, problem: badSetting(key, flag, 'it takes no value') };
}

function readValue(key: Key, flag: string, next: string | undefined): Step {
  const { bare, allowed, parse } = rowOf(key).kind;
  if (bare === undefined) {
    if (isValue(next)) return { took: 2, key, text: next };
    return { took: 1, problem: badSetting(key, flag, 'its value is missing', allowed) };
  }
  // A switch takes the next word only if that is a value of it: `--memory --port 1`, `--limits off`.
  const takes = isValue(next) && !(parse(next) instanceof Bad);
  return takes ? { took: 2, key, text: next } : { took: 1, key, text: bare };
}

function put(given: Map<Key, Given>, key: Key, text: string, from: string): void {
  const before = given.get(key);
  given.set(key, { text: before && rowOf(key).kind.many ? `${before.text},${text}` : text, from });
}

function splitAtEquals(arg: string): [flag: string, value: string | null] {
  const at = arg.indexOf('=');
  return at < 0 ? [arg, null] : [arg.slice(0, at), arg.slice(at + 1)];
}

/** `-` alone and negative numbers are no flags; they are wrong values, and better named as such. */
function isValue(arg: string | undefined): arg is string {
  return arg !== undefined && (!arg.startsWith('-') || arg === '-' || /^-\d/.test(arg));
}

function find(flag: string): { readonly key: Key; readonly negated: boolean } | null {
  if (flag.startsWith('--')) {
    const name = flag.slice(2);
    if (isKey(name)) return { key: name, negated: false };
    const positive = name.startsWith('no-') ? name.slice(3) : '';
    return isKey(positive) && rowOf(positive).kind.bare !== undefined
      ? { key: positive, negated: true }
      : null;
  }
  const key = KEYS.find(key => rowOf(key).short === flag.slice(1));
  return key ? { key, negated: false } : null;
}
