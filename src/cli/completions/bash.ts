/**
 * Completion in bash, with or without the package bash-completion. Names of people may hold what a shell would
 * run (a backtick is a letter of names), so they are never given to `compgen -W`, and are quoted as they go in.
 */
import type { Word } from '../grammar.ts';
import { commands, type Flag, isLive, LIVE, type Place, places, valuedFlags, verbs } from './places.ts';

export function bashScript(): string {
  return `# Completion of parley in bash, made by: parley completions bash
_parley_names() {
  local name quoted head=
  [[ -n $many && $cur == *,* ]] && head=\${cur%,*},
  while IFS= read -r name; do
    printf -v quoted %q "$name"
    if [[ $head$name == "$cur"* || $head$quoted == "$cur"* ]]; then COMPREPLY+=("$head$quoted"); fi
  done < <(command parley __complete "$1" "\${settings[@]}" 2> /dev/null)
}

_parley_offer() {
  local IFS=$'\\n'
  case $1 in
    '' | text) ;;
${Object.entries(LIVE)
  .map(([word, what]) => `    ${word}) _parley_names ${what} ;;`)
  .join('\n')}
    file)
      compopt -o filenames 2> /dev/null
      COMPREPLY=($(compgen -f -- "$cur"))
      ;;
    directory)
      compopt -o filenames 2> /dev/null
      COMPREPLY=($(compgen -d -- "$cur"))
      ;;
    *) COMPREPLY=($(compgen -W "\${1// /$IFS}" -- "$cur")) ;;
  esac
}

_parley() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev= word command= verb= kind= many= flags= at position=0
  local valued=' ${valuedFlags().join(' ')} '
  local -a settings=() kinds=()
  COMPREPLY=()
  # bash makes three words of --flag=value.
  if ((COMP_CWORD > 0)); then prev=\${COMP_WORDS[COMP_CWORD - 1]}; fi
  if [[ $cur == = ]]; then
    cur=
  elif [[ $prev == = ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi

  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if [[ $word == -* ]]; then
      [[ $valued == *" $word "* ]] || continue
      [[ \${COMP_WORDS[at + 1]} == = ]] && ((at++))
      ((++at < COMP_CWORD)) || break
      case $word in --data | -d | --config | -c | --http-socket) settings+=("$word" "\${COMP_WORDS[at]}") ;; esac
    elif [[ -z $command ]]; then
      command=$word
    elif [[ -z $verb && ' ${[...verbs().keys()].join(' ')} ' == *" $command "* ]]; then
      verb=$word
    else
      ((position++))
    fi
  done

  if [[ -z $command && $cur != -* && $valued != *" $prev "* ]]; then
    _parley_offer ${quoted(names(commands()))}
    return
  fi
  case "\${command:-serve}/$verb" in
${places().map(placeCase).join('\n')}
  esac
  if [[ $valued == *" $prev "* ]]; then
    _parley_offer "$kind"
  elif [[ $cur == -* ]]; then
    _parley_offer "$flags"
  else
    _parley_offer "\${kinds[position]}"
  fi
}
complete -F _parley parley
`;
}

function placeCase(place: Place): string {
  const { command, verb, flags } = place;
  const lines = [
    `    ${quoted(`${command}/${verb}`)})`,
    `      flags=${quoted(names(flags))}`,
    `      kinds=(${kindsOf(place).map(quoted).join(' ')})`,
    '      case $prev in',
    ...valueCases(flags),
    '      esac',
    '      ;;',
  ];
  return lines.join('\n');
}

/** Subcommands are words of the place where none was named yet. */
function kindsOf({ command, verb, words }: Place): readonly string[] {
  const below = verb === '' ? verbs().get(command) : undefined;
  return below ? [names(below)] : words.map(kindOf);
}

function valueCases(flags: readonly Flag[]): readonly string[] {
  return flags.flatMap(({ name, word, many }) => {
    const kind = word === null ? 'text' : kindOf(word);
    const several = many && word !== null && isLive(word) ? ' many=1' : '';
    return kind === 'text' ? [] : [`        ${name}) kind=${quoted(kind)}${several} ;;`];
  });
}

function kindOf(word: Word): string {
  return typeof word === 'string' ? word : word.join(' ');
}

function names(all: readonly { readonly name: string }[]): string {
  return all.map(({ name }) => name).join(' ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
