/** Listening sockets that nobody accepts from, as systemd holds them: by the C library, since Bun has none. */
import { dlopen } from 'bun:ffi';
import type { Listen } from '../../src/net/address.ts';

const AF_UNIX = 1;
const AF_INET = 2;
const SOCK_STREAM = 1;

const libc = dlopen('libc.so.6', {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  listen: { args: ['i32', 'i32'], returns: 'i32' },
  getsockname: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
  dup: { args: ['i32'], returns: 'i32' },
  close: { args: ['i32'], returns: 'i32' },
}).symbols;

export class Held {
  private constructor(
    readonly fd: number,
    readonly where: Listen,
  ) {}

  /** On a free port of the loopback. */
  static tcp(): Held {
    const address = new Uint8Array(16);
    address.set([AF_INET, 0, 0, 0, 127, 0, 0, 1]);
    const fd = bound(AF_INET, address);
    if (libc.getsockname(fd, address, new Uint32Array([address.length])) !== 0) throw new Error('no name');
    const port = new DataView(address.buffer).getUint16(2);
    return new Held(fd, { kind: 'tcp', host: '127.0.0.1', port, tls: false });
  }

  static unix(path: string): Held {
    const fd = bound(AF_UNIX, Uint8Array.of(AF_UNIX, 0, ...Buffer.from(`${path}\0`)));
    return new Held(fd, { kind: 'unix', path, tls: false });
  }

  /** One more descriptor, to be given away. */
  duplicate(): number {
    return libc.dup(this.fd);
  }

  close(): void {
    libc.close(this.fd);
  }
}

function bound(family: number, address: Uint8Array): number {
  const fd = libc.socket(family, SOCK_STREAM, 0);
  if (libc.bind(fd, address, address.length) !== 0 || libc.listen(fd, 64) !== 0)
    throw new Error('cannot bind');
  return fd;
}
