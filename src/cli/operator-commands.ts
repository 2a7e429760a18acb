/** What the owner of a server does with it while it runs, and with its store while it does not. */
import { LOG_LEVELS } from '../ops/log-tail.ts';
import type { CommandRow } from './commands.ts';
import { type Grammar, SOCKET_SETTINGS } from './grammar.ts';

const JSON_FLAG = { json: { does: 'As JSON.' } } as const;
const settings = SOCKET_SETTINGS;

const STORE_NOTE =
  'While parley runs, it is asked over its socket; otherwise its store is worked on, and that is said.';
const SECRET_NOTE =
  'A password is asked for, or read from standard input where that is no terminal; it is no argument.';

const ROOM: Grammar = { takes: 'ROOM', words: ['room'] };
const NAME: Grammar = { takes: 'NAME', words: ['user'] };

export const OPERATOR_COMMANDS: Readonly<Record<string, CommandRow>> = {
  status: {
    takes: '[--json] [settings]',
    does: 'show how the running parley does (exit 0: healthy, 1: not, 3: nobody there)',
    grammar: { flags: JSON_FLAG, settings, notes: ['For example: parley status --json | jq .health'] },
    load: async () => (await import('./status.ts')).default,
  },
  top: {
    takes: '[settings]',
    does: 'watch connections and rates in the terminal',
    grammar: {
      settings,
      notes: [
        'Left and right choose what connections are sorted by, r turns the order round, q leaves. Where standard output is no terminal it is one look: parley top | head -20',
      ],
    },
    load: async () => (await import('./top.ts')).default,
  },
  user: {
    takes: 'list | add NAME | passwd NAME | promote NAME | demote NAME | delete NAME [settings]',
    does: 'look after accounts',
    grammar: {
      verbs: {
        list: { does: 'Show every account.', flags: JSON_FLAG },
        add: { takes: 'NAME', words: ['text'], does: 'Make an account.' },
        passwd: { ...NAME, does: 'Set the password of an account; the page signs it out.' },
        promote: { ...NAME, does: 'Make an account an operator of the server.' },
        demote: { ...NAME, does: 'Make it none any more.' },
        delete: {
          ...NAME,
          does: 'Take an account away: out of its rooms, its connections closed. What it said stays, its name is free.',
        },
      },
      settings,
      notes: [SECRET_NOTE, STORE_NOTE, 'For example: echo "$password" | parley user add alice'],
    },
    load: async () => (await import('./user.ts')).default,
  },
  room: {
    takes: 'list | show ROOM | close ROOM | unlist ROOM | relist ROOM | topic ROOM TEXT [settings]',
    does: 'look after rooms',
    grammar: {
      verbs: {
        list: { does: 'Show rooms; of the unlisted ones, those with somebody in them.', flags: JSON_FLAG },
        show: { ...ROOM, does: 'Show one room and who is in it.', flags: JSON_FLAG },
        close: {
          takes: 'ROOM [REASON…]',
          words: ['room', 'text'],
          does: 'Put everybody out, and lock and unlist it; prints the key that opens it.',
        },
        unlist: { ...ROOM, does: 'Take it out of all lists.' },
        relist: { ...ROOM, does: 'Put it back.' },
        topic: {
          takes: 'ROOM [TEXT…]',
          words: ['room', 'text'],
          does: 'Set its topic; without a text, take it away.',
        },
      },
      settings,
      notes: [STORE_NOTE, 'For example: parley room topic ops deploys only'],
    },
    load: async () => (await import('./room.ts')).default,
  },
  kick: {
    takes: 'NAME [REASON…] [settings]',
    does: 'close every connection of a name; it may come back',
    grammar: { words: ['user', 'text'], settings, notes: ['For example: parley kick mallory flooding ops'] },
    load: async () => (await import('./kick.ts')).default,
  },
  ban: {
    takes: 'WHAT [REASON…] [settings]',
    does: 'keep a name, an address or a range off the server',
    grammar: {
      words: ['user', 'text'],
      settings,
      notes: [STORE_NOTE, 'For example: parley ban 192.0.2.0/24 spam'],
    },
    load: async () => (await import('./ban.ts')).default,
  },
  unban: {
    takes: 'LABEL [settings]',
    does: 'lift a ban, as parley bans calls it',
    grammar: { words: ['ban'], settings, notes: [STORE_NOTE, 'For example: parley unban 192.0.2.0/24'] },
    load: async () => (await import('./unban.ts')).default,
  },
  bans: {
    takes: '[--json] [settings]',
    does: 'show who is kept off the server',
    grammar: { flags: JSON_FLAG, settings, notes: [STORE_NOTE, 'For example: parley bans --json'] },
    load: async () => (await import('./bans.ts')).default,
  },
  announce: {
    takes: 'TEXT… [settings]',
    does: 'show a line to everyone who is signed in',
    grammar: {
      words: ['text'],
      settings,
      notes: [
        'For example: parley announce back in five minutes',
        'A text that begins with a dash comes after --',
      ],
    },
    load: async () => (await import('./announce.ts')).default,
  },
  reload: {
    takes: '[--json] [settings]',
    does: 'have the running parley read its settings again, and say what came of it',
    grammar: {
      flags: JSON_FLAG,
      settings,
      notes: [
        'All of the new settings are put in force, or none. It is the one that runs that reads its own file and variables; those given here only say where it is. For example: parley reload && parley status',
      ],
    },
    load: async () => (await import('./reload.ts')).default,
  },
  upgrade: {
    takes: '[settings]',
    does: 'have the program that is now in its place take over from the running one, connections included',
    grammar: {
      settings,
      notes: [
        'Put the new program where the old one was first. Where it cannot take over, the old one goes on. A SIGHUP does the same where the program is another file, and else reads the settings again.',
      ],
    },
    load: async () => (await import('./upgrade.ts')).default,
  },
  drain: {
    takes: '[settings]',
    does: 'have it take nobody new, tell everyone and end; return when it has',
    grammar: { settings, notes: ['The same as SIGTERM. For example: parley drain --data /var/lib/parley'] },
    load: async () => (await import('./drain.ts')).default,
  },
  log: {
    takes: '[--level LEVEL] [--recent N] [--json] [settings]',
    does: 'follow the log of the running parley, until Ctrl-C',
    grammar: {
      flags: {
        level: {
          takes: 'LEVEL',
          word: LOG_LEVELS,
          does: 'Lines of this level and above, live also those that it does not log [info]',
        },
        recent: { takes: 'N', word: 'text', does: 'Lines of before, at most 500 [50]' },
        json: { does: 'An object a line.' },
      },
      settings,
      notes: ['For example: parley log --level debug'],
    },
    load: async () => (await import('./log.ts')).default,
  },
};
