/** The settings as people read them: the pages of `--help` and the table of README. */
import { GROUPS, KEYS, type Key, rowOf } from '../config.ts';

/** README's table, in Markdown. */
export function settingsTable(): string {
  const rows = GROUPS.flatMap(group =>
    KEYS.filter(key => rowOf(key).group === group).map(key => {
      const { kind, doc, live, limit } = rowOf(key);
      const cells = [
        `\`${key}\`${limit ? ' \\*' : ''}`,
        kind.hint === 'on|off'
          ? 'on, off'
          : kind.hint.includes('|')
            ? kind.hint.split('|').join(', ')
            : `\`${kind.hint}\``,
        defaultText(key) === '' ? '' : defaultCell(key),
        `${doc}${live ? '' : ' (restart)'}`,
      ];
      return `| ${cells.map(cell => cell.replaceAll('|', '\\|')).join(' | ')} |`;
    }),
  );
  return ['| setting | value | default | what it does |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** How many columns help may take, and whether it may be bold. */
export interface Page {
  readonly columns: number;
  readonly bold: boolean;
}

/** The settings of a command as help: all of them under their headings, or the common ones in one list. */
export function settingsHelp(which: 'all' | 'common', page: Page): string {
  const blocks = GROUPS.map(group => {
    const keys = KEYS.filter(key => rowOf(key).group === group && (which === 'all' || rowOf(key).common));
    if (keys.length === 0) return '';
    const entries = keys.map(key => entry(key, page.columns)).join('\n');
    return which === 'all' ? `${heading(group, page)}\n${entries}\n` : entries;
  });
  return blocks.filter(block => block !== '').join('\n');
}

export function heading(text: string, page: Page): string {
  return page.bold ? `\x1b[1m${text}\x1b[0m` : text;
}

/** Words in lines of at most `columns`, each after the first starting with `indent`. */
export function wrap(text: string, columns: number, indent: string): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > columns) {
      lines.push(line);
      line = `${indent}${word}`;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join('\n');
}

/** Where the sentences of help start. */
const MARGIN = 34;

/** A flag and its sentence: side by side where both fit. */
export function helpEntry(flag: string, sentence: string, columns: number): string {
  const indent = ' '.repeat(MARGIN);
  const margin = `  ${flag}`;
  const first = margin.length < MARGIN - 1 ? margin.padEnd(MARGIN) : `${margin}\n${indent}`;
  const body = wrap(sentence, Math.max(columns - MARGIN, 30), '');
  return `${first}${body.replaceAll('\n', `\n${indent}`)}`;
}

function entry(key: Key, columns: number): string {
  const { short, kind, doc, limit } = rowOf(key);
  const flag = `${short ? `-${short}, ` : '    '}--${key} ${kind.bare === undefined ? kind.hint : `[${kind.hint}]`}`;
  const initial = defaultText(key);
  return helpEntry(flag, `${doc}${limit ? ' *' : ''}${initial === '' ? '' : ` [${initial}]`}`, columns);
}

/** The default as it would be written, or in words where it is computed; '' where there is none. */
export function defaultText(key: Key): string {
  const { initial, initially, kind } = rowOf(key);
  if (initially !== undefined) return initially;
  if (initial === 0 && kind.zero !== undefined) return `0: ${kind.zero}`;
  return typeof initial === 'function' ? '' : kind.show(initial);
}

function defaultCell(key: Key): string {
  const { initial, initially, kind } = rowOf(key);
  return (
    initially ?? (initial === 0 && kind.zero !== undefined ? `0 (${kind.zero})` : `\`${defaultText(key)}\``)
  );
}
