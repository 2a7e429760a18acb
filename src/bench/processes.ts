/** Other processes seen from outside, through /proc, and this one put on a core. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface Memory {
  /** Bytes that the kernel counts as resident. */
  readonly resident: number;
  /** The part of them that is the process's own, without mapped files. */
  readonly own: number;
  /** The most that was ever resident. */
  readonly peak: number;
}

/** Ticks a second of the times in /proc: 100 on every Linux there is. */
const TICKS = 100;
/** A listening socket, in /proc/net/tcp. */
const LISTENS = '0A';

/** Throws where the process is gone. */
export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const bytes = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
  return { resident: bytes('VmRSS'), own: bytes('RssAnon'), peak: bytes('VmHWM') };
}

/** ms of processor time used so far, by all threads of the process. Throws where it is gone. */
export function processorTimeOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

/** The process that listens on a TCP port; null where that cannot be seen. */
export function listenerOn(port: number): number | null {
  const sockets = new Set([...listening('/proc/net/tcp', port), ...listening('/proc/net/tcp6', port)]);
  if (sockets.size === 0) return null;
  for (const name of readdirSync('/proc')) {
    if (/^\d+$/.test(name) && openFiles(name).some(file => sockets.has(file))) return Number(name);
  }
  return null;
}

/** Puts this process, all of its threads, on a core. False: it could not be done. */
export function pin(core: number): boolean {
  if (Bun.which('taskset') === null) return false;
  return Bun.spawnSync(['taskset', '-acp', String(core), String(process.pid)]).exitCode === 0;
}

/** `socket:[INODE]` of those that listen on the port. */
function listening(table: string, port: number): string[] {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return unlessGone(() => readFileSync(table, 'utf8'), '')
    .split('\n')
    .map(row => row.trim().split(/\s+/))
    .filter(fields => fields[1]?.endsWith(local) && fields[3] === LISTENS)
    .map(fields => `socket:[${fields[9]}]`);
}

function openFiles(process: string): string[] {
  const folder = `/proc/${process}/fd`;
  return unlessGone(() => readdirSync(folder), []).map(name =>
    unlessGone(() => readlinkSync(`${folder}/${name}`), ''),
  );
}

/** Processes and files come and go, and some are not ours to look at. */
function unlessGone<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}
