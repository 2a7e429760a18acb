/**
 * The command line of an operator's command, by its grammar: the verb, its words, its own flags, and the
 * settings among them. Words may stand before and after flags; what follows `--` is words, whatever it looks like.
 */
import { readFlag } from '../config/flags.ts';
import { nearest } from '../config/given.ts';
import { loadSettings } from '../config/load.ts';
import type { World } from '../config/world.ts';
import type { Config } from '../config.ts';
import type { CommandRow } from './commands.ts';
import type { FlagRow, Grammar } from './grammar.ts';

export interface Line {
  /** '' where the command has none. */
  readonly verb: string;
  /** By position; the last one holds the rest of the line where the grammar says so (`TEXT…`). */
  readonly words: readonly string[];
  /** Each flag that was given with its values; none for a switch. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly config: Config;
}

/** Sentences that say what is wrong with a command line. */
export type Problems = readonly string[];

/** The line, or what is wrong with it. */
export function readLine(
  name: string,
  { takes, grammar = {} }: Pick<CommandRow, 'takes' | 'grammar'>,
  argv: readonly string[],
  world: World,
): Line | Problems {
  const { verbs } = grammar;
  if (!verbs) return readRest(name, '', takes, grammar, argv, world);
  const [verb = '', ...rest] = argv;
  const chosen = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (chosen) return readRest(`${name} ${verb}`, verb, usageOf(chosen), chosen, rest, world);
  return [verbProblem(name, verb, verbs)];
}

function verbProblem(name: string, verb: string, verbs: Readonly<Record<string, Grammar>>): string {
  const near = verb === '' ? null : nearest(verb, Object.keys(verbs));
  if (near !== null) return `${JSON.stringify(verb)}: did you mean parley ${name} ${near}?`;
  const usages = Object.entries(verbs).map(([each, row]) =>
    `parley ${name} ${each} ${usageOf(row)}`.trimEnd(),
  );
  return `${verb === '' ? '' : `${JSON.stringify(verb)}: `}Usage: ${usages.join(' · ')}`;
}

/** `NAME [--rooms ROOM,…] [--read]` */
function usageOf({ takes = '', flags = {} }: Grammar): string {
  const own = Object.entries(flags).map(([name, row]) =>
    row.takes === undefined ? `[--${name}]` : `[--${name} ${row.takes}]`,
  );
  return [takes, ...own].filter(part => part !== '').join(' ');
}

function readRest(
  path: string,
  verb: string,
  takes: string,
  { flags: rows = {} }: Grammar,
  argv: readonly string[],
  world: World,
): Line | Problems {
  const given: string[] = [];
  const flags = new Map<string, readonly string[]>();
  const settings: string[] = [];
  const problems: string[] = [];
  for (let at = 0; at < argv.length; ) {
    const arg = argv[at] ?? '';
    if (arg === '--') {
      given.push(...argv.slice(at + 1));
      break;
    }
    const name = arg.slice(2).split('=', 1)[0] ?? '';
    const row = arg.startsWith('--') && Object.hasOwn(rows, name) ? rows[name] : undefined;
    if (!arg.startsWith('-') || arg === '-') {
      given.push(arg);
      at++;
    } else if (row) {
      const { took, value, problem } = readOwn(row, name, arg, argv[at + 1]);
      if (problem) problems.push(problem);
      else flags.set(name, value === null ? [] : [...((row.many && flags.get(name)) || []), value]);
      at += took;
    } else {
      const { took } = readFlag(arg, argv[at + 1]);
      settings.push(...argv.slice(at, at + took));
      at += took;
    }
  }
  const usage = `Usage: parley ${path} ${takes}`.trimEnd();
  const words = fit(given, wordsOf(takes), usage);
  if (typeof words === 'string') problems.unshift(words);
  const loaded = loadSettings(settings, world, Object.keys(rows), true);
  const all = [...problems, ...loaded.problems.map(({ message }) => message)];
  return all.length > 0 || typeof words === 'string' ? all : { verb, words, flags, config: loaded.config };
}

/** A flag of the command's own. */
function readOwn(
  row: FlagRow,
  name: string,
  arg: string,
  next: string | undefined,
): { readonly took: number; readonly value: string | null; readonly problem?: string } {
  const attached = arg.includes('=') ? arg.slice(arg.indexOf('=') + 1) : null;
  if (row.takes === undefined)
    return attached === null
      ? { took: 1, value: null }
      : { took: 1, value: null, problem: `--${name} takes no value.` };
  const value = attached ?? (next?.startsWith('-') ? '' : (next ?? ''));
  const took = attached === null && value !== '' ? 2 : 1;
  if (value === '') return { took, value, problem: `--${name}: ${row.takes} is missing.` };
  if (typeof row.word === 'object' && !row.word.includes(value))
    return { took, value, problem: `--${name}: ${JSON.stringify(value)} is none of ${row.word.join(', ')}.` };
  return { took, value };
}

/** One word of a usage: `NAME`, `[NAME]`, `TEXT…`, `[REASON…]`. */
interface WordRow {
  readonly name: string;
  readonly optional: boolean;
  /** All that is left of the line. */
  readonly rest: boolean;
}

function wordsOf(takes: string): readonly WordRow[] {
  const rows: WordRow[] = [];
  const bare = takes.replaceAll(/\[--[^\]]*\]/g, '');
  for (const [, bracket, name = '', more] of bare.matchAll(/(?<!\S)(\[?)([A-Z][A-Z-]*)(…?)\]?(?!\S)/g))
    rows.push({ name, optional: bracket === '[', rest: more === '…' });
  return rows;
}

/** The words as the usage has them, or what is wrong with them. */
function fit(given: readonly string[], rows: readonly WordRow[], usage: string): readonly string[] | string {
  const words: string[] = [];
  for (const [at, { name, optional, rest }] of rows.entries()) {
    const word = rest ? given.slice(at).join(' ') : given[at];
    if (word !== undefined && word.trim() !== '') words.push(word);
    else if (!optional) return `${name} is missing. ${usage}`;
    else if (word === '') break;
  }
  const more = rows.at(-1)?.rest ? undefined : given[rows.length];
  // Not repeated: it may be a password that somebody took for an argument.
  return more === undefined ? words : `that is more than it takes. ${usage}`;
}
