/** The `listen` setting, and what host, port, tls-port and listen add up to. Its grammar is in `net/address.ts`. */
import { Refusal } from '../chat/errors.ts';
import type { Config } from '../config.ts';
import { formatListen, type Listen, parseListen } from '../net/address.ts';
import { Bad, type Kind } from './kind.ts';

/** A listener; its port may be written `auto`, as that of `--port`. */
export function listener(): Kind<Listen> {
  return {
    hint: 'WHERE',
    allowed: 'HOST:PORT, [IPV6]:PORT, *:PORT or unix:PATH, each with tls: in front for TLS',
    parse: text => {
      const where = parseListen(text.replace(/:auto$/, ':0'));
      return where instanceof Refusal ? new Bad(where.message) : where;
    },
    show: formatListen,
  };
}

/** Every listener of these settings, in the order in which they are announced. */
export function listenersOf(config: Config): readonly Listen[] {
  const { host, port, listen, tlsPort } = config;
  const plain: readonly Listen[] = listen.length > 0 ? listen : [{ kind: 'tcp', host, port, tls: false }];
  return tlsPort === null ? plain : [...plain, { kind: 'tcp', host, port: tlsPort, tls: true }];
}
