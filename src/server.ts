/** A stand-in until the composition root is written: it listens and says nothing. */
import { refusal } from './chat/errors.ts';
import type { Clock, Log } from './chat/ports.ts';
import { listenersOf } from './config/listen.ts';
import type { Config } from './config.ts';

export interface Running {
  readonly addresses: readonly string[];
  /** Answers the names of settings that need a restart. Rejects with a `Refusal` where it changed nothing. */
  reload(config: Config): Promise<string[]>;
  stop(reason: string): Promise<void>;
}

export async function start(config: Config, _deps: { clock: Clock; log: Log }): Promise<Running> {
  const listeners = listenersOf(config).flatMap(listener => {
    if (listener.kind !== 'tcp') return [];
    const hostname = listener.host === '*' ? '::' : listener.host;
    try {
      return [Bun.listen({ hostname, port: listener.port, socket: { data() {} } })];
    } catch {
      throw refusal('port-in-use', `${hostname}:${listener.port}`);
    }
  });
  return {
    addresses: listeners.map(({ hostname, port }) => `${hostname}:${port}`),
    reload: async () => [],
    stop: async () => {
      for (const listener of listeners) listener.stop(true);
    },
  };
}
