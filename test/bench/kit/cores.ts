/**
 * Who runs where: the server under test alone on core 0, everything that makes load on core 1, so that neither
 * takes the other's time and a busy loop on one side is not the other's latency.
 */
import { cpus } from 'node:os';
import { pin } from '../../../src/bench/processes.ts';

const SERVER_CORE = 0;
const LOAD_CORE = 1;
const pinned = cpus().length > 1 && Bun.which('taskset') !== null;

/** A remark for the report where the two could not be kept apart. */
export const PINNING: string = pinned
  ? 'Server on core 0, load on core 1.'
  : 'NOT PINNED (one core, or no taskset): server and load take each other’s time.';

/** Puts this process, all of its threads, on the core for load. */
export function pinLoad(): void {
  if (pinned) pin(LOAD_CORE);
}

/** The words that start a command on the server's core. It keeps its process id. */
export function onServerCore(command: readonly string[]): string[] {
  return pinned ? ['taskset', '-c', String(SERVER_CORE), ...command] : [...command];
}

/** The words that start a command on the load's core, where it yields to who measures there. */
export function onLoadCore(command: readonly string[]): string[] {
  const yielding = ['nice', '-n', '10', ...command];
  return pinned ? ['taskset', '-c', String(LOAD_CORE), ...yielding] : yielding;
}
