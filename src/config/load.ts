/**
 * Settings in force: flag over variable over file over credential over default, each value with where it came
 * from. Nothing is applied unless everything is right: `problems` is to be empty before `config` is used for
 * more than the way the problems are logged.
 */
import type { Refusal } from '../chat/errors.ts';
import { type Config, KEYS, type Key, propertyOf, rowOf } from '../config.ts';
import { checkTogether } from './check.ts';
import { readCredentials } from './credentials.ts';
import { readSettingsFile } from './file.ts';
import { readFlags } from './flags.ts';
import { badSetting, type Given, settingRefusal } from './given.ts';
import { Bad } from './kind.ts';
import { readVariables } from './variables.ts';
import { reasonOf, type World } from './world.ts';

export interface Loaded {
  readonly config: Config;
  /** `--port`, `PARLEY_PORT`, `parley.toml:3`, `default`, … */
  readonly origins: Readonly<Record<Key, string>>;
  /** Switches of the command itself, such as `json`. */
  readonly switches: ReadonlySet<string>;
  /** `bad-setting` refusals, the first to be mended first. */
  readonly problems: readonly Refusal[];
}

/** Where settings are looked for when nobody names a file. */
const FILES = ['parley.toml', '/etc/parley/parley.toml'];

export function loadSettings(
  argv: readonly string[],
  world: World,
  switches: readonly string[] = [],
  /** Each by itself: for a command that uses a few of them, and is not to mind what the others want. */
  apart = false,
): Loaded {
  const flags = readFlags(argv, switches);
  const variables = readVariables(world.env);
  const named = flags.given.get('config') ?? variables.given.get('config');
  const file = findFile(named, world);
  const inFile = file && !(file instanceof Bad) ? readSettingsFile(file.path, file.text) : null;
  const credentials = readCredentials(world);
  const problems = [...flags.problems, ...variables.problems, ...credentials.problems];
  if (file instanceof Bad) problems.push(badSetting('config', named?.from ?? 'default', file.why));
  if (inFile) problems.push(...inFile.problems);

  const values: Record<string, unknown> = {};
  const origins: Record<string, string> = {};
  for (const key of KEYS) {
    const given =
      flags.given.get(key) ??
      variables.given.get(key) ??
      inFile?.given.get(key) ??
      credentials.given.get(key);
    const row = rowOf(key);
    const value = given && row.kind.parse(given.text);
    if (value instanceof Bad) problems.push(badSetting(key, given?.from ?? '', value.why, row.kind.allowed));
    const chosen = given && !(value instanceof Bad) ? { value, from: given.from } : initially(key, world);
    values[propertyOf(key)] = chosen.value;
    origins[key] = chosen.from;
  }
  if (file && !(file instanceof Bad) && !named) {
    values['config'] = file.path;
    origins['config'] = 'found';
  }
  // The table makes both the names and the types of `Config`; the loop above went through all of it.
  const config = liftLimits(values, origins) as unknown as Config;
  const complete = origins as Record<Key, string>;
  if (problems.length === 0 && !apart) problems.push(...checkTogether(config, complete, world));
  return { config, origins: complete, switches: flags.switches, problems };
}

/** What a reload makes of the settings in force: the live ones anew, and the names of those that must wait. */
export function reloaded(
  running: Config,
  next: Config,
): { readonly config: Config; readonly changed: readonly Key[]; readonly waiting: readonly Key[] } {
  const merged: Record<string, unknown> = { ...next };
  const changed: Key[] = [];
  const waiting: Key[] = [];
  for (const key of KEYS) {
    const property = propertyOf(key);
    if (same(running[property], next[property])) continue;
    if (rowOf(key).live) changed.push(key);
    else {
      merged[property] = running[property];
      waiting.push(key);
    }
  }
  return { config: merged as unknown as Config, changed, waiting };
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function initially(key: Key, world: World): { readonly value: unknown; readonly from: string } {
  const { initial } = rowOf(key);
  // Only a computed default is a function: no setting's value is one.
  return typeof initial === 'function' ? initial(world) : { value: initial, from: 'default' };
}

function liftLimits(
  values: Record<string, unknown>,
  origins: Record<string, string>,
): Record<string, unknown> {
  if (values['limits'] !== false) return values;
  for (const key of KEYS) {
    if (!rowOf(key).limit) continue;
    values[propertyOf(key)] = 0;
    origins[key] = 'limits = off';
  }
  return values;
}

function findFile(
  named: Given | undefined,
  world: World,
): { readonly path: string; readonly text: string } | Bad | null {
  for (const path of named ? [named.text] : FILES) {
    try {
      const text = world.readFile(path);
      if (text !== null) return { path, text };
    } catch (error) {
      return new Bad(`cannot read ${JSON.stringify(path)}: ${reasonOf(error)}`);
    }
  }
  return named ? new Bad(`there is no file ${JSON.stringify(named.text)}`) : null;
}

/** The first problem, and how many more there are: what a start that fails says. */
export function firstProblem(problems: readonly Refusal[]): Refusal | null {
  const [first, ...rest] = problems;
  if (!first || rest.length === 0) return first ?? null;
  return settingRefusal(`${first.message} (${rest.length} more: parley check)`);
}
