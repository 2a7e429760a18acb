/**
 * Settings as the machine's parley has them: the unit is given credentials that a shell is not, so root looks
 * for them where the unit takes them from.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Loaded, loadSettings } from '../../config/load.ts';
import type { World } from '../../config/world.ts';
import { KEYS, propertyOf, rowOf } from '../../config.ts';

/** Where systemd looks for what `LoadCredential=` names. */
const STORE = '/etc/credstore';
/** Settings from here are those of the machine's parley. */
const MACHINE = '/etc/parley/parley.toml';

export function loadWithCredentials(
  argv: readonly string[],
  world: World,
  store = STORE,
  exists: (path: string) => boolean = existsSync,
): Loaded {
  const plain = loadSettings(argv, world, ['json']);
  if (plain.config.config !== MACHINE) return plain;
  // Those that hold a secret themselves are nothing to look at.
  const given = KEYS.filter(key => rowOf(key).credential === 'path' && plain.config[propertyOf(key)] === null)
    .map(key => [key, join(store, `parley.${key}`)] as const)
    .filter(([, path]) => exists(path));
  if (given.length === 0) return plain;
  return loadSettings([...argv, ...given.map(([key, path]) => `--${key}=${path}`)], world, ['json']);
}
