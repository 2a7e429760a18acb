/**
 * Where a request comes from: the connection's own end, or, behind trusted proxies, the one they name in
 * `X-Forwarded-For`. What anybody else writes there is not believed.
 */
import { isIP } from 'node:net';
import { addressKey, canonicalAddress, type Networks } from '../chat/address.ts';

/** A request's connection, as the server sees it. */
export interface Peer {
  /** Canonical; '' for the unix socket. */
  readonly address: string;
  readonly tls: boolean;
  /** Nothing that is quiet ends it any more, or (where given) so many seconds of it. */
  keepOpen(seconds?: number): void;
}

export interface PeerRules {
  /** Proxies that are believed. */
  readonly proxyFrom: Networks;
  /** Who is not counted by limits per address. */
  readonly exempt: Networks;
}

/** Who is at the far end. */
export interface Client {
  readonly address: string;
  readonly limitKey: string | null;
  /** The unix socket, which only the operator's own programs reach. */
  readonly local: boolean;
  readonly secure: boolean;
  /** What the client called the host, proxies before us included; '' where it did not. */
  readonly host: string;
}

export function clientOf({ headers }: Request, peer: Peer, rules: PeerRules): Client {
  const local = peer.address === '';
  const proxied = !local && rules.proxyFrom.has(peer.address);
  const address = proxied
    ? behindProxies(peer.address, list(headers.get('x-forwarded-for')), rules.proxyFrom)
    : peer.address;
  return {
    address,
    limitKey: local || rules.exempt.has(address) ? null : addressKey(address),
    local,
    secure: peer.tls || (proxied && list(headers.get('x-forwarded-proto')).at(-1) === 'https'),
    host: (proxied && list(headers.get('x-forwarded-host')).at(-1)) || (headers.get('host') ?? ''),
  };
}

/** From the right, which the nearest proxy wrote, to the first that is no proxy of ours. */
function behindProxies(peer: string, forwarded: readonly string[], proxies: Networks): string {
  let address = peer;
  for (const text of forwarded.toReversed()) {
    const next = addressOf(text);
    // Beyond what is no address, nothing can be told.
    if (next === null) return address;
    address = next;
    if (!proxies.has(address)) return address;
  }
  return address;
}

/** `192.0.2.1`, `2001:db8::1`, and what some proxies make of them: `192.0.2.1:1234`, `[2001:db8::1]:1234`. */
function addressOf(text: string): string | null {
  const bare = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  return isIP(bare) > 0 ? canonicalAddress(bare) : null;
}

function list(header: string | null): readonly string[] {
  return (header ?? '')
    .split(',')
    .map(part => part.trim())
    .filter(part => part !== '');
}
