/** Where parley listens: the grammar of the `listen` setting, and what host, port and tls-port add up to. */
import type { Config } from '../config.ts';
import { Bad, host, type Kind, port, quote } from './kind.ts';

/** `host` is `*` for every address, IPv6 and IPv4; `port` 0 takes a free one. */
export type Listener =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: boolean }
  | { readonly kind: 'unix'; readonly path: string; readonly tls: boolean };

const HOST = host();
const PORT = port();
/** What the kernel takes for a socket's path (`sun_path`), without its NUL. */
const UNIX_PATH_BYTES = 107;

/** `HOST:PORT`, `[V6]:PORT`, `*:PORT`, `:PORT` or `unix:PATH`; TLS with `tls:` in front of any of them. */
export function listener(): Kind<Listener> {
  return {
    hint: 'WHERE',
    allowed: 'HOST:PORT, [IPV6]:PORT, *:PORT or unix:PATH, each with tls: in front for TLS',
    parse,
    show: showListener,
  };
}

/** Every listener of these settings, in the order in which they are announced. */
export function listenersOf(config: Config): readonly Listener[] {
  const { host, port, listen, tlsPort } = config;
  const plain: readonly Listener[] = listen.length > 0 ? listen : [{ kind: 'tcp', host, port, tls: false }];
  return tlsPort === null ? plain : [...plain, { kind: 'tcp', host, port: tlsPort, tls: true }];
}

export function showListener(listener: Listener): string {
  const where =
    listener.kind === 'unix'
      ? `unix:${listener.path}`
      : `${inUrl(listener.host)}:${PORT.show(listener.port)}`;
  return listener.tls ? `tls:${where}` : where;
}

/** A host as it stands before a colon and a port. */
function inUrl(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

function parse(text: string): Listener | Bad {
  const tls = text.startsWith('tls:');
  const where = tls ? text.slice(4) : text;
  return where.startsWith('unix:') ? parseUnix(where.slice(5), tls) : parseTcp(where, tls);
}

function parseUnix(path: string, tls: boolean): Listener | Bad {
  if (!path) return new Bad('unix: is followed by no path');
  if (path.includes('\0')) return new Bad('the path has a NUL character in it');
  if (Buffer.byteLength(path) > UNIX_PATH_BYTES) {
    return new Bad(`the path of a unix socket has at most ${UNIX_PATH_BYTES} bytes`);
  }
  return { kind: 'unix', path, tls };
}

function parseTcp(where: string, tls: boolean): Listener | Bad {
  const match = /^(\[[^\]]*\]|[^:]*):([^:]+)$/.exec(where);
  if (!match) return new Bad(`${quote(where)} is not HOST:PORT`);
  const host = HOST.parse(match[1] || '*');
  if (host instanceof Bad) return host;
  const port = PORT.parse(match[2] ?? '');
  return port instanceof Bad ? port : { kind: 'tcp', host, port, tls };
}
