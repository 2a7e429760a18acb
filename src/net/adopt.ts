/**
 * Listening sockets as descriptors. Bun can take a listening socket over by its descriptor and tell the
 * descriptor of one it has; its types say neither, and it has no `dup`. All of that is here.
 */

/** What Bun puts on every listener, besides what its types say. */
interface WithDescriptor {
  readonly fd: number;
}

/** Owned descriptors of this process: `close` is for one that nothing has taken over. */
export interface Descriptors {
  /** Another descriptor of the same listening socket: its queue of connections stays whole. -1 on failure. */
  duplicate(server: object): number;
  close(fd: number): void;
}

const F_DUPFD_CLOEXEC = 1030;

/** Loaded only when wanted: most parleys never rotate. Null where the C library cannot be called. */
export async function descriptors(): Promise<Descriptors | null> {
  try {
    const { dlopen } = await import('bun:ffi');
    const libc = dlopen('libc.so.6', {
      fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
      close: { args: ['i32'], returns: 'i32' },
    });
    return {
      // The property is there on every Bun listener (see WithDescriptor); a test rotates one.
      duplicate: server => libc.symbols.fcntl((server as WithDescriptor).fd, F_DUPFD_CLOEXEC, 0),
      close: fd => void libc.symbols.close(fd),
    };
  } catch {
    return null;
  }
}

/** Listens on an already listening socket, which is then the listener's own. Throws as `Bun.listen`. */
export function adopt<Data>(
  fd: number,
  options: Bun.SocketOptions<Data> & { readonly tls?: Bun.TLSOptions },
): Bun.SocketListener<Data> {
  // `fd` in place of a name is what Bun takes for this; its types know only names.
  return Bun.listen<Data>({ ...options, fd } as unknown as Bun.UnixSocketOptions<Data>);
}
