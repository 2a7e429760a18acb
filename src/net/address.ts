/** Where to listen: its grammar, and how it is written. Peers' addresses are in `chat/address.ts`. */
import { isIPv4, isIPv6 } from 'node:net';
import { type Refusal, refusal } from '../chat/errors.ts';

/** `host` is `*` for every address, IPv6 and IPv4; `port` 0 takes a free one. */
export type Listen =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number; readonly tls: boolean }
  | { readonly kind: 'unix'; readonly path: string; readonly tls: boolean };

/** What the kernel takes for a socket's path (`sun_path`), without its NUL and one byte used while binding. */
export const UNIX_PATH_BYTES = 106;

const HOST_NAME = /^(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*\.?$/;
/** A dotted number that is no address would be looked up as a name. */
const NUMERIC = /^[\d.]+$/;

/**
 * `HOST:PORT`, `[IPV6]:PORT`, `*:PORT`, `:PORT` or `unix:PATH`; with TLS where `tls:` stands in front
 * (`tls+unix:PATH` too). Or `bad-setting`.
 */
export function parseListen(text: string): Listen | Refusal {
  const match = /^(tls[:+])?(?:(unix):)?(.*)$/su.exec(text);
  const [prefix, unix, rest = ''] = match?.slice(1) ?? [];
  const tls = prefix !== undefined;
  if (unix !== undefined) return parsePath(text, rest, tls);
  return prefix === 'tls+' ? bad(text, 'after tls+ comes unix:') : parseTcp(text, rest, tls);
}

/** The one way it is written: `parseListen` reads it back. */
export function formatListen(where: Listen): string {
  const tls = where.tls ? 'tls:' : '';
  if (where.kind === 'unix') return `${tls}unix:${where.path}`;
  return `${tls}${where.host.includes(':') ? `[${where.host}]` : where.host}:${where.port}`;
}

function parsePath(text: string, path: string, tls: boolean): Listen | Refusal {
  if (path === '') return bad(text, 'after unix: comes the path of a socket');
  if (path.includes('\0')) return bad(text, 'the path has a NUL character in it');
  if (Buffer.byteLength(path) > UNIX_PATH_BYTES)
    return bad(text, `the path of a unix socket has at most ${UNIX_PATH_BYTES} bytes`);
  return { kind: 'unix', path, tls };
}

function parseTcp(text: string, where: string, tls: boolean): Listen | Refusal {
  const match = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(where);
  if (!match) {
    return isIPv6(where.replace(/:\d+$/, '')) && !isIPv4(where)
      ? bad(text, 'an IPv6 address stands in brackets: [::1]:8080')
      : bad(text, 'it is not HOST:PORT, [IPV6]:PORT, *:PORT or unix:PATH');
  }
  const [, v6, name = '', digits = ''] = match;
  const port = Number(digits);
  if (port > 65_535) return bad(text, 'a port is at most 65535');
  if (v6 !== undefined && !isIPv6(v6)) return bad(text, 'what stands in brackets is no IPv6 address');
  const host = v6 ?? (name === '' ? '*' : name);
  const known = v6 !== undefined || host === '*' || isIPv4(host);
  if (!known && (NUMERIC.test(host) || !HOST_NAME.test(host)))
    return bad(text, `${JSON.stringify(host)} is neither an address nor a host name`);
  return { kind: 'tcp', host, port, tls };
}

function bad(text: string, why: string): Refusal {
  return refusal('bad-setting', `cannot listen on ${JSON.stringify(text)}: ${why}`);
}
