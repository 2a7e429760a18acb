/** Brings the parts of README that are made from tables up to date: `npm run docs`. */
import { settingsTable } from '../../src/config/docs.ts';

export const README = new URL('../../README.md', import.meta.url);
const BEGIN = '<!-- settings: made by npm run docs -->';
const END = '<!-- /settings -->';

/** The text with the settings between its two marks as they are now; null where it has no such marks. */
export function withSettings(text: string): string | null {
  const begin = text.indexOf(BEGIN);
  const end = text.indexOf(END);
  if (begin < 0 || end < begin) return null;
  return `${text.slice(0, begin + BEGIN.length)}\n${settingsTable()}\n${text.slice(end)}`;
}

if (import.meta.main) {
  const now = withSettings(await Bun.file(README).text());
  if (now === null) {
    process.stderr.write(`README.md lacks the lines ${BEGIN} and ${END}.\n`);
    process.exitCode = 1;
  } else {
    await Bun.write(README, now);
  }
}
