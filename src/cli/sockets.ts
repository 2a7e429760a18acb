/** On which unix sockets a command looks for the running parley. */
import { existsSync } from 'node:fs';
import { AUTO_SOCKET, httpPlacesOf } from '../config/listen.ts';
import { type Config, DEFAULT_DATA } from '../config.ts';

/** Where the unit in systemd/ has it. */
export const UNIT_SOCKET = '/run/parley/parley.sock';

/**
 * That of these settings; and that of the unit, where the settings name neither a socket nor a store of their
 * own, so that root's bare `parley status` finds the parley of the machine.
 */
export function socketCandidates(
  config: Config,
  exists: (path: string) => boolean = existsSync,
): readonly string[] {
  const own = httpPlacesOf(config).flatMap(where => (where.kind === 'unix' ? [where.path] : []));
  const { httpSocket, memory, data } = config;
  const nothingOwn = httpSocket === AUTO_SOCKET && !memory && data === DEFAULT_DATA && !exists(data);
  return nothingOwn ? [...own, UNIT_SOCKET] : own;
}
