/** The `parley.toml` that is installed: every setting with what it does, none of them set. */
import { GROUPS, KEYS, type Key, rowOf } from '../config.ts';
import { wrap } from './docs.ts';

const COLUMNS = 100;

const HEAD = [
  'Settings of parley. Nothing is set here: each line is a default, or shows what would stand there. To change one, take its # away.',
  'parley check says whether they are right; parley config shows what is in force, and from where. systemctl reload parley puts them in force; those marked (restart) wait for: systemctl restart parley',
  'Everyone on this machine can read this file. For secrets there are credentials: see parley.service.',
];

export function sampleSettings(): string {
  const groups = GROUPS.flatMap(group => {
    const keys = KEYS.filter(key => rowOf(key).group === group && rowOf(key).inFile !== false);
    return keys.length === 0 ? [] : ['', `# ——— ${group} ———`, ...keys.flatMap(entry)];
  });
  return `${[...HEAD.map(comment), ...groups].join('\n')}\n`;
}

function entry(key: Key): readonly string[] {
  const { doc, live, initially, kind } = rowOf(key);
  const notes = [
    doc,
    ...(initially === undefined ? [] : [`Default: ${initially}.`]),
    ...(kind.many || kind.hint.includes('|') ? [] : [`Allowed: ${kind.allowed}.`]),
    ...(live ? [] : ['(restart)']),
  ];
  return ['', comment(notes.join(' ')), `#${key} = ${value(key)}`];
}

/** What the default would be written as; where it is computed or none, what kind of value it takes. */
function value(key: Key): string {
  const { initial, kind } = rowOf(key);
  if (typeof initial === 'function' || initial === null) return JSON.stringify(kind.hint);
  const text = kind.show(initial);
  return /^\d+$/.test(text) ? text : JSON.stringify(text);
}

function comment(text: string): string {
  return wrap(text, COLUMNS - 2, '')
    .split('\n')
    .map(line => `# ${line}`)
    .join('\n');
}
