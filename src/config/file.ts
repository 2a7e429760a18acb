/**
 * `parley.toml`: flat keys, the flags' names without the dashes. Numbers, `true`/`false` and strings all do;
 * a list is an array of strings or one string with commas. Tables are refused: there is one name a setting.
 */
import type { Refusal } from '../chat/errors.ts';
import { isKey, KEYS, type Key, rowOf } from '../config.ts';
import { badSetting, type Given, type Source, settingRefusal, unknownSetting } from './given.ts';
import { Bad } from './kind.ts';

/** Reads the text of a file; `name` is what to call it in messages. */
export function readSettingsFile(name: string, text: string): Source {
  const given = new Map<Key, Given>();
  const problems: Refusal[] = [];
  const lines = text.split('\n');
  const table = parse(text);
  if (table instanceof Bad) {
    const why = table.why.replace(/^TOML Parse error: /, '');
    const hint = why.includes('after a value') ? '. A value with letters in it needs quotes: "4K"' : '';
    return {
      given,
      problems: [settingRefusal(`${name}:${brokenLine(lines)}: this is not TOML: ${why}${hint}.`)],
    };
  }
  for (const [key, value] of Object.entries(table)) {
    const from = `${name}:${lineOf(key, lines)}`;
    if (!isKey(key) || rowOf(key).inFile === false) {
      problems.push(
        isKey(key) ? notInFile(key, from) : isTable(value) ? noTables(key, from) : unknown(key, from),
      );
      continue;
    }
    const { many, allowed } = rowOf(key).kind;
    const text = asText(value, many === true);
    if (text instanceof Bad) problems.push(badSetting(key, from, text.why, allowed));
    else given.set(key, { text, from });
  }
  return { given, problems };
}

function unknown(key: string, from: string): Refusal {
  return unknownSetting(
    key,
    from,
    KEYS.filter(key => rowOf(key).inFile !== false),
  );
}

function notInFile(key: Key, from: string): Refusal {
  return badSetting(key, from, 'it cannot stand in the file. Use the flag or the variable');
}

function noTables(key: string, from: string): Refusal {
  return badSetting(`[${key}]`, from, 'settings stand in no tables. Write each as key = value');
}

function parse(text: string): Record<string, unknown> | Bad {
  try {
    return Bun.TOML.parse(text) as Record<string, unknown>;
  } catch (error) {
    return new Bad(error instanceof Error ? error.message : String(error));
  }
}

function isTable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function asText(value: unknown, many: boolean): string | Bad {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return String(value);
  if (!Array.isArray(value)) return new Bad('it is neither a string, a number, true nor false');
  if (!many) return new Bad('it takes one value, not an array');
  const strings = value.filter(item => typeof item === 'string');
  return strings.length === value.length ? strings.join(',') : new Bad('its array may hold strings only');
}

/** The line (from 1) where a key is set. Quoted keys and keys within strings may mislead it; it is a pointer. */
function lineOf(key: string, lines: readonly string[]): number {
  const start = new RegExp(`^\\s*\\[*\\s*["']?${RegExp.escape(key)}["']?\\s*[.=\\]]`);
  return lines.findIndex(line => start.test(line)) + 1 || 1;
}

/** Where the file stops being TOML: the line after the longest run of first lines that is. Bun does not say. */
function brokenLine(lines: readonly string[]): number {
  for (let count = lines.length - 1; count > 0; count--) {
    if (!(parse(lines.slice(0, count).join('\n')) instanceof Bad)) return count + 1;
  }
  return 1;
}
