/** Completion in fish, which takes a line for each thing that may be offered, with when and what it is. */
import type { Word } from '../grammar.ts';
import { commands, type Flag, isLive, LIVE, type Place, places, verbs } from './places.ts';

/** Of the parley that the command line is about. */
const NAMES = `function __parley_names
  set -l settings
  set -l words (commandline -opc)
  for at in (seq 2 (count $words))
    switch $words[$at]
      case --data -d --config -c --http-socket
        test $at -lt (count $words); and set -a settings $words[$at] $words[(math $at + 1)]
      case '--data=*' '--config=*' '--http-socket=*'
        set -a settings $words[$at]
    end
  end
  command parley __complete $argv[1] $settings 2> /dev/null
end`;

export function fishScript(): string {
  const lines = [
    '# Completion of parley in fish, made by: parley completions fish',
    NAMES,
    'complete -c parley -f',
    ...commands().map(({ name, does }) => line('__fish_use_subcommand', `-a ${quoted(name)}`, does)),
    ...places().flatMap(placeLines),
  ];
  return `${lines.join('\n')}\n`;
}

function placeLines(place: Place): readonly string[] {
  const { command, verb, flags, words } = place;
  const below = verbs().get(command) ?? [];
  const names = below.map(({ name }) => name).join(' ');
  const inCommand = `__fish_seen_subcommand_from ${command}`;
  const before = `${inCommand}; and not __fish_seen_subcommand_from ${names}`;
  const here =
    verb !== ''
      ? `${inCommand}; and __fish_seen_subcommand_from ${verb}`
      : below.length > 0
        ? before
        : inCommand;
  const [word] = words;
  return [
    ...(verb === '' ? below.map(({ name, does }) => line(before, `-a ${quoted(name)}`, does)) : []),
    ...(word === undefined ? [] : wordLine(here, word)),
    ...flags.map(flag => flagLine(here, flag)),
  ];
}

function wordLine(when: string, word: Word): readonly string[] {
  const offers = offersOf(word);
  return offers === '' ? [] : [line(when, offers, '')];
}

function flagLine(when: string, { name, does, word }: Flag): string {
  const value = word === null ? '' : ` -x ${word === 'file' ? '-F' : offersOf(word)}`.trimEnd();
  return line(when, `-l ${name.slice(2)}${value.replace('-x -F', '-r -F')}`, does);
}

function offersOf(word: Word): string {
  if (typeof word !== 'string') return `-a ${quoted(word.join(' '))}`;
  if (isLive(word)) return `-a '(__parley_names ${LIVE[word]})'`;
  if (word === 'directory') return "-a '(__fish_complete_directories)'";
  return word === 'file' ? '-F' : '';
}

function line(when: string, what: string, does: string): string {
  return `complete -c parley -n ${quoted(when)} ${what}${does === '' ? '' : ` -d ${quoted(does)}`}`;
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}
