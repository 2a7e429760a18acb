/** The commands of `parley`, one file each, loaded only when they are used. */
import type { CommandDef } from 'citty';
import type { Page } from '../config/docs.ts';
import { nearest } from '../config/given.ts';
import { type Grammar, SOCKET_SETTINGS, STORE_SETTINGS } from './grammar.ts';
import { OPERATOR_COMMANDS } from './operator-commands.ts';

export interface CommandRow {
  /** What follows the name in help. */
  readonly takes: string;
  readonly does: string;
  /** Its words, flags and subcommands: for help, completions and the man page. */
  readonly grammar?: Grammar;
  /** Asked by programs: not in help, completions and the man page. */
  readonly hidden?: true;
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
    takes: '[settings] [--json]',
    does: 'look for whatever is wrong or soon will be, running or not, and say what to do',
    grammar: { flags: { json: { does: 'The findings as JSON.' } } },
    load: async () => (await import('./check.ts')).default,
  },
  config: {
    takes: '[settings] [--json]',
    does: 'show every setting in force and where it came from',
    grammar: { flags: { json: { does: 'As JSON: sizes in bytes, times in ms.' } } },
    load: async () => (await import('./config.ts')).default,
  },
  token: {
    takes: 'create NAME | list | revoke ID [settings]',
    does: 'make, list and take back what scripts sign in with',
    grammar: {
      verbs: {
        create: {
          takes: 'NAME',
          does: 'Make a token that speaks as NAME, and print its secret: it is shown this once.',
          words: ['text'],
          flags: {
            rooms: { takes: 'ROOM,…', word: 'room', many: true, does: 'Only for these rooms [all]' },
            read: { does: 'To read. With neither this nor --write, it is for both.' },
            write: { does: 'To write.' },
          },
        },
        list: {
          does: 'Show every token; the secrets are not kept.',
          flags: { json: { does: 'As JSON.' } },
        },
        revoke: { takes: 'ID', does: 'Take a token back: it is refused from then on.', words: ['token'] },
      },
      settings: SOCKET_SETTINGS,
      notes: [
        'While parley runs, it is asked over its socket; otherwise its store is worked on, and that is said.',
        'For example: curl -d "deploy done" -H "Authorization: Bearer $(parley token create deploys --write)" …',
      ],
    },
    load: async () => (await import('./token.ts')).default,
  },
  ...OPERATOR_COMMANDS,
  backup: {
    takes: 'FILE [--force] [settings]',
    does: 'copy the store, also while parley runs on it, and verify the copy',
    grammar: {
      words: ['file'],
      flags: { force: { does: 'Replace FILE where it is there.' } },
      settings: STORE_SETTINGS,
      notes: [
        'The copy is of one moment: every line kept until then is in it. It appears under its name only when it is whole and was found sound.',
      ],
    },
    load: async () => (await import('./backup.ts')).default,
  },
  restore: {
    takes: 'FILE [--force] [settings]',
    does: 'make a backup the store of a parley that is not running',
    grammar: {
      words: ['file'],
      flags: { force: { does: 'Move the store that is there aside, under a name that is told.' } },
      settings: STORE_SETTINGS,
    },
    load: async () => (await import('./restore.ts')).default,
  },
  export: {
    takes: '[--room ROOM,…] [--since WHEN] [--until WHEN] [--private] [settings]',
    does: 'write what was said to standard output, one JSON object a line',
    grammar: {
      flags: {
        room: { takes: 'ROOM,…', word: 'room', many: true, does: 'Only these rooms [all]' },
        since: { takes: 'WHEN', does: 'From then on: 2026-01-31, 2026-01-31T08:00Z, or 7d (ago).' },
        until: { takes: 'WHEN', does: 'Before then.' },
        private: { does: 'Private messages, too.' },
      },
      settings: STORE_SETTINGS,
      notes: [
        'Lines, actions and topics with their ids, times and speakers, and before them the rooms. Accounts, memberships and bans are in a backup, not here.',
      ],
    },
    load: async () => (await import('./export.ts')).default,
  },
  import: {
    takes: 'FILE [--skip-bad] [settings]',
    does: 'add what was exported to the store of a parley that is not running',
    grammar: {
      words: ['file'],
      flags: { 'skip-bad': { does: 'Leave bad lines out; without this, one of them and nothing is added.' } },
      settings: STORE_SETTINGS,
      notes: [
        'FILE is - for standard input. Times and speakers stay; ids stay where they are above all that the store has. What is there already is not added again.',
      ],
    },
    load: async () => (await import('./import.ts')).default,
  },
  install: {
    takes: '[--prefix DIR] [--root DIR] [--enable] [--dry-run]',
    does: 'copy this program to where it belongs, with units, settings, man page and completions',
    grammar: {
      flags: {
        prefix: { takes: 'DIR', word: 'directory', does: 'Where bin and share are [/usr/local]' },
        root: { takes: 'DIR', word: 'directory', does: 'Write below DIR as if it were /: for packages.' },
        enable: { does: 'Start it now and with the machine; one that runs changes over to this program.' },
        'dry-run': { does: 'Say what would be done, and do nothing.' },
      },
    },
    load: async () => (await import('./install.ts')).default,
  },
  uninstall: {
    takes: '[--prefix DIR] [--root DIR] [--dry-run]',
    does: 'take away what install wrote, and keep data and settings',
    grammar: {
      flags: {
        prefix: { takes: 'DIR', word: 'directory', does: 'As it was installed [/usr/local]' },
        root: { takes: 'DIR', word: 'directory', does: 'As it was installed [/]' },
        'dry-run': { does: 'Say what would be done, and do nothing.' },
      },
    },
    load: async () => (await import('./uninstall.ts')).default,
  },
  completions: {
    takes: 'SHELL',
    does: 'print what makes bash, zsh or fish complete commands, settings, rooms and names',
    grammar: {
      words: [['bash', 'zsh', 'fish']],
      notes: [
        'bash: source <(parley completions bash)',
        'zsh: parley completions zsh > ~/.zfunc/_parley, with ~/.zfunc in fpath before compinit',
        'fish: parley completions fish > ~/.config/fish/completions/parley.fish',
      ],
    },
    load: async () => (await import('./completions.ts')).default,
  },
  man: {
    takes: '',
    does: 'print the man page (parley man | man -l -)',
    load: async () => (await import('./man.ts')).default,
  },
  'handover-check': {
    takes: '[settings]',
    does: 'whether this program can take over from the one that runs',
    hidden: true,
    load: async () => (await import('./handover-check.ts')).default,
  },
  __complete: {
    takes: 'rooms|users|bans|tokens',
    does: 'names for completions',
    hidden: true,
    load: async () => (await import('./complete.ts')).default,
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
