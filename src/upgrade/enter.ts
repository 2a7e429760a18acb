/**
 * The way in of a program that took the place of another: it goes on with what was handed over. What cannot
 * be gone on with is closed, and nothing else suffers for it.
 */
import { finishRestoring } from '../chat/handover.ts';
import type { Hub } from '../chat/hub.ts';
import type { LogFields } from '../chat/ports.ts';
import { formatListen } from '../net/address.ts';
import type { Clients } from '../net/clients.ts';
import type { Listener } from '../net/listen.ts';
import type { Handed } from './handed.ts';

export interface Parts {
  readonly hub: Hub;
  readonly clients: Clients;
  readonly listeners: readonly Listener[];
}

/**
 * Every connection again, with its session in its rooms; then lines are run. Names and rooms are back before.
 * Answers what the log is to say of it once all the rest is there.
 */
export async function enter(
  { hub, clients, listeners }: Parts,
  { state, close }: Handed,
): Promise<LogFields> {
  const byLabel = new Map(listeners.map(listener => [formatListen(listener.where), listener]));
  // A restart may have moved the one it came by.
  const plain = listeners.find(listener => !listener.where.tls);
  const taken = state.clients.map(async ({ link, client }) => {
    const listener = byLabel.get(link.listener) ?? plain;
    if (!listener) {
      close(link.fd);
      return false;
    }
    try {
      await listener.goOn(link, again => clients.goOn(again, client));
      return true;
    } catch {
      close(link.fd);
      return false;
    }
  });
  const lost = (await Promise.all(taken)).filter(went => !went).length;
  finishRestoring(hub);
  clients.release();
  const silent = hub.clock.now() - state.since;
  return { from: state.from, connections: state.clients.length - lost, lost, silent };
}
