/**
 * The socket of the service manager, by the C library: Bun itself has no unix datagrams. A message is a few
 * dozen bytes, and handed over at once.
 */
import { dlopen } from 'bun:ffi';
import type { Manager } from './notify.ts';

const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0o2000002;
const MSG_NOSIGNAL = 0x4000;
const CLOCK_MONOTONIC = 1;
/** `sun_path` of sockaddr_un(7). */
const PATH_BYTES = 108;

/** Or why it cannot be reached. */
export function reachManager(path: string): Manager | string {
  const address = addressOf(path);
  if (address === null) return 'it is neither an absolute path nor an abstract name (@…), or it is too long';
  try {
    const { socket, sendto, clock_gettime } = libc();
    const fd = socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (fd < 0) return 'the system gives no unix socket';
    return {
      send: message => {
        const bytes = Buffer.from(message);
        return (
          Number(sendto(fd, bytes, bytes.length, MSG_NOSIGNAL, address, address.length)) === bytes.length
        );
      },
      microseconds: () => {
        const time = new BigInt64Array(2);
        clock_gettime(CLOCK_MONOTONIC, time);
        const [seconds = 0n, nanoseconds = 0n] = time;
        return seconds * 1_000_000n + nanoseconds / 1000n;
      },
    };
  } catch {
    return 'the C library cannot be called here';
  }
}

function libc() {
  return dlopen('libc.so.6', {
    socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
    sendto: { args: ['i32', 'ptr', 'u64', 'i32', 'ptr', 'u32'], returns: 'i64' },
    clock_gettime: { args: ['i32', 'ptr'], returns: 'i32' },
  }).symbols;
}

/** A sockaddr_un(7); null where `path` is none. An abstract name starts with NUL in place of `@`. */
export function addressOf(path: string): Buffer | null {
  const abstract = path.startsWith('@');
  const name = Buffer.from(abstract ? `\0${path.slice(1)}` : `${path}\0`);
  if (!(abstract || path.startsWith('/')) || name.length > PATH_BYTES) return null;
  const family = Buffer.alloc(2);
  new Uint16Array(family.buffer, family.byteOffset, 1)[0] = AF_UNIX;
  return Buffer.concat([family, name]);
}
