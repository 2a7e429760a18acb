/**
 * Addresses of peers, purely: one spelling for each, the key that limits per address count by, and ranges.
 *
 * An address is text: IPv4, or IPv6 as RFC 5952 writes it; '' is a peer behind a unix socket, which has none.
 * An IPv4 address mapped into IPv6 (what a dual-stack socket calls an IPv4 peer) is the IPv4 address.
 */
import ipaddr from 'ipaddr.js';

type Ip = ipaddr.IPv4 | ipaddr.IPv6;

interface Range {
  readonly base: Ip;
  readonly bits: number;
}

/** How a list of networks names peers behind a unix socket. */
const UNIX = 'unix';

/** What a dual-stack socket calls an IPv4 peer. */
const MAPPED = /^::ffff:(\d{1,3}(?:\.\d{1,3}){3})$/;

/** The one spelling of an address, without a zone; text that is no address stays as it is. */
export function canonicalAddress(text: string): string {
  // Nearly every peer: IPv4 as the kernel writes it, which is canonical, behind the mapping or without.
  if (!text.includes(':')) return text;
  return MAPPED.exec(text)?.[1] ?? parseIp(text)?.toString() ?? text;
}

/** What a limit per address counts by: IPv4 whole, IPv6 by its /64 (which one customer has), unix ''. */
export function addressKey(address: string): string {
  // Most peers: no colon, so nothing to cut off.
  if (!address.includes(':')) return address;
  const ip = parseIp(address);
  if (ip === null) return address;
  return ip instanceof ipaddr.IPv4 ? ip.toString() : showRange(masked(ip, 64));
}

/**
 * The canonical form of an address or a CIDR range, null where it is neither: `10.1.2.3/8` is `10.0.0.0/8`,
 * a range of one is the address, and a range of mapped IPv4 addresses is the IPv4 range.
 */
export function parseRange(text: string): string | null {
  const range = readRange(text);
  return range && showRange(range);
}

/** Whether an address is the given one, or lies in the given CIDR range. What is no address lies nowhere. */
export function addressInRange(address: string, cidrOrAddress: string): boolean {
  const ip = parseIp(address);
  const range = readRange(cidrOrAddress);
  return ip !== null && range !== null && contains(range, ip);
}

/** A set of networks. */
export class Networks {
  private readonly ranges: readonly Range[];
  private readonly unix: boolean;

  /** Addresses, CIDR ranges and `unix`, as `parseRange` reads them; what it cannot read is left out. */
  constructor(list: readonly string[]) {
    this.unix = list.includes(UNIX);
    this.ranges = list.flatMap(text => readRange(text) ?? []);
  }

  /** Whether a peer is of these networks; '' (a unix socket) is where `unix` was named. */
  has(address: string): boolean {
    if (address === '') return this.unix;
    if (this.ranges.length === 0) return false;
    const ip = parseIp(address);
    return ip !== null && this.ranges.some(range => contains(range, ip));
  }
}

/** The address that was parsed last: peers come in rows from the same one. */
let last: { readonly text: string; readonly ip: Ip | null } = { text: '', ip: null };

/** The address, or null where it is none. */
function parseIp(text: string): Ip | null {
  if (text !== last.text) last = { text, ip: parseNewIp(text) };
  return last.ip;
}

/** Strict where the library is not: no octal, hexadecimal or shortened IPv4. */
function parseNewIp(text: string): Ip | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  if (!bare.includes(':') || !ipaddr.IPv6.isValid(bare)) return null;
  const ip = ipaddr.IPv6.parse(bare);
  return ip.isIPv4MappedAddress() ? ip.toIPv4Address() : ip;
}

function readRange(text: string): Range | null {
  const match = /^([^/%]*)(?:\/(\d{1,3}))?$/.exec(text);
  const ip = match && parseIp(match[1] ?? '');
  if (!match || !ip) return null;
  const mapped = ip instanceof ipaddr.IPv4 && text.includes(':');
  const most = ip instanceof ipaddr.IPv4 && !mapped ? 32 : 128;
  const bits = match[2] === undefined ? most : Number(match[2]);
  if (bits > most) return null;
  if (!mapped) return masked(ip, bits);
  // Wider than the mapped addresses: what was meant is a range of IPv6.
  return bits >= 96 ? masked(ip, bits - 96) : masked(ip.toIPv4MappedAddress(), bits);
}

function masked(ip: Ip, bits: number): Range {
  const bytes = ip.toByteArray().map((byte, i) => {
    const kept = Math.min(Math.max(bits - i * 8, 0), 8);
    return byte & (0xff00 >> kept) & 0xff;
  });
  return { base: ipaddr.fromByteArray(bytes), bits };
}

function contains(range: Range, ip: Ip): boolean {
  return ip.kind() === range.base.kind() && ip.match(range.base, range.bits);
}

function showRange({ base, bits }: Range): string {
  return bits === base.toByteArray().length * 8 ? base.toString() : `${base.toString()}/${bits}`;
}
