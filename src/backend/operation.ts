/** What is asked of a backend during a turn and waits, in order, for the commit at its end. */
import type { Draft } from '../chat/event.ts';
import type { Folded } from '../chat/names.ts';
import type { Claim, Membership, Origin } from '../chat/ports.ts';

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

export type Operation =
  | PostOperation
  | ClaimOperation
  | ReleaseOperation
  | CreateOperation
  | PasswordOperation;
