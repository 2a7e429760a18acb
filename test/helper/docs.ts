/** Brings the parts of README that are made from tables up to date: `npm run docs`. */
import { ERROR_CODES, errorSentence } from '../../src/chat/errors.ts';
import { usage } from '../../src/command/row.ts';
import { commands } from '../../src/command/table.ts';
import { settingsTable } from '../../src/config/docs.ts';

export const README = new URL('../../README.md', import.meta.url);

/** What is made, by the name in its marks. */
const PARTS: Readonly<Record<string, () => string>> = {
  settings: settingsTable,
  commands: () =>
    table(
      'command',
      'does',
      commands.rows.map(row => [code(usage(row)), row.summary]),
    ),
  errors: () =>
    table(
      'code',
      'says',
      ERROR_CODES.map(each => [code(each), errorSentence(each)]),
    ),
};

function code(text: string): string {
  return `\`${text}\``;
}

function table(left: string, right: string, rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line([left, right]), '| --- | --- |', ...rows.map(line)].join('\n');
}

/** The text with everything between the marks as it is now; throws where a mark is missing. */
export function upToDate(text: string): string {
  for (const [name, make] of Object.entries(PARTS)) {
    const begin = `<!-- ${name}: made by npm run docs -->\n`;
    const end = `<!-- /${name} -->`;
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`README.md lacks the marks of ${name}`);
    text = `${text.slice(0, from + begin.length)}${make()}\n${text.slice(to)}`;
  }
  return text;
}

if (import.meta.main) await Bun.write(README, upToDate(await Bun.file(README).text()));
