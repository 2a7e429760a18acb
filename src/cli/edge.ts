/** The process edge as commands see it: the log, standard output, and the exit codes. */
import type { OpsLog } from '../ops/log.ts';

export const EXIT = {
  ok: 0,
  /** It could not start, or `parley check` found something. */
  failed: 1,
  /** A wrong setting, flag or command. */
  usage: 2,
  /** No parley is running there (`program is not running` of LSB init scripts). */
  nobody: 3,
  /** A bug (`EX_SOFTWARE` of sysexits.h). */
  bug: 70,
} as const;

export interface Edge {
  readonly log: OpsLog;
}

/** What `main` hands to every command; citty passes it on untyped. */
export function edgeOf(data: unknown): Edge {
  return data as Edge;
}

/** Writes all of `text` to standard output; resolves once it is out, or cannot be. */
export function print(text: string): Promise<void> {
  return new Promise(done => process.stdout.write(text, () => done()));
}

/** One line to standard error: what is wrong with a command line. */
export function complain(message: string): void {
  process.stderr.write(`parley: ${message}\n`);
}

/** Advice where `connections` is more than the open files of this process allow. */
export function tooFewFiles(openFiles: number | null, connections: number): string {
  return `this process may have ${openFiles} open files, too few for ${connections} connections. Raise it (ulimit -n, LimitNOFILE=), or lower --connections`;
}
