/** The pages of `--help`, made from the tables of commands and settings. */
import { heading, type Page, settingsHelp, wrap } from '../config/docs.ts';
import { VERSION } from '../version.ts';
import { COMMANDS, type CommandRow } from './commands.ts';
import { grammarHelp } from './grammar.ts';

const ORIGINS =
  'Each is also a variable (PARLEY_LINE_RATE) and a key of parley.toml (line-rate = 10). A flag wins over a variable, a variable over the file, the file over the [default].';
const RATES = 'Those marked * are lifted by --limits off.';

/** Help for one command, or the first page where there is none. */
export async function helpPage(name: string | null, page: Page): Promise<string> {
  const command = name === null ? undefined : COMMANDS[name];
  return command && name !== null ? await commandPage(name, command, page) : firstPage(page);
}

/** The page as standard output can show it. */
export function pageOf(stream: { readonly isTTY?: boolean; readonly columns?: number }): Page {
  const terminal = stream.isTTY === true;
  return {
    columns: terminal ? Math.min(Math.max(stream.columns ?? 80, 60), 110) : 100,
    bold: terminal && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
  };
}

function firstPage(page: Page): string {
  const names = Object.keys(COMMANDS).filter(name => !COMMANDS[name]?.hidden);
  // What follows a name is on its own page: here everything is to be seen at once.
  const width = Math.max(...names.map(name => name.length)) + 4;
  const commands = names.map(name => {
    const does = wrap(COMMANDS[name]?.does ?? '', page.columns - width - 9, '');
    return `  parley ${name.padEnd(width)}${does.replaceAll('\n', `\n${' '.repeat(width + 9)}`)}`;
  });
  return [
    `parley ${VERSION}, a chat daemon in one file: whoever can reach the port can talk, with nc, telnet or a script.`,
    '',
    heading('Commands', page),
    ...commands,
    '',
    heading('The settings one meets first', page),
    settingsHelp('common', page),
    '',
    wrap(
      `What a command takes: parley backup --help. All settings: parley serve --help. ${ORIGINS}`,
      page.columns,
      '',
    ),
    '',
  ].join('\n');
}

async function commandPage(name: string, command: CommandRow, page: Page): Promise<string> {
  const head = [`parley ${name}: ${command.does}`, '', `  ${usage(name)}`, ''];
  if (command.settingsHelp) return [...head, await command.settingsHelp(page), ''].join('\n');
  const { grammar } = command;
  if (grammar) head.push(grammarHelp(grammar, page), '');
  if (grammar?.settings || !command.takes.includes('settings')) return head.join('\n');
  return [...head, settingsHelp('all', page), wrap(`${RATES} ${ORIGINS}`, page.columns, ''), ''].join('\n');
}

function usage(name: string): string {
  return `parley ${name} ${COMMANDS[name]?.takes ?? ''}`.trimEnd();
}
