/** What a flag, a variable or the file gave for a setting, before anyone has looked whether it is right. */
import { closest, distance } from 'fastest-levenshtein';
import { type Refusal, refusal } from '../chat/errors.ts';
import { clean } from '../chat/text.ts';
import type { Key } from '../config.ts';

export interface Given {
  readonly text: string;
  /** Where it came from, as its author would point at it: `--port`, `PARLEY_PORT`, `parley.toml:3`. */
  readonly from: string;
}

/** One source, read: what it gives, and what is wrong with it. */
export interface Source {
  readonly given: ReadonlyMap<Key, Given>;
  readonly problems: readonly Refusal[];
}

/** A `bad-setting` refusal: one line, whatever the text from outside that it quotes. */
export function settingRefusal(message: string): Refusal {
  return refusal('bad-setting', clean(message));
}

/** The one sentence for every wrong setting: which, from where, what is wrong, what would be right. */
export function badSetting(key: string, from: string, why: string, allowed?: string): Refusal {
  return settingRefusal(`${key}, from ${from}: ${why}.${allowed ? ` Allowed: ${allowed}` : ''}`);
}

/** A setting there is not; `known` are those there are, written as this source writes them. */
export function unknownSetting(name: string, from: string, known: readonly string[]): Refusal {
  const near = nearest(name, known);
  const advice = near ? `Did you mean ${near}?` : 'All of them: parley serve --help';
  return settingRefusal(`${name}, from ${from}: there is no such setting. ${advice}`);
}

/** The known word that `word` was probably meant to be, or null. */
export function nearest(word: string, known: readonly string[]): string | null {
  if (known.length === 0 || word.length > 100) return null;
  const near = closest(word, known);
  // Two letters changed places count as two.
  const most = near.length < 4 ? 1 : Math.max(2, Math.floor(near.length / 3));
  return distance(word, near) <= most ? near : null;
}
