/**
 * `parley token`: makes, lists and takes back what scripts sign in with. A secret is all there is on standard
 * output, so that `$(parley token create …)` is it; everything else is said on standard error.
 */
import { NEW_TOKEN, TOKEN, TOKENS, type TokenJson } from '../http/api/token-shapes.ts';
import { part } from './desk.ts';
import { operatorCommand, type Work } from './operate.ts';
import type { Line } from './operator-line.ts';
import { json, minute, table } from './table.ts';

const create: Work = {
  onStore: 'made',
  run: async (line, desk, io) => {
    const { secret, ...token } = await desk.ask('POST', '/api/tokens', NEW_TOKEN, wishOf(line));
    io.say(`token ${token.id} of ${token.name}, ${rightsOf(token)}. Its secret is shown this once:`);
    await io.print(`${secret}\n`);
    return undefined;
  },
};

/** What is asked for: to read and to write where neither is said, in all rooms where none is. */
export function wishOf({ words: [name = ''], flags }: Pick<Line, 'words' | 'flags'>): {
  readonly name: string;
  readonly rooms: readonly string[] | null;
  readonly read: boolean;
  readonly write: boolean;
} {
  const both = !flags.has('read') && !flags.has('write');
  const rooms = flags.get('rooms')?.flatMap(value => value.split(',').map(room => room.trim())) ?? null;
  return { name, rooms, read: both || flags.has('read'), write: both || flags.has('write') };
}

const list: Work = {
  onStore: 'there',
  run: async ({ flags }, desk, io) => {
    const { tokens } = await desk.ask('GET', '/api/tokens', TOKENS);
    if (flags.has('json')) await io.print(json({ tokens }));
    else if (tokens.length === 0) io.say('there are no tokens. To make one: parley token create NAME');
    else await io.print(tableOf(tokens));
    return undefined;
  },
};

const revoke: Work = {
  onStore: 'there',
  run: async ({ words: [wanted = ''] }, desk, io) => {
    const { id, name } = await desk.ask('DELETE', `/api/tokens/${part(wanted)}`, TOKEN);
    io.say(`token ${id} of ${name} is taken back`);
    return undefined;
  },
};

/** `to write in ops, dev` */
function rightsOf(token: TokenJson): string {
  const rooms = token.rooms === null ? 'all rooms' : token.rooms.join(', ');
  return `to ${mayOf(token).replace(', ', ' and ')} in ${rooms}`;
}

function mayOf({ read, write }: TokenJson): string {
  return [...(read ? ['read'] : []), ...(write ? ['write'] : [])].join(', ');
}

function tableOf(tokens: readonly TokenJson[]): string {
  return table(
    ['id', 'name', 'rooms', 'may', 'created (UTC)', 'last used (UTC)'],
    tokens.map(token => [
      token.id,
      token.name,
      token.rooms?.join(', ') ?? 'all',
      mayOf(token),
      minute(token.created),
      token.lastUsed === null ? 'never' : minute(token.lastUsed),
    ]),
  );
}

export const TOKEN_WORK = { create, list, revoke };

export default operatorCommand('token', TOKEN_WORK);
