/**
 * What operators of the server do to accounts: see them all, make one, set its password, make it an operator,
 * take it away. Whether somebody is an operator is the caller's to know. Everything done is logged with who
 * did it, and no password with it.
 */
import { checkPassword, makeAccount } from './credentials.ts';
import { refusal } from './errors.ts';
import type { Hub } from './hub.ts';
import { type Folded, fold, parseName } from './names.ts';
import type { Operator } from './operator.ts';
import type { Account, AccountSummary } from './ports.ts';
import type { Room } from './room.ts';
import { dropUser } from './signin.ts';

export interface AccountView extends AccountSummary {
  /** Of its connections there are so many now. */
  readonly connections: number;
}

/** Accounts in the order of their names, at most `limit` of those behind `after` ('' for the first). */
export async function accountsAfter(hub: Hub, after: string, limit: number): Promise<AccountView[]> {
  const accounts = await hub.backend.accounts(after === '' ? '' : fold(after), limit);
  return accounts.map(account => view(hub, account));
}

/** Makes an account; throws the refusal of a name or a password that cannot be. */
export async function addAccount(
  hub: Hub,
  by: Operator,
  input: string,
  password: string,
): Promise<AccountView> {
  const name = parseName(input, hub.rules);
  if (typeof name !== 'string') throw name;
  checkPassword(hub, name, password);
  // Spares a hash for a name that plainly is not to be had.
  const known = await hub.backend.known(fold(name));
  if (known?.account) throw refusal('name-owned', known.name);
  if (hub.users.has(fold(name))) throw refusal('name-taken', name);
  await makeAccount(hub, name, password);
  hub.log.info('an operator made an account', { by: by.name, name });
  const { created } = await accountOf(hub, name);
  return view(hub, { name, created, lastSeen: created, operator: false });
}

/** Gives an account another password; it stays signed in where it is, but for the page. */
export async function changePassword(
  hub: Hub,
  by: Operator,
  input: string,
  password: string,
): Promise<{ readonly name: string; readonly connections: number }> {
  const { name } = await accountOf(hub, input);
  checkPassword(hub, name, password);
  const passwordHash = await hub.passwords.hash(password);
  const outcome = await hub.backend.setPassword(fold(name), passwordHash);
  if (outcome !== 'set') throw refusal(outcome);
  const user = hub.users.get(fold(name));
  if (user?.account) user.account.passwordHash = passwordHash;
  hub.log.info('an operator set a password', { by: by.name, name });
  return { name, connections: user?.sessions.length ?? 0 };
}

/** Makes an account an operator of the server, or one no more; answers how it is spelled. */
export async function makeServerOperator(
  hub: Hub,
  by: Operator,
  input: string,
  on: boolean,
): Promise<string> {
  const { name } = await accountOf(hub, input);
  if (!on && fold(name) === fold(by.name)) throw refusal('that-is-you', 'demote');
  const outcome = await hub.backend.setOperator(fold(name), on);
  if (outcome === 'no-such-account') throw refusal(outcome, name);
  if (outcome !== 'set') throw refusal(outcome);
  hub.log.info(on ? 'an operator made another one' : 'an operator demoted another one', {
    by: by.name,
    name,
  });
  return name;
}

/**
 * Takes an account away: out of its rooms, its waiting messages dropped, every connection of it closed with the
 * reason. What it said stays; its name is anybody's from then on.
 */
export async function deleteAccount(
  hub: Hub,
  by: Operator,
  input: string,
): Promise<{ readonly name: string; readonly closed: number }> {
  const account = await accountOf(hub, input);
  const folded = fold(account.name);
  if (folded === fold(by.name)) throw refusal('that-is-you', 'delete');
  const rooms = account.memberships.map(({ room }) => room);
  return await withRooms(hub, rooms, async awake => {
    // In one turn, so in one commit: its rooms have somebody to run them, or it is all as it was.
    for (const room of awake) hub.takeOut(room, account.name, 'account deleted');
    const outcome = await hub.backend.deleteAccount(folded);
    if (outcome === 'no-such-account') throw refusal(outcome, account.name);
    if (outcome !== 'deleted') throw refusal(outcome);
    const closed = endSessions(hub, folded);
    hub.log.info('an operator deleted an account', { by: by.name, name: account.name, closed });
    return { name: account.name, closed };
  });
}

/** Whoever is signed in under the name is a guest of that name now, and put off; answers how many connections. */
function endSessions(hub: Hub, folded: Folded): number {
  const user = hub.users.get(folded);
  if (!user) return 0;
  const connections = user.sessions.length;
  // So that leaving takes it out of rooms it has just joined, and keeps no settings.
  user.account = null;
  for (const member of user.rooms) member.account = false;
  dropUser(hub, user, refusal('account-gone', user.name));
  return connections;
}

async function accountOf(hub: Hub, input: string): Promise<Account> {
  const account = await hub.backend.account(fold(input));
  if (!account) throw refusal('no-such-account', input);
  return account;
}

function view(hub: Hub, account: AccountSummary): AccountView {
  return { ...account, connections: hub.users.get(fold(account.name))?.sessions.length ?? 0 };
}

/** Does `work` with all of these rooms awake. */
function withRooms<T>(hub: Hub, names: readonly string[], work: (rooms: Room[]) => Promise<T>): Promise<T> {
  const [name, ...rest] = names;
  if (name === undefined) return work([]);
  return hub.withRoom(name, room => withRooms(hub, rest, rooms => work([room, ...rooms])));
}
