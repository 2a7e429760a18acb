/** What is asked of a backend during a turn and waits, in order, for the commit at its end. */
import type { Ban, Draft } from '../chat/event.ts';
import type { Folded } from '../chat/names.ts';
import type { Claim, Membership, Origin, Token } from '../chat/ports.ts';

export interface PostOperation {
  readonly kind: 'post';
  readonly draft: Draft;
  readonly origin: Origin | null;
  readonly key: string | undefined;
}

export interface ClaimOperation {
  readonly kind: 'claim';
  readonly name: string;
  readonly as: 'guest' | 'account';
  readonly resolve: (claim: Claim) => void;
  readonly reject: (why: unknown) => void;
}

export interface ReleaseOperation {
  readonly kind: 'release';
  readonly name: Folded;
}

export type Created = 'created' | 'owned' | 'store-full' | 'store-failed';

export interface CreateOperation {
  readonly kind: 'create';
  readonly name: string;
  readonly passwordHash: string;
  readonly memberships: readonly Membership[];
  readonly resolve: (created: Created) => void;
}

export type PasswordSet = 'set' | 'store-full' | 'store-failed';

export interface PasswordOperation {
  readonly kind: 'password';
  readonly name: Folded;
  readonly passwordHash: string;
  readonly resolve: (set: PasswordSet) => void;
}

export type OperatorSet = 'set' | 'no-such-account' | 'store-full' | 'store-failed';

export interface OperatorOperation {
  readonly kind: 'operator';
  readonly name: Folded;
  readonly operator: boolean;
  readonly resolve: (set: OperatorSet) => void;
}

export type AccountDeleted = 'deleted' | 'no-such-account' | 'store-full' | 'store-failed';

export interface DeleteAccountOperation {
  readonly kind: 'delete-account';
  readonly name: Folded;
  readonly resolve: (deleted: AccountDeleted) => void;
}

export type TokenAdded = 'added' | 'owned' | 'store-full' | 'store-failed';

export interface AddTokenOperation {
  readonly kind: 'add-token';
  readonly token: Token;
  readonly hash: string;
  readonly resolve: (added: TokenAdded) => void;
}

export type TokenRemoved = 'removed' | 'no-such-token' | 'store-full' | 'store-failed';

export interface RemoveTokenOperation {
  readonly kind: 'remove-token';
  readonly id: string;
  readonly resolve: (removed: TokenRemoved) => void;
}

export type BanSet = 'set' | 'store-full' | 'store-failed';

export interface ServerBanOperation {
  readonly kind: 'server-ban';
  readonly ban: Ban;
  readonly resolve: (set: BanSet) => void;
}

export type BanRemoved = 'removed' | 'no-such-ban' | 'store-full' | 'store-failed';

export interface ServerUnbanOperation {
  readonly kind: 'server-unban';
  readonly label: string;
  readonly resolve: (removed: BanRemoved) => void;
}

/** What operators of the server change: few and rare. */
export type ServerOperation =
  | OperatorOperation
  | DeleteAccountOperation
  | AddTokenOperation
  | RemoveTokenOperation
  | ServerBanOperation
  | ServerUnbanOperation;

export type Operation =
  | PostOperation
  | ClaimOperation
  | ReleaseOperation
  | CreateOperation
  | PasswordOperation
  | ServerOperation;
