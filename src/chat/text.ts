/**
 * Cleaning of text that one user can make another's terminal show. Every field of every dialect that ends
 * in a terminal passes through here on its way out, live and from history, and on its way in.
 */

/**
 * C0 and DEL and C1 controls, line and paragraph separators, bidi embeddings, overrides, isolates and
 * marks, the interlinear annotation and object characters, and lone surrogates.
 */
const UNSAFE =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffc]|\p{Surrogate}/u;
const UNSAFE_ALL = new RegExp(UNSAFE.source, 'gu');
const TAB = /\t/g;

/** The text with every unsafe character shown as U+FFFD and tabs as four spaces; safe text as it is. */
export function clean(text: string): string {
  if (!UNSAFE.test(text)) return text;
  return text.replace(TAB, '    ').replace(UNSAFE_ALL, '\ufffd');
}
