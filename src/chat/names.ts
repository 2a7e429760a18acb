/**
 * What a name and a room may be called, and when two of them are the same.
 *
 * Names follow IRC's shape (no digit or dash first; `[]\`^{}|_-` allowed) opened to letters and digits of
 * any one script. Two names are the same when they fold to the same string: NFKC, lower case. Whole-script
 * look-alikes are not caught; mixtures of scripts within a name are refused.
 */
import { type Refusal, refusal } from './errors.ts';

/** A folded name or room: what two spellings of the same one have in common. */
export type Folded = string & { readonly folded: unique symbol };

/** Limits on names and rooms, in characters. */
export interface NameRules {
  readonly nameLength: number;
  readonly roomLength: number;
}

/** Names no user may take: parley speaks in these. */
const RESERVED = new Set(['parley', 'everyone', 'server', 'system']);

const NAME = /^[\p{L}[\]\\`_^{|}][\p{L}\p{M}\p{N}[\]\\`_^{|}-]*$/u;
const ROOM = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.+~-]*$/u;
// Variation selectors, fillers and joiners: two names that look the same would not be.
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;
// A run of combining marks can draw over its neighbours; no orthography needs more than a few.
const STACKED = /\p{M}{4}/u;
const SCRIPTS = [
  /\p{Script=Latin}/u,
  /\p{Script=Cyrillic}/u,
  /\p{Script=Greek}/u,
  /\p{Script=Armenian}/u,
  /\p{Script=Cherokee}/u,
];

/** The key under which a name or room is known. */
export function fold(name: string): Folded {
  return name.normalize('NFKC').toLowerCase() as Folded;
}

/** The name as it will be shown, or why it cannot be one (`bad-name`). */
export function parseName(input: string, rules: NameRules): string | Refusal {
  const name = input.normalize('NFKC');
  const why = flaw(
    name,
    NAME,
    rules.nameLength,
    "letters, digits and _-[]\\`^{}|, not starting with a digit or '-'",
  );
  if (why) return refusal('bad-name', why);
  if (RESERVED.has(fold(name))) return refusal('bad-name', `${name} is parley's own`);
  return name;
}

/** The room as it will be shown (without a leading `#`), or why it cannot be one (`bad-room`). */
export function parseRoom(input: string, rules: NameRules): string | Refusal {
  const room = (input.startsWith('#') ? input.slice(1) : input).normalize('NFKC');
  const why = flaw(
    room,
    ROOM,
    rules.roomLength,
    'letters, digits and _.+~-, starting with a letter, digit or _',
  );
  return why ? refusal('bad-room', why) : room;
}

function flaw(name: string, pattern: RegExp, most: number, allowed: string): string | null {
  if (name === '') return 'it is empty';
  if ([...name].length > most) return `it is longer than ${most} characters`;
  if (!pattern.test(name)) return `it may have ${allowed}`;
  if (INVISIBLE.test(name)) return 'it has invisible characters';
  if (STACKED.test(name)) return 'it stacks too many marks on one letter';
  if (SCRIPTS.filter(script => script.test(name)).length > 1) return 'it mixes alphabets that look alike';
  return null;
}
