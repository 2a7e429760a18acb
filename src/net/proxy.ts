/**
 * The PROXY protocol, versions 1 and 2: how a proxy says, in front of everything else, whose connection it
 * passes on. Pure and strict. The specification is HAProxy's `proxy-protocol.txt`; its sections are named
 * below. Not checked: the optional CRC32C of version 2 (2.2.3). Not used: what else its TLVs say.
 */
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';
import { canonicalAddress } from '../chat/address.ts';

export interface ProxySource {
  readonly address: string;
  readonly port: number;
}

/** `length`: the bytes of the header. `source` null: the proxy speaks for itself, its own address counts. */
export type ProxyHeader =
  | { readonly state: 'more' }
  | { readonly state: 'done'; readonly length: number; readonly source: ProxySource | null }
  | { readonly state: 'bad'; readonly why: string };

/** The longest version 1 header, with its CRLF (2.1). */
const V1_BYTES = 107;
const V1_SIGNATURE = new TextEncoder().encode('PROXY ');
const V2_SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
const V2_FIXED = 16;
/** The most that may follow the fixed part: addresses and TLVs. */
const V2_REST = 4096;
const LF = 0x0a;

const MORE: ProxyHeader = { state: 'more' };

/** Reads the header at the start of `bytes`; `more` while what there is could still become one. */
export function parseProxy(bytes: Uint8Array): ProxyHeader {
  if (begins(bytes, V1_SIGNATURE)) return bytes.length < V1_SIGNATURE.length ? MORE : parseV1(bytes);
  if (begins(bytes, V2_SIGNATURE)) return bytes.length < V2_FIXED ? MORE : parseV2(bytes);
  return bad('it is missing');
}

/** Version 1: one line of text (2.1). */
function parseV1(bytes: Uint8Array): ProxyHeader {
  const lf = bytes.subarray(0, V1_BYTES).indexOf(LF);
  if (lf < 0) return bytes.length < V1_BYTES ? MORE : bad(`it is longer than ${V1_BYTES} bytes`);
  const line = Buffer.from(bytes.buffer, bytes.byteOffset, lf + 1).toString('latin1');
  // "The receiver must ignore anything presented before the CRLF" of an unknown protocol.
  if (/^PROXY UNKNOWN( [^\r\n]*)?\r\n$/.test(line)) return done(lf + 1, null);
  const match = /^PROXY TCP([46]) (\S+) (\S+) (\d{1,5}) (\d{1,5})\r\n$/.exec(line);
  if (!match) return bad('it is not PROXY TCP4|TCP6 SOURCE DESTINATION PORT PORT');
  const [, version, source = '', destination = '', from = '', to = ''] = match;
  const isAddress = version === '4' ? isIPv4 : isStrictIPv6;
  if (!isAddress(source) || !isAddress(destination)) return bad('an address in it is none');
  if (!isPort(from) || !isPort(to)) return bad('a port in it is none');
  return done(lf + 1, { address: canonicalAddress(source), port: Number(from) });
}

/** Version 2: binary (2.2). */
function parseV2(bytes: Uint8Array): ProxyHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const command = view.getUint8(12);
  const family = view.getUint8(13);
  const rest = view.getUint16(14);
  if (command !== 0x20 && command !== 0x21) return bad('its version is not 2, or its command unknown');
  if (rest > V2_REST) return bad(`it is longer than ${V2_FIXED + V2_REST} bytes`);
  const length = V2_FIXED + rest;
  if (bytes.length < length) return MORE;
  // LOCAL: the proxy's own connection, a health check. UNSPEC and unix sockets: no address to tell.
  if (command === 0x20 || family === 0x00 || family === 0x31) return done(length, null);
  const size = family === 0x11 ? 4 : family === 0x21 ? 16 : 0;
  if (size === 0) return bad('it is not about a TCP connection');
  const tlvs = V2_FIXED + 2 * size + 4;
  if (tlvs > length || !areTlvs(view, tlvs, length)) return bad('it is shorter than what it says');
  const ip = ipaddr.fromByteArray([...bytes.subarray(V2_FIXED, V2_FIXED + size)]);
  return done(length, {
    address: canonicalAddress(ip.toString()),
    port: view.getUint16(V2_FIXED + 2 * size),
  });
}

/** Whether type, length and value follow each other right up to the end (2.2, "TLV"). */
function areTlvs(view: DataView, at: number, end: number): boolean {
  while (at + 3 <= end) at += 3 + view.getUint16(at + 1);
  return at === end;
}

/** Whether one is the beginning of the other. */
function begins(bytes: Uint8Array, signature: Uint8Array): boolean {
  const length = Math.min(bytes.length, signature.length);
  for (let i = 0; i < length; i++) if (bytes[i] !== signature[i]) return false;
  return true;
}

function isStrictIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d*)$/.test(text) && Number(text) <= 65_535;
}

function done(length: number, source: ProxySource | null): ProxyHeader {
  return { state: 'done', length, source };
}

function bad(why: string): ProxyHeader {
  return { state: 'bad', why };
}
