/**
 * Who asks: a token, an account (basic auth, or the page's cookie), the operator's own programs on the unix
 * socket, or nobody. What is sent as a credential and is none is refused, whatever it was sent to; a cookie
 * that has run out is only nobody's, so that its owner still sees the page to sign in again.
 */
import { authenticate } from '../chat/credentials.ts';
import { Refusal, refusal } from '../chat/errors.ts';
import type { Hub } from '../chat/hub.ts';
import { fold } from '../chat/names.ts';
import type { Account } from '../chat/ports.ts';
import { speaksAs } from '../chat/rights.ts';
import { systemSecrets } from '../ops/secrets.ts';
import { type CookieSessions, secretIn } from './cookies.ts';
import type { Client } from './peer.ts';
import type { RememberedPasswords } from './remembered.ts';
import type { Caller } from './route.ts';

export interface CallerPorts {
  readonly hub: Hub;
  readonly sessions: CookieSessions;
  readonly remembered: RememberedPasswords;
}

/** How a caller was known: a cookie is sent by the browser, wanted or not. */
export interface Known {
  readonly caller: Caller;
  readonly cookie: boolean;
}

/** A caller with a name. */
type Named = Extract<Caller, { readonly kind: 'account' | 'token' }>;

/** Throws the refusal of a wrong credential, or of a ban. */
export async function callerOf(request: Request, client: Client, ports: CallerPorts): Promise<Known> {
  refuseBanned(ports.hub, client, null);
  const authorization = request.headers.get('authorization');
  if (authorization !== null) {
    const caller = await authorized(authorization, client, ports);
    refuseBanned(ports.hub, client, speaksAs(caller));
    return { caller, cookie: false };
  }
  if (client.local) return { caller: { kind: 'local' }, cookie: false };
  const secret = secretIn(request);
  const account = secret === null ? null : await signedIn(secret, ports);
  if (account) return { caller: callerFor(account), cookie: true };
  return { caller: { kind: 'nobody' }, cookie: false };
}

function refuseBanned({ serverBans }: Hub, { address }: Client, name: string | null): void {
  const banned = serverBans.refusalFor(address, name === null ? null : fold(name));
  if (banned) throw banned;
}

/** Checks a name and its password as signing in does; who guesses learns no more than that it was wrong. */
export async function accountWith(
  hub: Hub,
  client: Pick<Client, 'address' | 'limitKey'>,
  name: string,
  password: string,
): Promise<Account> {
  try {
    return await authenticate(hub, client, name, password);
  } catch (error) {
    if (error instanceof Refusal && error.code === 'no-such-account') throw refusal('wrong-password');
    throw error;
  }
}

export function callerFor({ name, operator }: Account): Named {
  return { kind: 'account', name, operator };
}

async function authorized(authorization: string, client: Client, ports: CallerPorts): Promise<Named> {
  const [, scheme = '', credentials = ''] = /^(\S+) +(\S+)$/.exec(authorization.trim()) ?? [];
  switch (scheme.toLowerCase()) {
    case 'bearer':
      return await bearer(credentials, ports.hub);
    case 'basic':
      return await basic(credentials, client, ports);
    default:
      throw refusal('bad-credentials', 'it is neither Bearer <token> nor Basic');
  }
}

/** Only the hash is compared, by the backend looking it up: how long that takes tells nothing of a secret. */
async function bearer(secret: string, { backend, clock }: Hub): Promise<Named> {
  const token = await backend.tokenOf(systemSecrets.sha256(secret));
  if (!token) throw refusal('bad-token');
  backend.tokenUsed(token.id, clock.now());
  return { kind: 'token', token };
}

async function basic(credentials: string, client: Client, { hub, remembered }: CallerPorts): Promise<Named> {
  const text = decodeBase64(credentials);
  const colon = text?.indexOf(':') ?? -1;
  if (text === null || colon < 0)
    throw refusal('bad-credentials', 'after Basic comes name:password in base64');
  const name = text.slice(0, colon);
  const password = text.slice(colon + 1);
  const known = await hub.backend.account(fold(name));
  if (known && remembered.has(known, client.address, password)) return callerFor(known);
  const account = await accountWith(hub, client, name, password);
  remembered.add(account, client.address, password);
  return callerFor(account);
}

/** The account as it is now, so that what was taken from it is gone at once; a banned one is nobody's. */
async function signedIn(secret: string, { hub, sessions }: CallerPorts): Promise<Account | null> {
  const session = sessions.find(secret);
  if (!session || hub.serverBans.forName(fold(session.name))) return null;
  const account = await hub.backend.account(fold(session.name));
  return account && account.passwordHash === session.passwordHash ? account : null;
}

/** As RFC 7617 has it with `charset="UTF-8"`; null where it is not that. */
function decodeBase64(text: string): string | null {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(text, 'base64'));
  } catch {
    return null;
  }
}
