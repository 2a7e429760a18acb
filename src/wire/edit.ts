/**
 * What backspaces do to a line that was typed raw: ^H and DEL take back one character, ^U the line so far.
 * A character is what its reader sees as one (a grapheme), so an accent or a family emoji goes as a whole.
 */

const EDITS = /([\b\u007f\u0015])/;
const KILL_LINE = '\u0015';
const ASCII = /^[\0-\u007f]*$/;

let segmenter: Intl.Segmenter | null = null;

/** The line as it stands after its ^H, DEL and ^U; none of them is left in it. */
export function edit(line: string): string {
  let shown: string[] = [];
  // Splitting at a captured pattern alternates: text, control, text, …
  const parts = line.split(EDITS);
  for (const [index, part] of parts.entries()) {
    if (index % 2 === 0) for (const character of characters(part)) shown.push(character);
    else if (part === KILL_LINE) shown = [];
    else shown.pop();
  }
  return shown.join('');
}

function characters(text: string): Iterable<string> {
  return ASCII.test(text) ? text : graphemes(text);
}

function* graphemes(text: string): Iterable<string> {
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(text)) yield segment;
}
