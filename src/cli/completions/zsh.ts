/** Completion in zsh. `compadd` quotes what it is given, so names are safe whatever is in them. */
import type { Word } from '../grammar.ts';
import {
  commands,
  type Flag,
  isLive,
  LIVE,
  type Offered,
  type Place,
  places,
  valuedFlags,
  verbs,
} from './places.ts';

export function zshScript(): string {
  return `#compdef parley
# Completion of parley in zsh, made by: parley completions zsh
_parley_names() {
  local -a names
  names=(\${(f)"$(command parley __complete $1 $settings 2> /dev/null)"})
  (( $#names )) && compadd -a names
}

_parley_offer() {
  local -a words_of
  case $1 in
    ('' | text) _message 'a value' ;;
${Object.entries(LIVE)
  .map(([word, what]) => `    (${word}) _parley_names ${what} ;;`)
  .join('\n')}
    (file) _files ;;
    (directory) _files -/ ;;
    (*)
      words_of=(\${=1})
      compadd -a words_of
      ;;
  esac
}

_parley() {
  local cur=$words[CURRENT] prev=$words[CURRENT-1] word command verb kind many
  integer at position=1
  local -a settings flags kinds below
  local -a valued=(${valuedFlags().join(' ')})
  local -a nested=(${[...verbs().keys()].join(' ')})
  if [[ $cur == --*=* ]]; then
    prev=\${cur%%=*}
    compset -P '*='
    cur=\${cur#*=}
  fi

  for ((at = 2; at < CURRENT; at++)); do
    word=$words[at]
    if [[ $word == -*=* ]]; then
      case $word in (--data=* | --config=* | --http-socket=*) settings+=(\${(Q)word}) ;; esac
    elif [[ $word == -* ]]; then
      (( $valued[(Ie)$word] )) || continue
      (( ++at < CURRENT )) || break
      case $word in (--data | -d | --config | -c | --http-socket) settings+=($word \${(Q)words[at]}) ;; esac
    elif [[ -z $command ]]; then
      command=$word
    elif [[ -z $verb ]] && (( $nested[(Ie)$command] )); then
      verb=$word
    else
      (( position++ ))
    fi
  done

  if [[ -z $command && $cur != -* ]] && (( ! $valued[(Ie)$prev] )); then
    below=(
${described(commands(), '      ')}
    )
    _describe command below
    return
  fi
  case "\${command:-serve}/$verb" in
${places().map(placeCase).join('\n')}
  esac
  if (( $valued[(Ie)$prev] )); then
    [[ -n $many ]] && compset -P '*,'
    _parley_offer "$kind"
  elif [[ $cur == -* ]]; then
    _describe -o setting flags
  elif (( $#below )); then
    _describe subcommand below
  else
    _parley_offer "$kinds[position]"
  fi
}

if [[ $funcstack[1] == _parley ]]; then _parley "$@"; else compdef _parley parley; fi
`;
}

function placeCase({ command, verb, flags, words }: Place): string {
  const below = verb === '' ? (verbs().get(command) ?? []) : [];
  return [
    `    (${quoted(`${command}/${verb}`)})`,
    '      flags=(',
    described(flags, '        '),
    '      )',
    ...(below.length > 0 ? ['      below=(', described(below, '        '), '      )'] : []),
    `      kinds=(${words.map(word => quoted(kindOf(word))).join(' ')})`,
    '      case $prev in',
    ...flags.flatMap(valueCase),
    '        (*) ;;',
    '      esac',
    '      ;;',
  ].join('\n');
}

function valueCase({ name, word, many }: Flag): readonly string[] {
  const kind = word === null ? 'text' : kindOf(word);
  const several = many && word !== null && isLive(word) ? ' many=1' : '';
  return kind === 'text' ? [] : [`        (${name}) kind=${quoted(kind)}${several} ;;`];
}

/** `'name:what it is'`, a line each. */
function described(all: readonly Offered[], indent: string): string {
  return all.map(({ name, does }) => `${indent}${quoted(`${name}:${does}`)}`).join('\n');
}

function kindOf(word: Word): string {
  return typeof word === 'string' ? word : word.join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
