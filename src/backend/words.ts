/**
 * The words of a search: what a user typed, as terms, and whether a text has them all. A term is a run of
 * tokens that must follow each other; the last may be a prefix. Letters and digits make tokens; case and
 * diacritics do not count.
 */

export interface Term {
  readonly tokens: readonly string[];
  /** The last token may go on. */
  readonly prefix: boolean;
  /** As typed, for an index that splits words itself. */
  readonly typed: string;
}

const TYPED = /"([^"]*)"?(\*?)|([^\s"]+)/g;
const TOKEN = /[\p{L}\p{N}\p{Co}]+/gu;
const MARK = /\p{Mn}/gu;

/**
 * What one search may cost: what is typed beyond these is not looked for, stars beyond these and on shorter
 * tokens are not heeded. A letter or two begin too many words, but one Chinese character is three bytes.
 */
const MOST_CHARACTERS = 200;
const MOST_TERMS = 8;
const MOST_PREFIXES = 2;
const PREFIX_BYTES = 3;

/** The terms of a search; none where there is no word in it. Any input is fine. */
export function parseWords(words: string): readonly Term[] {
  const terms: Term[] = [];
  let prefixes = 0;
  for (const [, phrase, star, word] of words.slice(0, MOST_CHARACTERS).matchAll(TYPED)) {
    const starred = word === undefined ? star === '*' : word.endsWith('*');
    const typed = (phrase ?? word ?? '').replaceAll('*', ' ').replaceAll('\0', ' ').trim();
    const tokens = tokensOf(typed);
    const prefix =
      starred && prefixes < MOST_PREFIXES && Buffer.byteLength(tokens.at(-1) ?? '') >= PREFIX_BYTES;
    if (prefix) prefixes++;
    if (tokens.length > 0) terms.push({ tokens, prefix, typed });
    if (terms.length === MOST_TERMS) break;
  }
  return terms;
}

/** True if the text has every term. */
export function hasWords(text: string, terms: readonly Term[]): boolean {
  const tokens = tokensOf(text);
  return terms.every(term => hasTerm(tokens, term));
}

function hasTerm(tokens: readonly string[], { tokens: wanted, prefix }: Term): boolean {
  const last = wanted.length - 1;
  for (let start = 0; start + last < tokens.length; start++) {
    const fits = wanted.every((token, i) => {
      const found = tokens[start + i] ?? '';
      return i === last && prefix ? found.startsWith(token) : found === token;
    });
    if (fits) return true;
  }
  return false;
}

function tokensOf(text: string): readonly string[] {
  return text.normalize('NFD').replace(MARK, '').toLowerCase().match(TOKEN) ?? [];
}
