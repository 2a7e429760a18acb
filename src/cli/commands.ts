/** The commands of `parley`, one file each, loaded only when they are used. */
import type { CommandDef } from 'citty';
import type { Page } from '../config/docs.ts';
import { nearest } from '../config/given.ts';

export interface CommandRow {
  /** What follows the name in help. */
  readonly takes: string;
  readonly does: string;
  /** The settings it takes, as help, where they are not those of the daemon. */
  settingsHelp?(page: Page): Promise<string>;
  load(): Promise<CommandDef>;
}

/** What `parley` without a command does. */
export const DEFAULT_COMMAND = 'serve';

export const COMMANDS: Readonly<Record<string, CommandRow>> = {
  serve: {
    takes: '[settings]',
    does: 'start the daemon (the same as parley without a command)',
    load: async () => (await import('./serve.ts')).default,
  },
  check: {
    takes: '[settings]',
    does: 'look for whatever would keep it from starting, and say what to do',
    load: async () => (await import('./check.ts')).default,
  },
  config: {
    takes: '[settings] [--json]',
    does: 'show every setting in force and where it came from',
    load: async () => (await import('./config.ts')).default,
  },
  token: {
    takes: 'create NAME | list | revoke ID [settings]',
    does: 'make, list and take back what scripts sign in with',
    settingsHelp: async page => (await import('./token-args.ts')).tokenHelp(page),
    load: async () => (await import('./token.ts')).default,
  },
  bench: {
    takes: '[settings]',
    does: 'put load on a server, check every line and measure (this one, or any IRC server)',
    settingsHelp: async page => (await import('./bench-settings.ts')).benchHelp(page),
    load: async () => (await import('./bench.ts')).default,
  },
  version: {
    takes: '',
    does: 'show the version',
    load: async () => (await import('./version.ts')).default,
  },
};

/** The sentence for a command there is not. */
export function unknownCommand(name: string): string {
  const near = nearest(name, Object.keys(COMMANDS));
  const hint = near ? `Did you mean: parley ${near}?` : 'All of them: parley --help';
  return `${JSON.stringify(name)} is not a command. ${hint}`;
}
