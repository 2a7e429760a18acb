/**
 * Name and password: the one place where they are checked, whoever asks (a session signing in, a request over
 * HTTP), so that all guesses count under the same limits.
 */
import { type Refusal, refusal } from './errors.ts';
import type { Hub } from './hub.ts';
import type { AttemptLimiter } from './limits.ts';
import { type Folded, fold, parseName } from './names.ts';
import type { Account, Backend } from './ports.ts';

/** Where an attempt comes from. */
export interface AttemptFrom {
  readonly address: string;
  /** What limits per address count it under; null where it is exempt. */
  readonly limitKey: string | null;
}

/**
 * The account, if that is its password; throws `no-such-account`, `wrong-password`, `too-many-attempts` or
 * `server-banned`.
 */
export async function authenticate(
  hub: Hub,
  from: AttemptFrom,
  name: string,
  password: string,
): Promise<Account> {
  const folded = fold(name);
  const banned = hub.serverBans.refusalFor(from.address, folded);
  if (banned) throw banned;
  const account = await hub.backend.account(folded);
  const giveBack = takeAttempt(hub, from.limitKey, account ? folded : null);
  if (!account) throw refusal('no-such-account', name);
  const right = await hub.passwords.verify(password, account.passwordHash).catch(error => {
    giveBack();
    throw error;
  });
  if (!right) {
    hub.log.info('wrong password', { name: account.name, address: from.address });
    throw refusal('wrong-password');
  }
  giveBack();
  return account;
}

/**
 * Counts an attempt to sign in, or throws where there were too many; answers what takes it back. Counted
 * before the password is checked, so that a burst of guesses does not get through while the first is hashed.
 */
function takeAttempt(hub: Hub, limitKey: string | null, account: Folded | null): () => void {
  const now = hub.clock.now();
  const counts: [AttemptLimiter, string][] = [];
  if (limitKey !== null) counts.push([hub.attemptsByAddress, limitKey]);
  if (account !== null) counts.push([hub.attemptsByAccount, account]);
  const wait = Math.max(0, ...counts.map(([limiter, key]) => limiter.wait(key, now)));
  if (wait > 0) throw refusal('too-many-attempts', Math.ceil(wait / 1000));
  for (const [limiter, key] of counts) limiter.take(key, now);
  return () => {
    for (const [limiter, key] of counts) limiter.giveBack(key, now);
  };
}

const MOST_PASSWORD_BYTES = 256;

/** Throws the refusal of what is not fit to be a password of this name. */
export function checkPassword({ rules }: Hub, name: string, password: string): void {
  const least = rules.passwordLength;
  if ([...password].length < least) throw refusal('password-too-short', least);
  if (Buffer.byteLength(password) > MOST_PASSWORD_BYTES)
    throw refusal('password-too-long', MOST_PASSWORD_BYTES);
  if (fold(password) === fold(name)) throw refusal('password-same-as-name');
}

/** Whose a name is that is not to be had without a password: an account's, or a token's. */
export async function ownedRefusal(backend: Backend, name: string): Promise<Refusal> {
  const known = await backend.known(fold(name));
  return known?.account ? refusal('name-owned', known.name) : refusal('name-of-token', name);
}

/** Makes an account of this name and password, or gives it this one, and makes it an operator of the server. */
export async function makeOperator(hub: Hub, input: string, password: string): Promise<void> {
  const { backend, passwords } = hub;
  const name = parseName(input, hub.rules);
  if (typeof name !== 'string') throw name;
  const folded = fold(name);
  const account = await backend.account(folded);
  if (!account) await makeAccount(hub, name, password);
  else if (!(await passwords.verify(password, account.passwordHash))) {
    const outcome = await backend.setPassword(folded, await passwords.hash(password));
    if (outcome !== 'set') throw refusal(outcome);
  }
  const outcome = await backend.setOperator(folded, true);
  if (outcome !== 'set') throw outcome === 'no-such-account' ? refusal(outcome, name) : refusal(outcome);
}

/** Makes an account of a name that nobody has in use. Throws the refusal where that cannot be. */
export async function makeAccount(
  { backend, passwords }: Hub,
  name: string,
  password: string,
): Promise<void> {
  const passwordHash = await passwords.hash(password);
  const claim = await backend.claim(name, 'guest');
  if (claim !== 'claimed')
    throw claim === 'owned' ? await ownedRefusal(backend, name) : refusal('name-taken', name);
  try {
    const outcome = await backend.createAccount(name, passwordHash, []);
    if (outcome !== 'created')
      throw outcome === 'owned' ? await ownedRefusal(backend, name) : refusal(outcome);
  } finally {
    backend.release(fold(name));
  }
}
