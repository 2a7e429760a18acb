/**
 * The command line as completions see it: every place there is (a command, or a command with its subcommand)
 * with the flags and words that may stand there. Made from the tables of commands and settings.
 */
import { KEYS, type Key, rowOf } from '../../config.ts';
import { benchFlags } from '../bench-settings.ts';
import { COMMANDS, type CommandRow } from '../commands.ts';
import type { Grammar, Word } from '../grammar.ts';

export interface Flag {
  /** `--rooms` */
  readonly name: string;
  readonly does: string;
  /** What its value is; null for a switch, which takes none. */
  readonly word: Word | null;
  readonly many: boolean;
}

export interface Place {
  readonly command: string;
  /** '' where the command has no subcommands, or none was named yet. */
  readonly verb: string;
  readonly flags: readonly Flag[];
  readonly words: readonly Word[];
}

/** A word that is offered, and what it stands for. */
export interface Offered {
  readonly name: string;
  readonly does: string;
}

export const LIVE = { room: 'rooms', user: 'users', ban: 'bans', token: 'tokens' } as const;

export function isLive(word: Word): word is keyof typeof LIVE {
  return typeof word === 'string' && Object.hasOwn(LIVE, word);
}

/** Each with all of its flags: those of `bench` are in a table of their own. */
export function shownCommands(): readonly (readonly [name: string, row: CommandRow])[] {
  return Object.entries(COMMANDS)
    .filter(([, row]) => !row.hidden)
    .map(([name, row]) => [name, name === 'bench' ? { ...row, grammar: { flags: benchFlags() } } : row]);
}

export function commands(): readonly Offered[] {
  return shownCommands().map(([name, { does }]) => ({ name, does }));
}

/** The subcommands of each command that has some. */
export function verbs(): ReadonlyMap<string, readonly Offered[]> {
  return new Map(
    shownCommands().flatMap(([name, { grammar }]) =>
      grammar?.verbs ? [[name, offered(grammar.verbs)] as const] : [],
    ),
  );
}

export function places(): readonly Place[] {
  return shownCommands().flatMap(([command, row]) => {
    const settings = settingsOf(row).map(settingFlag);
    const place = (verb: string, grammar: Grammar | undefined): Place => ({
      command,
      verb,
      flags: [...ownFlags(grammar), ...settings],
      words: grammar?.words ?? [],
    });
    const { grammar } = row;
    const below = Object.entries(grammar?.verbs ?? {}).map(([verb, each]) =>
      place(verb, { ...each, flags: { ...grammar?.flags, ...each.flags } }),
    );
    return [place('', grammar), ...below];
  });
}

/** Flags that take a value, wherever they stand. */
export function valuedFlags(): readonly string[] {
  const long = places().flatMap(({ flags }) => flags.filter(({ word }) => word !== null));
  const short = KEYS.flatMap(key => (rowOf(key).short ? [`-${rowOf(key).short}`] : []));
  return [...new Set([...long.map(({ name }) => name), ...short])];
}

/** The settings that a command takes. */
export function settingsOf({ takes, grammar, settingsHelp }: CommandRow): readonly Key[] {
  if (grammar?.settings) return grammar.settings;
  return takes.includes('settings') && !settingsHelp ? KEYS : [];
}

export function settingFlag(key: Key): Flag {
  const { kind, doc } = rowOf(key);
  return { name: `--${key}`, does: doc, word: wordOf(kind.hint), many: kind.many === true };
}

function wordOf(hint: string): Word {
  if (hint === 'FILE' || hint === 'PATH') return 'file';
  if (hint === 'DIR') return 'directory';
  return hint.includes('|') ? hint.split('|') : 'text';
}

function ownFlags(grammar: Grammar | undefined): readonly Flag[] {
  return Object.entries(grammar?.flags ?? {}).map(([name, { takes, word, many, does }]) => ({
    name: `--${name}`,
    does,
    word: takes === undefined ? null : (word ?? 'text'),
    many: many === true,
  }));
}

function offered(verbs: Readonly<Record<string, Grammar>>): readonly Offered[] {
  return Object.entries(verbs).map(([name, { does = '' }]) => ({ name, does }));
}
