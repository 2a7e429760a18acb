/** What the commands have in common that work on a store: where it is, and how they end. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { StoreStats } from '../backend/embedded/check.ts';
import { Refusal } from '../chat/errors.ts';
import { type Config, DEFAULT_DATA } from '../config.ts';
import { complain, EXIT } from './edge.ts';
import { counted, size } from './table.ts';

/** Where the unit in systemd/ has it. */
export const UNIT_DATA = '/var/lib/parley';

/** The data directory of these settings; the machine's, where they name none and there is none here. */
export function dataOf({ data }: Config, exists: (path: string) => boolean = existsSync): string {
  const unnamed = data === DEFAULT_DATA && !exists(data) && exists(UNIT_DATA);
  return unnamed ? UNIT_DATA : resolve(data);
}

/** Runs a command that may be refused, which is said. */
export async function orRefused(work: () => number | Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    complain(error.message);
    return EXIT.failed;
  }
}

/** What is wrong with a command line. */
export function misused(problems: readonly string[]): number {
  for (const problem of problems) complain(problem);
  return EXIT.usage;
}

/** `302 events up to #302, 1 room, 1 account, 1.2 MB` */
export function summaryOf({ events, lastId, rooms, accounts, bytes }: StoreStats): string {
  const parts = [counted(rooms, 'room'), counted(accounts, 'account'), size(bytes)];
  return `${counted(events, 'event')} up to #${lastId}, ${parts.join(', ')}`;
}
