/** The program that runs, as a file: where it was started from, and whether there is another one there now. */
import { readFileSync, readlinkSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

/** A process as `/proc` shows it. */
const SELF = '/proc/self/exe';

export class Program {
  private constructor(
    /** Where it was started from. */
    readonly path: string,
    /** As it was started, its name first. */
    readonly argv: readonly string[],
    private readonly identity: string,
  ) {}

  /** Null where this is not a program of one file: run from its source, there is nothing to replace. */
  static running(): Program | null {
    if (!Bun.isStandaloneExecutable) return null;
    const argv = readFileSync('/proc/self/cmdline', 'utf8').split('\0').slice(0, -1);
    const identity = identityOf(SELF);
    return identity === null ? null : new Program(pathOf(argv[0] ?? '', identity), argv, identity);
  }

  /** Another file is in its place. False while there is none. */
  get replaced(): boolean {
    const there = identityOf(this.path);
    return there !== null && there !== this.identity;
  }

  /** This very program, also where its file is gone. */
  get itself(): string {
    return SELF;
  }
}

/** As it was called, so that a link is followed anew; where it was looked up in PATH, what was found there. */
function pathOf(called: string, identity: string): string {
  const found = readlinkSync(SELF);
  const gone = found.endsWith(GONE);
  const asCalled = resolve(called);
  if (called.includes('/') && (gone || identityOf(asCalled) === identity)) return asCalled;
  return gone ? found.slice(0, -GONE.length) : found;
}

/** How the kernel marks the path of a file that is there no more. */
const GONE = ' (deleted)';

/** Which file this is, and in which state; null where there is none. */
export function identityOf(path: string): string | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat ? [stat.dev, stat.ino, stat.size, stat.mtimeMs].join(' ') : null;
}
