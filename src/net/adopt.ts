/**
 * Listening sockets as descriptors. Bun can take a listening socket over by its descriptor and tell the
 * descriptor of one it has; its types say neither, and it has no `dup`. All of that is here.
 */
import { type Bound, boundTo } from './bound.ts';

/** What Bun puts on every listener and every socket, besides what its types say. */
interface WithDescriptor {
  readonly fd: number;
}

/** Owned descriptors of this process: `close` is for one that nothing has taken over. */
export interface Descriptors {
  /** Another descriptor of the same listening socket: its queue of connections stays whole. -1 on failure. */
  duplicate(server: object): number;
  close(fd: number): void;
  /**
   * Where a listening stream socket that was there before this process listens; null where the descriptor is
   * none. From then on no child inherits it.
   */
  claim(fd: number): Bound | null;
}

const F_SETFD = 2;
const F_DUPFD_CLOEXEC = 1030;
const FD_CLOEXEC = 1;
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SO_ACCEPTCONN = 30;
const SOCK_STREAM = 1;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
/** `sizeof(struct sockaddr_storage)`. */
const ADDRESS_BYTES = 128;

/** Loaded only when wanted: most parleys never rotate. Null where the C library cannot be called. */
export async function descriptors(): Promise<Descriptors | null> {
  try {
    const { dlopen } = await import('bun:ffi');
    const { fcntl, close, getsockname, getsockopt } = dlopen('libc.so.6', {
      fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
      close: { args: ['i32'], returns: 'i32' },
      getsockname: { args: ['i32', 'ptr', 'ptr'], returns: 'i32' },
      getsockopt: { args: ['i32', 'i32', 'i32', 'ptr', 'ptr'], returns: 'i32' },
    }).symbols;
    /** Null where the socket has no such option, or is no socket. */
    const option = (fd: number, level: number, name: number): number | null => {
      const value = new Int32Array(1);
      const failed = getsockopt(fd, level, name, value, new Uint32Array([value.byteLength])) !== 0;
      return failed ? null : (value[0] ?? null);
    };
    return {
      // The property is there on every Bun listener (see WithDescriptor); a test rotates one.
      duplicate: server => fcntl((server as WithDescriptor).fd, F_DUPFD_CLOEXEC, 0),
      close: fd => void close(fd),
      claim: fd => {
        if (option(fd, SOL_SOCKET, SO_TYPE) !== SOCK_STREAM) return null;
        if (option(fd, SOL_SOCKET, SO_ACCEPTCONN) !== 1) return null;
        const address = new Uint8Array(ADDRESS_BYTES);
        const length = new Uint32Array([ADDRESS_BYTES]);
        if (getsockname(fd, address, length) !== 0) return null;
        fcntl(fd, F_SETFD, FD_CLOEXEC);
        return boundTo(address.subarray(0, length[0]), option(fd, IPPROTO_IPV6, IPV6_V6ONLY) === 0);
      },
    };
  } catch {
    return null;
  }
}

/** The descriptor of a listener or a socket; -1 where it is closed. */
export function descriptorOf(socket: object): number {
  return (socket as WithDescriptor).fd;
}

/** Goes on with a connection that was accepted before. Throws or rejects where it is none. */
export async function adoptConnection<Data>(fd: number, options: Bun.SocketOptions<Data>): Promise<void> {
  // As with a listener, below.
  await Bun.connect<Data>({ ...options, fd } as unknown as Bun.UnixSocketOptions<Data>);
}

/** Listens on an already listening socket, which is then the listener's own. Throws as `Bun.listen`. */
export function adopt<Data>(
  fd: number,
  options: Bun.SocketOptions<Data> & { readonly tls?: Bun.TLSOptions },
): Bun.SocketListener<Data> {
  // `fd` in place of a name is what Bun takes for this; its types know only names.
  return Bun.listen<Data>({ ...options, fd } as unknown as Bun.UnixSocketOptions<Data>);
}
