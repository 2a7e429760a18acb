/** What the kernel says in /proc: a process's time and memory, whose a port is, and how busy all cores were. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Ticks a second of the times in /proc: 100 on every Linux there is. */
const TICKS = 100;

/** ms of processor time that a process has used, by all of its threads. */
export function cpuOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
}

/** Bytes of a process that are resident. */
export function residentOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024;
}

/** The name of the program that a process runs, as far as the kernel keeps it (15 characters). */
export function programOf(pid: number): string {
  return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
}

/** Whether the process itself listens on that port of 127.0.0.1: what is measured is what is talked to. */
export function listensOn(pid: number, port: number): boolean {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const sockets = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map(line => line.trim().split(/\s+/))
    // 0A: listening.
    .filter(fields => fields[1] === local && fields[3] === '0A')
    .map(fields => `socket:[${fields[9]}]`);
  return readdirSync(`/proc/${pid}/fd`).some(fd => sockets.includes(linkOf(`/proc/${pid}/fd/${fd}`)));
}

/** ms that all cores together were busy since the machine started, what its host took from them included. */
export function busyOfAll(): number {
  const fields = /^cpu\s+(.*)$/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1]?.split(' ').map(Number) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
  return ((user + nice + system + irq + softirq + steal) * 1000) / TICKS;
}

/** How many files a process here may have open, when it asks for all it may have. */
export function mostOpenFiles(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const most = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1];
  return most === 'unlimited' ? Number.POSITIVE_INFINITY : Number(most);
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed since it was listed.
    return '';
  }
}
