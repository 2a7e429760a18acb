/**
 * `parley token`: makes, lists and takes back what scripts sign in with. A secret is all there is on standard
 * output, so that `$(parley token create …)` is it; everything else is said on standard error.
 */
import { defineCommand } from 'citty';
import { Refusal, refusal } from '../chat/errors.ts';
import type { Log } from '../chat/ports.ts';
import { systemWorld } from '../config/world.ts';
import type { Config } from '../config.ts';
import type { TokenJson } from '../http/api/token-shapes.ts';
import { complain, EXIT, edgeOf, print } from './edge.ts';
import { readTokenArgs, type TokenTask } from './token-args.ts';
import { hasStore, NobodyThere, onStore, runningDesk, socketOf, type TokenDesk } from './token-desk.ts';

export default defineCommand({
  meta: { name: 'token' },
  async run({ rawArgs, data }) {
    const asked = readTokenArgs(rawArgs, systemWorld);
    if ('length' in asked) {
      for (const problem of asked) complain(problem);
      return EXIT.usage;
    }
    const { task, config } = asked;
    try {
      await atDesk(task, config, edgeOf(data).log);
      return EXIT.ok;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      complain(error.message);
      return EXIT.failed;
    }
  },
});

/** At the running parley, or on its store where none is running. */
async function atDesk(task: TokenTask, config: Config, log: Log): Promise<void> {
  const socket = socketOf(config);
  if (socket !== null) {
    try {
      await perform(task, runningDesk(socket));
      return;
    } catch (error) {
      if (!(error instanceof NobodyThere)) throw error;
    }
  }
  const { data, memory } = config;
  const where = socket ?? 'its socket (http-socket is off)';
  if (memory)
    throw refusal('cannot-reach', where, 'nobody answers there, and --memory leaves no store to write to');
  if (task.do !== 'create' && !(await hasStore(config)))
    throw refusal(
      'cannot-reach',
      where,
      `nobody answers there, and ${data} has no parley.db. Name it: --data DIR`,
    );
  try {
    await onStore(config, quiet(log), desk => {
      complain(`no parley is running on ${data}: working on its store`);
      return perform(task, desk);
    });
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'data-in-use') throw error;
    const advice = 'a parley runs on that data, but not there. Name its socket: --http-socket PATH';
    throw refusal('cannot-reach', where, advice);
  }
}

async function perform(task: TokenTask, desk: TokenDesk): Promise<void> {
  switch (task.do) {
    case 'create': {
      const { secret, ...token } = await desk.create(task.wish);
      complain(`token ${token.id} of ${token.name}, ${rightsOf(token)}. Its secret is shown this once:`);
      await print(`${secret}\n`);
      break;
    }
    case 'list': {
      const tokens = await desk.list();
      if (task.json) await print(`${JSON.stringify({ tokens }, null, 2)}\n`);
      else if (tokens.length === 0) complain('there are no tokens. To make one: parley token create NAME');
      else await print(tableOf(tokens));
      break;
    }
    case 'revoke': {
      const { id, name } = await desk.revoke(task.id);
      complain(`token ${id} of ${name} is taken back`);
      break;
    }
  }
}

/** `to write in ops, dev` */
function rightsOf(token: TokenJson): string {
  const rooms = token.rooms === null ? 'all rooms' : token.rooms.join(', ');
  return `to ${mayOf(token).replace(', ', ' and ')} in ${rooms}`;
}

function mayOf({ read, write }: TokenJson): string {
  return [...(read ? ['read'] : []), ...(write ? ['write'] : [])].join(', ');
}

function tableOf(tokens: readonly TokenJson[]): string {
  const head = ['id', 'name', 'rooms', 'may', 'created (UTC)', 'last used (UTC)'];
  const rows = tokens.map(token => [
    token.id,
    token.name,
    token.rooms?.join(', ') ?? 'all',
    mayOf(token),
    minute(token.created),
    token.lastUsed === null ? 'never' : minute(token.lastUsed),
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map(row => (row[at] ?? '').length)));
  const line = (cells: readonly string[]) =>
    `${cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd()}\n`;
  return [head, ...rows].map(line).join('');
}

/** `2026-01-15T10:30:15.000Z` -> `2026-01-15 10:30` */
function minute(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

/** What was done is said by the command itself. */
function quiet(log: Log): Log {
  return {
    debug: () => {},
    info: () => {},
    warn: (message, fields) => log.warn(message, fields),
    error: (message, fields) => log.error(message, fields),
  };
}
