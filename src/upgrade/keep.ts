/** Stopping where systemd keeps the connections for the next start: `systemctl restart`. */
import type { Log } from '../chat/ports.ts';
import { type FdStore, inodeOf } from './fdstore.ts';
import type { Leaving } from './leave.ts';
import { loadLibc } from './libc.ts';
import { writeTo } from './state.ts';

/**
 * Hands every connection to systemd and ends the process, before anything more is read from one. Answers only
 * where that cannot be done, with nothing changed.
 */
export async function keepAndExit(store: FdStore, leaving: Leaving, log: Log): Promise<void> {
  const libc = leaving.obstacle === null ? await loadLibc() : null;
  const file = libc?.memoryFile('parley-handover') ?? -1;
  if (file < 0) return;
  const state = await leaving.leave('restarted');
  // The file is one of them.
  const clients = state.clients.slice(0, store.most - 1);
  const links = clients.map(({ link }) => link.fd);
  const inodes = links.map(fd => ({ fd, inode: inodeOf(fd) }));
  writeTo(file, { ...state, clients, listeners: [], inodes });
  const kept = store.keep([file, ...links]);
  if (kept) log.info('stopped; systemd keeps the connections', { connections: links.length });
  else log.error('stopped; systemd did not take the connections');
  process.exit(0);
}
