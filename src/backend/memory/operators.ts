/** What operators of the server decide, done to a memory store: who is one of them, tokens, who is kept out. */
import type { Ban } from '../../chat/event.ts';
import { type Folded, fold } from '../../chat/names.ts';
import type { Token } from '../../chat/ports.ts';
import type {
  AccountDeleted,
  BanRemoved,
  BanSet,
  OperatorSet,
  ServerOperation,
  TokenAdded,
  TokenRemoved,
} from '../operation.ts';
import type { MemoryStore } from './store.ts';

export function applyServer(store: MemoryStore, operation: ServerOperation): void {
  switch (operation.kind) {
    case 'operator':
      operation.resolve(setOperator(store, operation.name, operation.operator));
      break;
    case 'delete-account':
      operation.resolve(deleteAccount(store, operation.name));
      break;
    case 'add-token':
      operation.resolve(addToken(store, operation.token, operation.hash));
      break;
    case 'remove-token':
      operation.resolve(removeToken(store, operation.id));
      break;
    case 'server-ban':
      operation.resolve(addBan(store, operation.ban));
      break;
    case 'server-unban':
      operation.resolve(removeBan(store, operation.label));
      break;
  }
}

function setOperator(store: MemoryStore, name: Folded, operator: boolean): OperatorSet {
  const account = store.names.get(name)?.account;
  if (!account) return 'no-such-account';
  account.operator = operator;
  return 'set';
}

function deleteAccount(store: MemoryStore, name: Folded): AccountDeleted {
  const known = store.names.get(name);
  if (!known?.account) return 'no-such-account';
  known.account = null;
  known.waiting.clear();
  for (const room of store.rooms.values()) room.members.delete(name);
  return 'deleted';
}

function addToken(store: MemoryStore, token: Token, hash: string): TokenAdded {
  const same = store.tokens.get(token.id);
  if (same) return same.hash === hash ? 'added' : 'store-failed';
  if (store.names.get(fold(token.name))?.account) return 'owned';
  store.tokens.set(token.id, { token, hash });
  nameTokens(store);
  return 'added';
}

function removeToken(store: MemoryStore, id: string): TokenRemoved {
  if (!store.tokens.delete(id)) return 'no-such-token';
  nameTokens(store);
  return 'removed';
}

function nameTokens(store: MemoryStore): void {
  store.tokenNames = new Set([...store.tokens.values()].map(({ token }) => fold(token.name)));
}

export function useToken(store: MemoryStore, id: string, at: number): void {
  const found = store.tokens.get(id);
  if (found) found.token = { ...found.token, lastUsed: Math.max(found.token.lastUsed ?? at, at) };
}

function addBan(store: MemoryStore, ban: Ban): BanSet {
  const others = store.serverBans.filter(({ kind, what }) => kind !== ban.kind || what !== ban.what);
  store.serverBans = [...others, ban];
  return 'set';
}

function removeBan(store: MemoryStore, label: string): BanRemoved {
  const left = store.serverBans.filter(ban => ban.label !== label);
  if (left.length === store.serverBans.length) return 'no-such-ban';
  store.serverBans = left;
  return 'removed';
}
