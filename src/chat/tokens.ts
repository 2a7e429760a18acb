/**
 * Tokens: what programs sign in with. A secret is made here, shown once to whoever asked for it, and kept as
 * its hash only; a token speaks as a name of its own, which is nobody else's while there is one.
 */
import { refusal } from './errors.ts';
import { type Folded, fold, type NameRules, parseName, parseRoom } from './names.ts';
import type { Operator } from './operator.ts';
import type { Backend, Clock, Log, Token } from './ports.ts';

/** Where secrets come from, and what is kept of them. */
export interface Secrets {
  randomBytes(count: number): Uint8Array;
  /** In hex. */
  sha256(text: string): string;
}

/** What making and taking back tokens needs: a hub, or a store on which no parley runs. */
export interface TokenOffice {
  readonly backend: Pick<Backend, 'tokens' | 'addToken' | 'removeToken'>;
  readonly rules: NameRules;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Who is online. */
  readonly users: ReadonlyMap<Folded, unknown>;
}

export interface TokenWish {
  /** Who speaks with it. */
  readonly name: string;
  /** Rooms it is for; null for all. */
  readonly rooms: readonly string[] | null;
  readonly read: boolean;
  readonly write: boolean;
}

const SECRET_BYTES = 32;
/** How scanners for leaked secrets know one. */
const PREFIX = 'parley_';
const ID_LENGTH = 8;
const ID_LETTERS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Makes a token for `by`; throws the refusal of what cannot be. The secret is not to be had again. */
export async function createToken(
  { backend, rules, clock, log, users }: TokenOffice,
  by: Operator,
  wish: TokenWish,
  secrets: Secrets,
): Promise<{ readonly token: Token; readonly secret: string }> {
  const name = parseName(wish.name, rules);
  if (typeof name !== 'string') throw name;
  if (users.has(fold(name))) throw refusal('name-taken', name);
  const { read, write } = wish;
  if (!read && !write) throw refusal('token-useless', 'neither to read nor to write');
  const token: Token = {
    id: idOf(secrets.randomBytes(ID_LENGTH)),
    name,
    rooms: wish.rooms && roomsOf(wish.rooms, rules),
    read,
    write,
    created: clock.now(),
    lastUsed: null,
  };
  const secret = `${PREFIX}${Buffer.from(secrets.randomBytes(SECRET_BYTES)).toString('base64url')}`;
  const outcome = await backend.addToken(token, secrets.sha256(secret));
  if (outcome === 'owned') throw refusal('token-name', name);
  if (outcome !== 'added') throw refusal(outcome);
  log.info('a token was made', { by: by.name, id: token.id, name, read, write });
  return { token, secret };
}

/** Takes a token back: from now on it is refused. Answers what it was. */
export async function revokeToken({ backend, log }: TokenOffice, by: Operator, id: string): Promise<Token> {
  const token = (await backend.tokens()).find(each => each.id === id);
  if (!token) throw refusal('no-such-token', id);
  const outcome = await backend.removeToken(id);
  if (outcome === 'no-such-token') throw refusal(outcome, id);
  if (outcome !== 'removed') throw refusal(outcome);
  log.info('a token was taken back', { by: by.name, id, name: token.name });
  return token;
}

/** Each room once, as it was written first. */
function roomsOf(inputs: readonly string[], rules: NameRules): readonly string[] {
  const rooms = new Map<Folded, string>();
  for (const input of inputs) {
    const room = parseRoom(input, rules);
    if (typeof room !== 'string') throw room;
    if (!rooms.has(fold(room))) rooms.set(fold(room), room);
  }
  if (rooms.size === 0) throw refusal('token-useless', 'for no room');
  return [...rooms.values()];
}

function idOf(bytes: Uint8Array): string {
  return Array.from(bytes, byte => ID_LETTERS[byte % ID_LETTERS.length]).join('');
}
