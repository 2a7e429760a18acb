/** A service manager that keeps descriptors: what systemd does over a restart, without it. */
import { dlopen, ptr } from 'bun:ffi';

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0o2000002;
const MSG_DONTWAIT = 0x40;
const MSG_CMSG_CLOEXEC = 0x40000000;
/** The size of cmsghdr (cmsg(3)). */
const CONTROL_BYTES = 16;

const libc = dlopen('libc.so.6', {
  socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
  bind: { args: ['i32', 'ptr', 'u32'], returns: 'i32' },
  recvmsg: { args: ['i32', 'ptr', 'i32'], returns: 'i64' },
  close: { args: ['i32'], returns: 'i32' },
}).symbols;

export interface Kept {
  readonly text: string;
  readonly fds: readonly number[];
}

export class Keeper {
  private constructor(
    /** For `NOTIFY_SOCKET`. */
    readonly path: string,
    private readonly fd: number,
  ) {}

  static open(path: string): Keeper {
    const fd = libc.socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    const address = Buffer.concat([Uint8Array.of(AF_UNIX, 0), Buffer.from(`${path}\0`)]);
    if (libc.bind(fd, address, address.length) !== 0) throw new Error(`cannot bind ${path}`);
    return new Keeper(path, fd);
  }

  /** Everything it was told so far. */
  all(): Kept[] {
    const messages: Kept[] = [];
    for (let message = this.next(); message; message = this.next()) messages.push(message);
    return messages;
  }

  private next(): Kept | null {
    const bytes = new Uint8Array(4096);
    const control = new Uint8Array(2048);
    const vector = BigUint64Array.of(BigInt(ptr(bytes)), BigInt(bytes.length));
    const message = BigUint64Array.of(0n, 0n, BigInt(ptr(vector)), 1n, BigInt(ptr(control)), 2048n, 0n);
    const length = Number(libc.recvmsg(this.fd, message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC));
    if (length < 0) return null;
    const size = Number(message[5]) === 0 ? 0 : Number(new BigUint64Array(control.buffer, 0, 1)[0]);
    const fds =
      size === 0 ? [] : [...new Int32Array(control.buffer, CONTROL_BYTES, (size - CONTROL_BYTES) / 4)];
    return { text: Buffer.from(bytes.subarray(0, length)).toString(), fds };
  }

  close(): void {
    libc.close(this.fd);
  }
}

export function closeAll(fds: readonly number[]): void {
  for (const fd of fds) libc.close(fd);
}
