/**
 * The process edge: which command, what becomes of an exception nobody expected, and the exit code (see
 * `cli/edge.ts`). Signals are the daemon's: `cli/serve.ts`.
 */
import { runCommand } from 'citty';
import { COMMANDS, DEFAULT_COMMAND, unknownCommand } from './cli/commands.ts';
import { complain, EXIT, print } from './cli/edge.ts';
import { createLog, standardError } from './ops/log.ts';

/** How long leaving waits for a log that nobody reads. */
const LAST_WORDS_MS = 500;

const log = createLog({ level: 'info', format: 'auto' }, standardError(Date.now));

// A reader of the output may leave at any time (`parley | head -1`): the daemon is not there for it.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

main(process.argv.slice(2)).then(leave, crash);

async function main(argv: readonly string[]): Promise<number> {
  const [first = ''] = argv;
  const named = first !== '' && !first.startsWith('-');
  if (named && !Object.hasOwn(COMMANDS, first)) {
    complain(unknownCommand(first));
    return EXIT.usage;
  }
  const rest = named ? argv.slice(1) : argv;
  if (rest.some(arg => arg === '--help' || arg === '-h')) return help(named ? first : null);
  const version = rest.length === 1 && ['--version', '-V'].includes(rest[0] ?? '');
  const command = await COMMANDS[version ? 'version' : named ? first : DEFAULT_COMMAND]?.load();
  if (!command) return EXIT.bug;
  const { result } = await runCommand(command, { rawArgs: version ? [] : [...rest], data: { log } });
  return typeof result === 'number' ? result : EXIT.ok;
}

async function help(command: string | null): Promise<number> {
  const { helpPage, pageOf } = await import('./cli/help.ts');
  await print(await helpPage(command, pageOf(process.stdout)));
  return EXIT.ok;
}

/** A bug: one line that says so, the stack for those who asked for it, and a code that a supervisor sees. */
function crash(error: unknown): void {
  const what = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const hint = 'This is a bug in parley: please report it, with what --log-level debug adds.';
  log.error(`stopped by an internal error. ${hint}`, { error: what });
  if (error instanceof Error) for (const line of (error.stack ?? '').split('\n')) log.debug(line);
  leave(EXIT.bug);
}

let leaving = false;

function leave(code: number): void {
  if (leaving) return;
  leaving = true;
  setTimeout(() => process.exit(code), LAST_WORDS_MS);
  process.stderr.write('', () => process.exit(code));
}
