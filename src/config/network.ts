/** Networks as settings name them (`10.0.0.0/8`, `::1`, `unix`), and whether an address is in one. */
import ipaddr from 'ipaddr.js';
import { Bad, type Kind, quote } from './kind.ts';

/** Whoever comes in through a unix socket, which has no address. */
const UNIX = 'unix';

/** An address, a CIDR range, or `unix`; kept as canonical text. */
export function network(): Kind<string> {
  return {
    hint: 'NETWORK',
    allowed: 'addresses such as 192.0.2.7, ranges such as 10.0.0.0/8 or fd00::/8, and unix',
    parse: text => {
      if (text === UNIX) return UNIX;
      const range = parseRange(text);
      return range ? showRange(range) : new Bad(`${quote(text)} is neither an address nor a range`);
    },
    show: value => value,
  };
}

/**
 * Answers whether an address (IPv4, IPv6, IPv4 mapped into IPv6, or `unix`) lies in one of the networks.
 * What is no address at all lies in none.
 */
export function inNetworks(networks: readonly string[]): (address: string) => boolean {
  const unix = networks.includes(UNIX);
  const ranges = networks.flatMap(text => parseRange(text) ?? []);
  return address => {
    if (address === UNIX) return unix;
    if (ranges.length === 0 || !ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    return ranges.some(range => parsed.kind() === range.base.kind() && parsed.match(range.base, range.bits));
  };
}

interface Range {
  readonly base: ipaddr.IPv4 | ipaddr.IPv6;
  readonly bits: number;
}

function parseRange(text: string): Range | null {
  const [address = '', length, ...rest] = text.split('/');
  const four = ipaddr.IPv4.isValidFourPartDecimal(address);
  if (rest.length > 0 || !(four || ipaddr.IPv6.isValid(address)) || address.includes('%')) return null;
  const parsed = ipaddr.parse(address);
  const most = four ? 32 : 128;
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return null;
  const bits = length === undefined ? most : Number(length);
  if (bits > most) return null;
  // A range of mapped addresses is the IPv4 range: that is what a dual-stack socket's peers are compared as.
  if (parsed instanceof ipaddr.IPv6 && parsed.isIPv4MappedAddress() && bits >= 96) {
    return { base: parsed.toIPv4Address(), bits: bits - 96 };
  }
  return { base: parsed, bits };
}

function showRange({ base, bits }: Range): string {
  const whole = bits === (base.kind() === 'ipv4' ? 32 : 128);
  return whole ? base.toString() : `${base.toString()}/${bits}`;
}
