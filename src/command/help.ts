import { command, type Page, type Row, usage } from './row.ts';
import type { Commands } from './run.ts';

/** `help`, rendered from the table it is given: what is not in the table is not in the help. */
export function helpCommand(commands: () => Commands): Row {
  return command({
    verb: 'help',
    aliases: ['?', 'commands'],
    args: '[command]',
    summary: 'this list, or all about one command',
    details: ['help <command> tells what it takes and does.'],
    need: 'any',
    run: (ctx, [verb]) => {
      const table = commands();
      if (verb === undefined) {
        ctx.show({ commands: table.rows.map(about) }, page =>
          sayAll(table.rows, ctx.session.current !== null, page),
        );
        return;
      }
      const row = table.find(verb.replace(/^\//, ''));
      if (!row) throw table.unknown(verb);
      ctx.show({ command: about(row) }, page => sayOne(row, page));
    },
  });
}

function about(row: Row): object {
  const { verb, aliases, summary, details } = row;
  return { verb, aliases, usage: usage(row), summary, details };
}

function sayAll(rows: readonly Row[], inRoom: boolean, page: Page): void {
  page.notice(
    inRoom
      ? 'In a room, what you type is said to it. Commands start with /, as in /who. // says a line that starts with /.'
      : 'Type a command. Once you are in a room, lines are said to it and commands start with /, as in /who.',
  );
  page.columns(rows.map(row => [usage(row), row.summary]));
}

function sayOne(row: Row, page: Page): void {
  page.notice(`${usage(row)}: ${row.summary}`);
  for (const line of row.details) page.notice(`  ${line}`);
  if (row.aliases.length > 0) page.notice(`  Also called: ${row.aliases.join(', ')}`);
}
