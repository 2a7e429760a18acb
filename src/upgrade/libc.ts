/**
 * What the C library does for an upgrade: another program in the place of this one, descriptors that stay open
 * for it, and a file in memory to tell it what they are.
 */

export interface Libc {
  /** A new file in memory, this program's own. -1 on failure. */
  memoryFile(name: string): number;
  /** Whether the next program inherits a descriptor. */
  inherit(fd: number, on: boolean): void;
  /** From now on, for the next program too, until it says otherwise, these signals do nothing. */
  ignore(signals: readonly number[]): void;
  /** Puts a program in the place of this one, under the same process id. Returns only where that failed. */
  become(path: string, argv: readonly string[], env: Readonly<Record<string, string | undefined>>): void;
  close(fd: number): void;
}

const F_SETFD = 2;
const FD_CLOEXEC = 1;
const MFD_CLOEXEC = 1;
const SIG_IGN = 1;

/** Null where the C library cannot be called. */
export async function loadLibc(): Promise<Libc | null> {
  try {
    const { dlopen, ptr } = await import('bun:ffi');
    const c = dlopen('libc.so.6', {
      memfd_create: { args: ['ptr', 'u32'], returns: 'i32' },
      fcntl: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
      signal: { args: ['i32', 'u64'], returns: 'u64' },
      execve: { args: ['ptr', 'ptr', 'ptr'], returns: 'i32' },
      close: { args: ['i32'], returns: 'i32' },
    }).symbols;
    /** A NULL-terminated array of strings, which are to be held on to for as long as it is wanted. */
    const pointers = (strings: readonly Buffer[]) =>
      BigUint64Array.from([...strings.map(string => BigInt(ptr(string))), 0n]);
    return {
      memoryFile: name => c.memfd_create(text(name), MFD_CLOEXEC),
      inherit: (fd, on) => void c.fcntl(fd, F_SETFD, on ? 0 : FD_CLOEXEC),
      ignore: signals => {
        for (const signal of signals) c.signal(signal, SIG_IGN);
      },
      become: (path, argv, env) => {
        const args = argv.map(text);
        const pairs = Object.entries(env).flatMap(([name, value]) =>
          value === undefined ? [] : [text(`${name}=${value}`)],
        );
        c.execve(text(path), pointers(args), pointers(pairs));
      },
      close: fd => void c.close(fd),
    };
  } catch {
    return null;
  }
}

function text(string: string): Buffer {
  return Buffer.from(`${string}\0`);
}
