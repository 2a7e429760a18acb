/**
 * What may follow the name of a command: its words, its own flags, its subcommands. One description, from
 * which the arguments are read (`arguments.ts`) and help, completions and the man page are made.
 */
import { heading, helpEntry, type Page, wrap } from '../config/docs.ts';
import { type Key, rowOf } from '../config.ts';

/**
 * What a word is, for completions. `room`, `user`, `ban` and `token` are asked of the running parley; a list is
 * the words there are; nothing is offered for `text`.
 */
export type Word =
  | 'room'
  | 'user'
  | 'ban'
  | 'token'
  | 'file'
  | 'directory'
  | 'command'
  | 'text'
  | readonly string[];

/** A flag of the command itself, which is no setting. */
export interface FlagRow {
  /** What its value is called in help; a flag without one is a switch. */
  readonly takes?: string;
  readonly word?: Word;
  /** It may be repeated, or hold several values with commas between them. */
  readonly many?: true;
  /** One sentence. */
  readonly does: string;
}

export interface Grammar {
  /** For a subcommand: what follows its name in help, and what it does. */
  readonly takes?: string;
  readonly does?: string;
  /** By position. */
  readonly words?: readonly Word[];
  readonly flags?: Readonly<Record<string, FlagRow>>;
  /** The first word is one of these, and what follows is as each says. */
  readonly verbs?: Readonly<Record<string, Grammar>>;
  /** The settings worth naming, where it is not about all of them. */
  readonly settings?: readonly Key[];
  /** What else is to be said in help and in the man page: a sentence or two each. */
  readonly notes?: readonly string[];
}

/** What a command about the data of a parley, running or not, is told. */
export const STORE_SETTINGS: readonly Key[] = ['data', 'config'];
/** What one is told that asks the running parley. */
export const SOCKET_SETTINGS: readonly Key[] = ['data', 'http-socket', 'config'];

/** `--rooms ROOM,…` */
export function flagText(name: string, { takes }: FlagRow): string {
  return takes === undefined ? `--${name}` : `--${name} ${takes}`;
}

/** A command's words, flags and settings as help. */
export function grammarHelp(grammar: Grammar, page: Page): string {
  const lines: string[] = [];
  for (const [verb, each] of Object.entries(grammar.verbs ?? {})) {
    lines.push(helpEntry(`${verb} ${each.takes ?? ''}`.trimEnd(), each.does ?? '', page.columns));
    lines.push(...flagLines(each, page));
  }
  lines.push(...flagLines(grammar, page));
  for (const note of grammar.notes ?? []) lines.push('', `  ${wrap(note, page.columns - 2, '  ')}`);
  const { settings = [] } = grammar;
  if (settings.length > 0) {
    lines.push('', heading('Settings', page));
    for (const key of settings) {
      const { kind, doc, initially } = rowOf(key);
      const text = initially === undefined ? doc : `${doc} [${initially}]`;
      lines.push(helpEntry(`    --${key} ${kind.hint}`, text, page.columns));
    }
  }
  if (lines[0] === '') lines.shift();
  return lines.join('\n');
}

function flagLines({ flags = {} }: Grammar, page: Page): string[] {
  return Object.entries(flags).map(([name, row]) =>
    helpEntry(`    ${flagText(name, row)}`, row.does, page.columns),
  );
}
