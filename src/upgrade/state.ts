/**
 * What one program hands to the next: everything that is not in the store, as JSON with a version. (How it
 * is read is beside it, in read.ts: few parleys ever do.)
 *
 * A change that an older or newer program would misread takes a new version; the old one goes on where the new
 * one does not read its version.
 */
import { ftruncateSync, writeSync } from 'node:fs';
import type { HubState } from '../chat/handover.ts';
import type { ClientState } from '../dialect/client.ts';
import type { Inherited } from '../net/activation.ts';
import type { Carried } from '../wire/link.ts';

export const STATE_VERSION = 1;
/** Names the descriptor it is read from. (No setting: those begin with PARLEY_.) */
export const VARIABLE = '_PARLEY_HANDOVER';
/** What systemd calls descriptors that it keeps over a restart. */
export const STORED = 'handover';

export interface HandoverState {
  readonly version: typeof STATE_VERSION;
  /** The version of the program that wrote it. */
  readonly from: string;
  /** ms since the epoch: when it stopped reading. */
  readonly since: number;
  /** It was asked to stop meanwhile. */
  readonly stopping: boolean;
  /** Where it goes on listening; none where the next program listens anew. */
  readonly listeners: readonly Inherited[];
  /** Of descriptors that are other numbers in the next program: what to know them by. */
  readonly inodes: readonly { readonly fd: number; readonly inode: number }[];
  /** True ports, where the settings leave them open. */
  readonly httpPort: number | null;
  readonly httpsPort: number | null;
  readonly hub: HubState;
  readonly clients: readonly { readonly link: Carried; readonly client: ClientState }[];
}

export function writeState(state: HandoverState): string {
  return JSON.stringify(state);
}

/** Writes it to a file in memory, in place of what is there. */
export function writeTo(file: number, state: HandoverState): void {
  const bytes = Buffer.from(writeState(state));
  ftruncateSync(file);
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at, bytes.length - at, at);
}

/** What stays open for the next program. */
export function descriptorsIn({ listeners, clients }: HandoverState): number[] {
  return [...listeners.map(({ fd }) => fd), ...clients.map(({ link }) => link.fd)];
}
