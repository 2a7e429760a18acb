/** What `parley token` is asked to do: its arguments, and their help. */
import type { TokenWish } from '../chat/tokens.ts';
import { heading, helpEntry, type Page } from '../config/docs.ts';
import { type Loaded, loadSettings } from '../config/load.ts';
import type { World } from '../config/world.ts';

export type TokenTask =
  | { readonly do: 'create'; readonly wish: TokenWish }
  | { readonly do: 'list'; readonly json: boolean }
  | { readonly do: 'revoke'; readonly id: string };

/** By what is to be done: what it takes, and its switches without a value. */
const VERBS = {
  create: { takes: 'NAME', usage: 'NAME [--rooms ROOM,…] [--read] [--write]', switches: ['read', 'write'] },
  list: { takes: null, usage: '[--json]', switches: ['json'] },
  revoke: { takes: 'ID', usage: 'ID', switches: [] },
} as const;

type Verb = keyof typeof VERBS;

const HELP: readonly (readonly [flag: string, sentence: string])[] = [
  ['create NAME', 'Make a token that speaks as NAME, and print its secret: it is shown this once.'],
  ['    --rooms ROOM,…', 'Only for these rooms [all]'],
  ['    --read', 'To read. With neither this nor --write, it is for both.'],
  ['    --write', 'To write.'],
  ['list', 'Show every token; the secrets are not kept.'],
  ['    --json', 'As JSON.'],
  ['revoke ID', 'Take a token back: it is refused from then on.'],
];

const SETTINGS: typeof HELP = [
  ['    --data DIR', 'The data of the parley it is about; --config FILE names it, too.'],
  ['    --http-socket PATH', 'Where that parley answers, if it runs [parley.sock in data]'],
];

/** The task and the settings, or what is wrong with the arguments: one sentence each. */
export function readTokenArgs(
  argv: readonly string[],
  world: World,
): { readonly task: TokenTask; readonly config: Loaded['config'] } | readonly string[] {
  const [verb = '', ...rest] = argv;
  if (!isVerb(verb)) return [`${verb === '' ? '' : `${JSON.stringify(verb)}: `}${usage()}`];
  const { takes, switches } = VERBS[verb];
  const [given = ''] = rest;
  if (takes !== null && (given === '' || given.startsWith('-')))
    return [`${takes} is missing. ${usage(verb)}`];
  const { rooms, left } = takeRooms(takes === null ? rest : rest.slice(1), verb === 'create');
  const loaded = loadSettings(left, world, switches);
  if (loaded.problems.length > 0) return loaded.problems.map(({ message }) => message);
  if (rooms?.some(room => room === '')) return ['--rooms: a room is missing. Write --rooms ops,dev'];
  return { task: taskOf(verb, given, rooms, loaded.switches), config: loaded.config };
}

function isVerb(word: string): word is Verb {
  return Object.hasOwn(VERBS, word);
}

function usage(verb?: Verb): string {
  const verbs = verb ? [verb] : (['create', 'list', 'revoke'] as const);
  return `Usage: ${verbs.map(each => `parley token ${each} ${VERBS[each].usage}`).join(' · ')}`;
}

function taskOf(
  verb: Verb,
  given: string,
  rooms: readonly string[] | null,
  on: ReadonlySet<string>,
): TokenTask {
  switch (verb) {
    case 'create': {
      const both = !on.has('read') && !on.has('write');
      return {
        do: 'create',
        wish: { name: given, rooms, read: both || on.has('read'), write: both || on.has('write') },
      };
    }
    case 'list':
      return { do: 'list', json: on.has('json') };
    case 'revoke':
      return { do: 'revoke', id: given };
  }
}

/** `--rooms` is no setting; it may be repeated. Without a value, its room is ''. */
function takeRooms(
  argv: readonly string[],
  taken: boolean,
): { readonly rooms: readonly string[] | null; readonly left: readonly string[] } {
  const values: string[] = [];
  const left: string[] = [];
  for (let at = 0; at < argv.length; at++) {
    const arg = argv[at] ?? '';
    const next = argv[at + 1] ?? '';
    if (!taken || (arg !== '--rooms' && !arg.startsWith('--rooms='))) left.push(arg);
    else if (arg !== '--rooms') values.push(arg.slice('--rooms='.length));
    else if (next.startsWith('-')) values.push('');
    else {
      values.push(next);
      at++;
    }
  }
  const rooms = values.flatMap(value => value.split(',').map(room => room.trim()));
  return { rooms: values.length > 0 ? rooms : null, left };
}

export function tokenHelp(page: Page): string {
  const entries = (rows: typeof HELP) => rows.map(([flag, text]) => helpEntry(flag, text, page.columns));
  return [
    ...entries(HELP),
    '',
    heading('Settings', page),
    ...entries(SETTINGS),
    '',
    '  While parley runs, it is asked over its socket; otherwise its store is written to.',
    '  curl -d "deploy done" -H "Authorization: Bearer $(parley token create deploys --write)" …',
  ].join('\n');
}
