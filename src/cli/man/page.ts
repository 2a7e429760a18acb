/** `parley.1`: the man page, made from the tables of commands and settings. */

import { defaultText } from '../../config/docs.ts';
import { GROUPS, KEYS, type Key, rowOf } from '../../config.ts';
import { VERSION } from '../../version.ts';
import type { CommandRow } from '../commands.ts';
import { shownCommands } from '../completions/places.ts';
import { EXIT } from '../edge.ts';
import { flagText, type Grammar } from '../grammar.ts';
import { bold, entry, escaped, example, paragraph, section, subsection } from './roff.ts';

export function manPage(): string {
  const parts = [
    `.TH PARLEY 1 "" "parley ${VERSION}" "User Commands"`,
    section('name'),
    `parley ${escaped('-')} a chat daemon in one file`,
    section('synopsis'),
    shownCommands()
      .map(([name, { takes }]) => usage(name, takes))
      .join('\n.br\n'),
    section('description'),
    escaped(
      'Whoever can reach its port can talk, with nc, telnet or a script, in rooms that remember what was said. parley without a command starts the daemon. Commands about a running parley ask it over its unix socket.',
    ),
    section('commands'),
    ...shownCommands().flatMap(commandParts),
    section('settings'),
    escaped(
      'Each is a flag (--line-rate 20), a variable (PARLEY_LINE_RATE=20) and a key of parley.toml (line-rate = 20). A flag wins over a variable, a variable over the file. Those marked * are lifted by --limits off; those marked (restart) are not put in force by a reload.',
    ),
    ...GROUPS.flatMap(groupParts),
    section('files'),
    ...FILES.map(([path, what]) => entry(`\\fI${escaped(path)}\\fR`, what)),
    section('signals'),
    ...SIGNALS.map(([name, what]) => entry(bold(name), what)),
    section('exit status'),
    ...EXITS.map(([code, what]) => entry(bold(String(code)), what)),
    section('examples'),
    ...EXAMPLES.flatMap(([what, ...lines], at) => [
      at === 0 ? escaped(what) : paragraph(what),
      example(lines),
    ]),
    section('see also'),
    `${['nc', 'curl', 'systemctl', 'journalctl'].map(name => `\\fB${name}\\fR(1)`).join(', ')}`,
  ];
  return `${parts.join('\n')}\n`;
}

function commandParts([name, { takes, does, grammar }]: readonly [string, CommandRow]): readonly string[] {
  return [entry(usage(name, takes), sentence(does)), ...grammarParts(grammar)];
}

function grammarParts(grammar: Grammar | undefined): readonly string[] {
  if (!grammar) return [];
  const { verbs = {}, notes = [] } = grammar;
  const below = Object.entries(verbs).flatMap(([verb, each]) => [
    entry(`${bold(verb)} ${escaped(each.takes ?? '')}`.trimEnd(), each.does ?? ''),
    ...indented(flagParts(each)),
  ]);
  return indented([...below, ...flagParts(grammar), ...notes.map(paragraph)]);
}

function flagParts({ flags = {} }: Grammar): readonly string[] {
  return Object.entries(flags).map(([name, row]) => entry(bold(flagText(name, row)), row.does));
}

function indented(parts: readonly string[]): readonly string[] {
  return parts.length === 0 ? [] : ['.RS', ...parts, '.RE'];
}

function groupParts(group: (typeof GROUPS)[number]): readonly string[] {
  const keys = KEYS.filter(key => rowOf(key).group === group);
  return keys.length === 0 ? [] : [subsection(group), ...keys.map(settingPart)];
}

function settingPart(key: Key): string {
  const { kind, short, doc, live, limit } = rowOf(key);
  const initial = defaultText(key);
  const flag = `${short ? `${bold(`-${short}`)}, ` : ''}${bold(`--${key}`)} \\fI${escaped(kind.hint)}\\fR`;
  const notes = [doc, ...(limit ? ['*'] : []), ...(initial === '' ? [] : [`[${initial}]`])];
  return entry(flag, `${notes.join(' ')}${live ? '' : ' (restart)'}`);
}

function usage(name: string, takes: string): string {
  return `${bold(`parley ${name}`)} ${escaped(takes)}`.trimEnd();
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

const FILES = [
  ['./parley.toml, else /etc/parley/parley.toml', 'Settings.'],
  ['/var/lib/parley', 'The store, under systemd; ./parley-data otherwise.'],
  [
    '/run/parley/parley.sock',
    'The socket for commands, under systemd; parley.sock in the data directory otherwise.',
  ],
  [
    '/etc/credstore/parley.tls-cert, parley.tls-key, parley.oper',
    'Credentials that the unit loads: a certificate and its key in PEM, and NAME:PASSWORD of an operator.',
  ],
] as const;

const SIGNALS = [
  [
    'SIGHUP',
    'Reads all settings again: they come in force together, or the old ones stay and the log says why.',
  ],
  [
    'SIGTERM, SIGINT',
    'Stops: takes nobody new, tells everyone, lets what was said reach its readers. A second one ends it at once.',
  ],
] as const;

const EXITS = [
  [EXIT.ok, 'All went well.'],
  [EXIT.failed, 'It could not be done, or parley check found something wrong.'],
  [EXIT.usage, 'A wrong setting, flag or command.'],
  [EXIT.bug, 'A bug in parley.'],
] as const;

const EXAMPLES = [
  ['Talk to it:', 'nc localhost 8080'],
  [
    'Let a script say something:',
    'token=$(parley token create deploys --rooms ops --write)',
    'curl -d "deploy done" -H "Authorization: Bearer $token" localhost:8081/api/rooms/ops/messages',
  ],
  [
    'Back up while it runs, and put it back:',
    'parley backup /var/backups/parley.db',
    'parley restore /var/backups/parley.db --force',
  ],
] as const;
