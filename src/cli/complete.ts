/**
 * `parley __complete rooms|users|bans|tokens`: names for completions, one a line, asked of the running parley.
 * Somebody is typing: where nothing can be had, nothing is said.
 */
import { defineCommand } from 'citty';
import * as v from 'valibot';
import { loadSettings } from '../config/load.ts';
import { systemWorld } from '../config/world.ts';
import { EXIT, print } from './edge.ts';
import { socketCandidates } from './sockets.ts';

/** ms that somebody who pressed a key should wait at most. */
const PATIENCE = 1000;

const NAMED = v.object({ name: v.nullable(v.string()) });
const SHAPE = v.object({
  rooms: v.optional(v.array(NAMED), []),
  users: v.optional(v.array(NAMED), []),
  connections: v.optional(v.array(NAMED), []),
  bans: v.optional(v.array(v.object({ label: v.string() })), []),
  tokens: v.optional(v.array(v.object({ id: v.string() })), []),
});

/** Where each kind of name is to be had. */
const PATHS: Readonly<Record<string, readonly string[]>> = {
  rooms: ['/api/rooms?limit=1000'],
  users: ['/api/connections?limit=500', '/api/users?limit=500'],
  bans: ['/api/bans'],
  tokens: ['/api/tokens'],
};

export default defineCommand({
  meta: { name: '__complete' },
  async run({ rawArgs }) {
    const [kind = '', ...settings] = rawArgs;
    const { config, problems } = loadSettings(settings, systemWorld, [], true);
    const paths = PATHS[kind];
    if (!paths || problems.length > 0) return EXIT.ok;
    for (const socket of socketCandidates(config)) {
      const names = (await Promise.all(paths.map(path => namesAt(socket, path)))).flat();
      if (names.length === 0) continue;
      // A name with a line end in it would be two.
      const lines = [...new Set(names)].filter(name => !/\s/.test(name)).sort();
      await print(lines.map(name => `${name}\n`).join(''));
      break;
    }
    return EXIT.ok;
  },
});

async function namesAt(socket: string, path: string): Promise<readonly string[]> {
  try {
    const answer = await fetch(`http://parley${path}`, {
      unix: socket,
      signal: AbortSignal.timeout(PATIENCE),
    });
    const found = v.safeParse(SHAPE, await answer.json());
    if (!answer.ok || !found.success) return [];
    const { rooms, users, connections, bans, tokens } = found.output;
    return [
      ...[...rooms, ...users, ...connections].flatMap(({ name }) => name ?? []),
      ...bans.map(({ label }) => label),
      ...tokens.map(({ id }) => id),
    ];
  } catch {
    return [];
  }
}
