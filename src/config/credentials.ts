/**
 * Credentials that a service manager hands over (systemd.exec(5), `LoadCredential=`): files in
 * `$CREDENTIALS_DIRECTORY`, each called like the setting that it gives.
 */
import { join } from 'node:path';
import type { Refusal } from '../chat/errors.ts';
import { KEYS, type Key, rowOf } from '../config.ts';
import { badSetting, type Given, type Source } from './given.ts';
import { reasonOf, type World } from './world.ts';

export function readCredentials(world: World): Source {
  const given = new Map<Key, Given>();
  const problems: Refusal[] = [];
  const directory = world.env['CREDENTIALS_DIRECTORY'];
  if (!directory) return { given, problems };
  for (const key of KEYS) {
    const { credential } = rowOf(key);
    if (!credential) continue;
    const path = join(directory, key);
    const from = `the credential ${key}`;
    try {
      const text = world.readFile(path);
      if (text !== null) given.set(key, { text: credential === 'path' ? path : text.trimEnd(), from });
    } catch (error) {
      problems.push(badSetting(key, from, `cannot read ${JSON.stringify(path)}: ${reasonOf(error)}`));
    }
  }
  return { given, problems };
}
