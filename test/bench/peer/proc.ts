/** What the kernel says in /proc beyond src/bench/processes.ts: which program runs, and how busy a core is. */
import { readFileSync } from 'node:fs';

/** Ticks a second of the times in /proc: 100 on every Linux there is. */
const TICKS = 100;

/** The name of the program that a process runs, as far as the kernel keeps it: `PROGRAM_LENGTH` characters. */
export function programOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}
export const PROGRAM_LENGTH = 15;

/** ms that processes (or the host) have kept a core busy since the machine started. */
export function busyOf(core: number): number {
  const stat = readFileSync('/proc/stat', 'utf8');
  const fields = new RegExp(`^cpu${core} (.*)$`, 'm').exec(stat)?.[1]?.split(' ').map(Number) ?? [];
  // Interrupts are left out: they are those of the packets that are measured.
  const [user = 0, nice = 0, system = 0, , , , , steal = 0] = fields;
  return ((user + nice + system + steal) * 1000) / TICKS;
}

/** How many files a process here may have open, when it asks for all it may have. */
export function mostOpenFiles(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const most = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  return most === 'unlimited' ? Number.POSITIVE_INFINITY : Number(most);
}
