/** The `listen` setting, and what host, port, tls-port and listen add up to. Its grammar is in `net/address.ts`. */

import { join } from 'node:path';
import { Refusal } from '../chat/errors.ts';
import type { Config } from '../config.ts';
import { formatListen, type Listen, parseListen, UNIX_PATH_BYTES } from '../net/address.ts';
import { Bad, type Kind } from './kind.ts';

/** The file of the unix socket that parley chooses itself. */
export const SOCKET_NAME = 'parley.sock';

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

/** Every listener of the chat in these settings, in the order in which they are announced. */
export function listenersOf(config: Config): readonly Listen[] {
  const { host, port, listen, tlsPort } = config;
  const plain: readonly Listen[] = listen.length > 0 ? listen : [{ kind: 'tcp', host, port, tls: false }];
  return tlsPort === null ? plain : [...plain, { kind: 'tcp', host, port: tlsPort, tls: true }];
}

/** Where HTTP is spoken over TCP: plain, then with TLS. */
export function httpListenersOf(config: Config): readonly Listen[] {
  const host = config.httpHost ?? config.host;
  const ports = [
    { port: config.httpPort, tls: false },
    { port: config.httpsPort, tls: true },
  ];
  return ports.flatMap(({ port, tls }) => (port === null ? [] : [{ kind: 'tcp', host, port, tls }]));
}

/** How `http-socket` says that parley is to choose. */
export const AUTO_SOCKET = 'auto';

/** The unix socket for the command line; null where there is none. Chosen beside the database, it has to fit. */
function httpSocketOf({ httpSocket, memory, data }: Config): string | null {
  if (httpSocket !== AUTO_SOCKET) return httpSocket;
  const path = join(data, SOCKET_NAME);
  return memory || Buffer.byteLength(path) > UNIX_PATH_BYTES ? null : path;
}

/** Everywhere that HTTP is spoken. */
export function httpPlacesOf(config: Config): readonly Listen[] {
  const path = httpSocketOf(config);
  return [
    ...httpListenersOf(config),
    ...(path === null ? [] : [{ kind: 'unix', path, tls: false } as const]),
  ];
}
