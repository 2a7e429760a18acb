/** Socket addresses as the kernel writes them (sockaddr_in(7), sockaddr_in6, sockaddr_un): where one is bound. */
import { endianness } from 'node:os';
import { canonicalAddress } from '../chat/address.ts';

/** `host` is `*` for every address, IPv6 and IPv4. A path that starts with `@` is an abstract name. */
export type Bound =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

const AF_UNIX = 1;
const AF_INET = 2;
const AF_INET6 = 10;

/** Null for an address of another kind. `dual`: an IPv6 socket that takes IPv4 connections too. */
export function boundTo(address: Uint8Array, dual: boolean): Bound | null {
  const view = new DataView(address.buffer, address.byteOffset, address.byteLength);
  if (address.length < 2) return null;
  switch (view.getUint16(0, endianness() === 'LE')) {
    case AF_UNIX:
      return { kind: 'unix', path: pathIn(address.subarray(2)) };
    case AF_INET:
      return { kind: 'tcp', host: address.subarray(4, 8).join('.'), port: view.getUint16(2) };
    case AF_INET6: {
      const groups = Array.from({ length: 8 }, (_, at) => view.getUint16(8 + at * 2).toString(16));
      const host = canonicalAddress(groups.join(':'));
      return { kind: 'tcp', host: host === '::' && dual ? '*' : host, port: view.getUint16(2) };
    }
    default:
      return null;
  }
}

function pathIn(bytes: Uint8Array): string {
  const abstract = bytes[0] === 0 && bytes.length > 1;
  const end = bytes.indexOf(0, 1);
  const name = Buffer.from(abstract ? bytes.subarray(1) : bytes.subarray(0, end < 0 ? bytes.length : end));
  return abstract ? `@${name}` : name.toString().replace(/\0$/, '');
}
