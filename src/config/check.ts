/** Settings that are each right and do not go together. */
import type { Refusal } from '../chat/errors.ts';
import type { Config, Key } from '../config.ts';
import { formatListen } from '../net/address.ts';
import { badSetting } from './given.ts';
import { showBytes } from './kind.ts';
import { httpListenersOf, listenersOf } from './listen.ts';
import { reasonOf, type World } from './world.ts';

/** Whatever is wrong with the combination, each problem named by the setting to mend. */
export function checkTogether(
  config: Config,
  origins: Readonly<Record<Key, string>>,
  world: Pick<World, 'readFile'>,
): Refusal[] {
  const problems: Refusal[] = [];
  const bad = (key: Key, why: string) => problems.push(badSetting(key, origins[key], why));
  const listeners = listenersOf(config);

  const tls = listeners.find(listener => listener.tls);
  if (tls && !config.tlsCert) {
    bad(
      config.tlsPort === null ? 'listen' : 'tls-port',
      `${formatListen(tls)} needs a certificate. Give tls-cert (and tls-key)`,
    );
  }
  if (config.httpsPort !== null && !config.tlsCert)
    bad('https-port', 'it needs a certificate. Give tls-cert (and tls-key)');
  if (config.tlsKey && !config.tlsCert) bad('tls-key', 'a key alone does nothing. Give tls-cert too');
  for (const key of ['tls-cert', 'tls-key'] as const) {
    const path = key === 'tls-cert' ? config.tlsCert : config.tlsKey;
    const why = path && unreadable(path, world);
    if (why) bad(key, why);
  }

  const seen = new Set<string>();
  const places = [
    ...listeners.map(
      listener => ({ listener, key: config.listen.length > 0 ? 'listen' : 'tls-port' }) as const,
    ),
    ...httpListenersOf(config).map(
      listener => ({ listener, key: listener.tls ? 'https-port' : 'http-port' }) as const,
    ),
  ];
  for (const { listener, key } of places) {
    const where = formatListen({ ...listener, tls: false });
    const taken = seen.has(where) && !(listener.kind === 'tcp' && listener.port === 0);
    if (taken) bad(key, `${where} is there twice`);
    seen.add(where);
  }

  if (config.outboxHard < config.outboxSoft) {
    bad(
      origins['outbox-hard'] === 'default' ? 'outbox-soft' : 'outbox-hard',
      `outbox-hard (${showBytes(config.outboxHard)}) is less than outbox-soft (${showBytes(config.outboxSoft)})`,
    );
  }
  if (config.outboxSoft < config.lineBytes * 2) {
    bad(
      origins['outbox-soft'] === 'default' ? 'line-bytes' : 'outbox-soft',
      `outbox-soft (${showBytes(config.outboxSoft)}) does not hold two lines of line-bytes (${showBytes(config.lineBytes)})`,
    );
  }
  return problems;
}

function unreadable(path: string, world: Pick<World, 'readFile'>): string | null {
  try {
    return world.readFile(path) === null ? `there is no file ${JSON.stringify(path)}` : null;
  } catch (error) {
    return `cannot read ${JSON.stringify(path)}: ${reasonOf(error)}`;
  }
}
