/** The arguments of commands that work on a store or on this machine, by their rows in `commands.ts`. */
import { nearest } from '../config/given.ts';
import type { World } from '../config/world.ts';
import { COMMANDS, type CommandRow } from './commands.ts';
import { type Line, type Problems, readLine } from './operator-line.ts';

/** Of a command that takes settings. */
export function readWithSettings(command: string, argv: readonly string[], world: World): Line | Problems {
  return readLine(command, COMMANDS[command] ?? NOTHING, argv, world);
}

/** Of one that takes none: what is set on this machine is nothing to it. */
export function readArguments(command: string, argv: readonly string[]): Line | Problems {
  const row = COMMANDS[command] ?? NOTHING;
  const known = Object.keys(row.grammar?.flags ?? {}).map(name => `--${name}`);
  for (const arg of argv) {
    const [flag = ''] = arg.split('=');
    if (!arg.startsWith('-') || known.includes(flag)) continue;
    const near = nearest(flag, known);
    return [`${flag}: there is no such flag. ${near ? `Did you mean ${near}?` : usageOf(command)}`];
  }
  return readLine(command, row, argv, NO_WORLD);
}

/** The values of a flag that may be repeated, or hold several with commas. */
export function listOf({ flags }: Line, name: string): readonly string[] | null {
  const values = flags.get(name)?.flatMap(value => value.split(','));
  return values?.map(value => value.trim()).filter(value => value !== '') ?? null;
}

export function usageOf(command: string): string {
  return `Usage: parley ${command} ${COMMANDS[command]?.takes ?? ''}`.trimEnd();
}

const NOTHING: Pick<CommandRow, 'takes' | 'grammar'> = { takes: '' };
const NO_WORLD: World = { env: {}, hostname: () => '', openFiles: () => null, readFile: () => null };
