/** Puts the tables where README shows them: between two marks. */
import { README } from '../../helper/docs.ts';

const BEGIN = '<!-- bench -->\n';
const END = '<!-- /bench -->';

/** Throws where README has no place for them. */
export async function checkMarks(): Promise<void> {
  between(await Bun.file(README).text(), '');
}

export async function writeTables(text: string): Promise<void> {
  await Bun.write(README, between(await Bun.file(README).text(), `${text}\n`));
}

/** The page with `text` between its marks, whatever stood there before. */
export function between(page: string, text: string): string {
  const from = page.indexOf(BEGIN);
  const to = page.indexOf(END);
  if (from < 0 || to < from) throw new Error(`README.md lacks the lines ${BEGIN.trim()} and ${END}`);
  return `${page.slice(0, from + BEGIN.length)}${text}${page.slice(to)}`;
}
