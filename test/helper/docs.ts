/** Brings the parts of README that are made from tables up to date: `npm run docs`. */
import { ERROR_CODES, errorSentence } from '../../src/chat/errors.ts';
import { usage } from '../../src/command/row.ts';
import { commands } from '../../src/command/table.ts';
import { settingsTable } from '../../src/config/docs.ts';
import { operatorRoutes } from '../../src/http/api/operators.ts';
import { scripts } from '../../src/http/api/routes.ts';
import type { Need } from '../../src/http/route.ts';
import { Chat } from './chat.ts';

export const README = new URL('../../README.md', import.meta.url);

/** What is made, by the name in its marks. */
const PARTS: Readonly<Record<string, () => string | Promise<string>>> = {
  settings: settingsTable,
  commands: () =>
    table(
      'command',
      'does',
      commands.rows.map(row => [code(usage(row)), row.summary]),
    ),
  routes: async () => {
    const { hub } = await Chat.start();
    const routes = [...scripts(hub).routes, ...operatorRoutes(hub)];
    return table(
      'request',
      'does',
      routes.map(({ method, path, summary, need }) => [
        code(`${method} ${path.replace(/:(\w+)\*?/g, '{$1}')}`),
        `${summary}${WHO[need]}`,
      ]),
    );
  },
  errors: () =>
    table(
      'code',
      'says',
      ERROR_CODES.map(each => [code(each), errorSentence(each)]),
    ),
};

const WHO: Readonly<Record<Need, string>> = {
  anybody: '',
  person: ' (accounts, tokens)',
  read: ' (accounts, tokens to read)',
  write: ' (accounts, tokens to write)',
  operator: ' (operators)',
  local: ' (the unix socket)',
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
export async function upToDate(text: string): Promise<string> {
  for (const [name, make] of Object.entries(PARTS)) {
    const begin = `<!-- ${name}: made by npm run docs -->\n`;
    const end = `<!-- /${name} -->`;
    const from = text.indexOf(begin);
    const to = text.indexOf(end);
    if (from < 0 || to < from) throw new Error(`README.md lacks the marks of ${name}`);
    text = `${text.slice(0, from + begin.length)}${await make()}\n${text.slice(to)}`;
  }
  return text;
}

if (import.meta.main) await Bun.write(README, await upToDate(await Bun.file(README).text()));
