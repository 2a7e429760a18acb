/** The command line of a benchmark: `--name value` for each default it names, `--json`, `--help`. */
import { parseArgs } from 'node:util';

type Defaults = Readonly<Record<string, number | string>>;
type Given<D extends Defaults> = { readonly [K in keyof D]: D[K] extends number ? number : string } & {
  readonly json: boolean;
};

/** Reads the arguments; what is wrong with them ends the process with one line that says so. */
export function readOptions<const D extends Defaults>(what: string, defaults: D): Given<D> {
  const usage = Object.entries(defaults).map(([name, value]) => `--${name} ${value === '' ? '…' : value}`);
  const options = Object.fromEntries(Object.keys(defaults).map(name => [name, { type: 'string' as const }]));
  const given: Record<string, number | string | boolean> = { ...defaults, json: false };
  try {
    const { values } = parseArgs({
      args: process.argv.slice(2),
      options: { ...options, json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values['help'] === true)
      leave(`${what}\n\nOptions, with their defaults:\n  ${usage.join('\n  ')}\n  --json`, 0);
    for (const [name, value] of Object.entries(values))
      given[name] = typeof defaults[name] === 'number' ? positive(name, String(value)) : (value ?? '');
  } catch (error) {
    leave(`${error instanceof Error ? error.message : String(error)}\nKnown: ${usage.join(' ')} --json`, 2);
  }
  // Every key of the defaults is there, and numbers were read as numbers: what Given says.
  return given as Given<D>;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new Error(`--${name} takes a number`);
  return value;
}

function leave(text: string, code: number): never {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  process.exit(code);
}
