/** The environment: `PARLEY_LINE_RATE` for `line-rate`. An empty variable counts as none. */
import type { Refusal } from '../chat/errors.ts';
import { KEYS, type Key, type Surroundings, variableOf } from '../config.ts';
import { type Given, type Source, unknownSetting } from './given.ts';

const BY_VARIABLE = new Map(KEYS.map(key => [variableOf(key), key] as const));

/** A variable that starts with PARLEY_ and is no setting is refused: it is a mistyped one. */
export function readVariables(env: Surroundings['env']): Source {
  const given = new Map<Key, Given>();
  const problems: Refusal[] = [];
  for (const [name, text] of Object.entries(env)) {
    if (!name.startsWith('PARLEY_') || !text) continue;
    const key = BY_VARIABLE.get(name);
    if (key) given.set(key, { text, from: name });
    else problems.push(unknownSetting(name, 'the environment', [...BY_VARIABLE.keys()]));
  }
  return { given, problems };
}
