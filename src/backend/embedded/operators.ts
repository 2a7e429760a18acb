/**
 * What operators of the server decide: who is one of them, which tokens there are, who is kept out. Written
 * within the turn's transaction like everything else; few and rare, so nothing but the names is held in memory.
 */
import type { Ban } from '../../chat/event.ts';
import { type Folded, fold } from '../../chat/names.ts';
import type { AccountSummary, Token } from '../../chat/ports.ts';
import type {
  AccountDeleted,
  BanRemoved,
  BanSet,
  OperatorSet,
  ServerOperation,
  TokenAdded,
  TokenRemoved,
} from '../operation.ts';
import { banOf } from './rows.ts';
import type { State } from './state.ts';
import type { TokenRow } from './statements.ts';

export class OperatorTables {
  constructor(private readonly state: State) {}

  // ——— asked ———

  accounts(after: Folded | '', limit: number): readonly AccountSummary[] {
    const { statements, lazy } = this.state;
    return statements.accounts.all(after, limit).map(({ folded, name, created, seen, operator }) => {
      // Folded when it was stored.
      const lastSeen = Math.max(seen, lazy.known(folded as Folded)?.at ?? 0);
      return { name, created, lastSeen, operator: operator === 1 };
    });
  }

  tokens(): readonly Token[] {
    return this.state.statements.tokens.all().map(row => this.token(row));
  }

  tokenOf(hash: string): Token | null {
    const row = this.state.statements.tokenOf.get(hash);
    return row && this.token(row);
  }

  bans(): readonly Ban[] {
    return this.state.statements.serverBans.all().map(banOf);
  }

  private token({ id, name, rooms, read, write, created, last_used }: TokenRow): Token {
    const used = this.state.lazy.usedAt(id);
    return {
      id,
      name,
      // Written by `addToken`, an array of names.
      rooms: rooms === null ? null : (JSON.parse(rooms) as string[]),
      read: read === 1,
      write: write === 1,
      created,
      lastUsed: used === undefined ? last_used : Math.max(last_used ?? used, used),
    };
  }

  // ——— written ———

  /** Within a transaction; answers what tells whoever asked. */
  write(operation: ServerOperation): () => void {
    switch (operation.kind) {
      case 'operator': {
        const set = this.setOperator(operation.name, operation.operator);
        return () => operation.resolve(set);
      }
      case 'delete-account': {
        const deleted = this.deleteAccount(operation.name);
        return () => operation.resolve(deleted);
      }
      case 'add-token': {
        const added = this.addToken(operation.token, operation.hash);
        return () => operation.resolve(added);
      }
      case 'remove-token': {
        const removed = this.removeToken(operation.id);
        return () => operation.resolve(removed);
      }
      case 'server-ban': {
        const set = this.addBan(operation.ban);
        return () => operation.resolve(set);
      }
      case 'server-unban': {
        const removed = this.removeBan(operation.label);
        return () => operation.resolve(removed);
      }
    }
  }

  private setOperator(name: Folded, operator: boolean): OperatorSet {
    const { changes } = this.state.statements.setOperator.run(operator ? 1 : 0, name);
    return changes > 0 ? 'set' : 'no-such-account';
  }

  private deleteAccount(name: Folded): AccountDeleted {
    const { statements, lazy } = this.state;
    if (statements.deleteAccount.run(name).changes === 0) return 'no-such-account';
    statements.leaveAll.run(name);
    statements.waitNoMore.run(name);
    // Else the next account of that name might be given them.
    lazy.forgetAccount(name);
    return 'deleted';
  }

  private addToken(token: Token, hash: string): TokenAdded {
    const { statements, tokenNames, lazy, undo } = this.state;
    const { id, name, rooms, read, write, created, lastUsed } = token;
    const same = statements.token.get(id);
    if (same) return same.hash === hash ? 'added' : 'store-failed';
    const folded = fold(name);
    if (statements.account.get(folded)) return 'owned';
    lazy.forgetUse(id);
    const list = rooms && JSON.stringify(rooms);
    statements.addToken.run(id, hash, name, folded, list, read ? 1 : 0, write ? 1 : 0, created, lastUsed);
    if (!tokenNames.has(folded)) {
      tokenNames.add(folded);
      undo.push(() => tokenNames.delete(folded));
    }
    return 'added';
  }

  private removeToken(id: string): TokenRemoved {
    const { statements, tokenNames, undo } = this.state;
    const row = statements.token.get(id);
    if (!row) return 'no-such-token';
    statements.removeToken.run(id);
    if (!statements.tokenOfName.get(row.folded)) {
      // Folded when it was stored.
      const folded = row.folded as Folded;
      tokenNames.delete(folded);
      undo.push(() => tokenNames.add(folded));
    }
    return 'removed';
  }

  private addBan({ kind, what, label, reason }: Ban): BanSet {
    this.state.statements.addServerBan.run(kind, what, label, reason);
    return 'set';
  }

  private removeBan(label: string): BanRemoved {
    return this.state.statements.removeServerBan.run(label).changes > 0 ? 'removed' : 'no-such-ban';
  }
}
