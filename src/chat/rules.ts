/**
 * The limits and choices the domain goes by: a view of the settings (same names, same units), so that the
 * settings themselves are handed in. Sizes are bytes, times ms; a limit of 0 is no limit.
 */
import type { NameRules } from './names.ts';

export interface Rules extends NameRules {
  /** `required`: no guests. */
  readonly accounts: 'open' | 'required';
  readonly passwordLength: number;
  readonly lineBytes: number;
  /** Lines a second of one who speaks, over time and at once. */
  readonly lineRate: number;
  readonly lineBurst: number;
  readonly roomsPerSession: number;
  readonly rooms: number;
  readonly bansPerRoom: number;
  /** Enforced by the backend; named here for the sentence of its refusal. */
  readonly waitingMessages: number;
  readonly joinLines: number;
  readonly catchUpLines: number;
  readonly signInAttemptsPerAddress: number;
  readonly signInAttemptsPerAccount: number;
  readonly signInWindow: number;
  readonly registrationsPerAddress: number;
  readonly newRoomsPerAddress: number;
  readonly registrationWindow: number;
  readonly searchesPerMinute: number;
}
