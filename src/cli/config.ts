/** `parley config`: every setting in force, as it would be written, and where it came from. */
import { defineCommand } from 'citty';
import { type Loaded, loadSettings } from '../config/load.ts';
import { systemWorld } from '../config/world.ts';
import { type Config, KEYS, type Key, propertyOf, rowOf } from '../config.ts';
import { complain, EXIT, print } from './edge.ts';

export default defineCommand({
  meta: { name: 'config' },
  async run({ rawArgs }) {
    const loaded = loadSettings(rawArgs, systemWorld, ['json']);
    for (const problem of loaded.problems) complain(problem.message);
    if (loaded.problems.length > 0) return EXIT.usage;
    await print(loaded.switches.has('json') ? asJson(loaded) : asTable(loaded));
    return EXIT.ok;
  },
});

/** `{"port": {"value": 8080, "from": "default"}, …}`: sizes in bytes, times in ms. */
function asJson({ config, origins }: Loaded): string {
  const rows = KEYS.map(key => {
    const value = isHidden(config, key) ? HIDDEN : config[propertyOf(key)];
    return [key, { value, from: origins[key] }];
  });
  return `${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`;
}

function asTable({ config, origins }: Loaded): string {
  const rows = KEYS.map(key => [key, shown(config, key), origins[key]] as const);
  const keyWidth = Math.max(...rows.map(([key]) => key.length));
  const valueWidth = Math.min(Math.max(...rows.map(([, value]) => value.length)), 40);
  return rows
    .map(([key, value, from]) => `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${from}\n`)
    .join('');
}

const HIDDEN = '(not shown)';

function isHidden(config: Config, key: Key): boolean {
  return rowOf(key).kind.secret === true && config[propertyOf(key)] !== null;
}

function shown(config: Config, key: Key): string {
  if (isHidden(config, key)) return HIDDEN;
  return rowOf(key).kind.show(config[propertyOf(key)]) || '-';
}
