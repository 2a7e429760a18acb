/** The parley that runs on these settings, if one does: how it is, and what is its own. */
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listenerOn } from '../../bench/processes.ts';
import { VERSION } from '../../version.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

export interface RunningParley {
  readonly socket: string;
  /** Null where that cannot be told. */
  readonly pid: number | null;
  readonly findings: readonly Finding[];
}

const PATIENCE = 5000;

/** Asks at the sockets it may have; null where nobody answers. */
export async function findRunning(sockets: readonly string[], data: string): Promise<RunningParley | null> {
  for (const socket of sockets) {
    const ready = await get(socket, '/readyz');
    if (!ready) continue;
    const pid = holderOf(join(data, 'parley.lock'));
    return { socket, pid, findings: [health(socket, pid, ready), ...(await versions(socket))] };
  }
  return null;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function health(socket: string, pid: number | null, { status, text }: Answer): Finding {
  const about = 'running';
  const who = pid === null ? `parley answers on ${socket}` : `parley (process ${pid}) answers on ${socket}`;
  if (status === 200) return ok(about, `${who} and is ready`);
  const why = text.trim();
  if (status === 503)
    return wrong(about, `${who} and is not ready: ${why}. See its log: journalctl -u parley`);
  return warning(about, `${who}, but in a way this parley does not know (${status})`);
}

async function versions(socket: string): Promise<readonly Finding[]> {
  const metrics = await get(socket, '/metrics');
  const running = /^parley_build_info\{version="([^"]*)"\} 1$/m.exec(metrics?.text ?? '')?.[1];
  return running === undefined || running === VERSION
    ? []
    : [
        warning(
          'version',
          `${running} is running, this is ${VERSION}. To change over: systemctl reload parley, or restart it`,
        ),
      ];
}

async function get(socket: string, path: string): Promise<Answer | null> {
  try {
    const answer = await fetch(`http://parley${path}`, {
      unix: socket,
      signal: AbortSignal.timeout(PATIENCE),
    });
    return { status: answer.status, text: await answer.text() };
  } catch {
    return null;
  }
}

/** Who has a lock on a file, by its inode; null where nobody has, or it cannot be seen. */
export function holderOf(file: string): number | null {
  try {
    const { ino } = statSync(file);
    const locks = readFileSync('/proc/locks', 'utf8');
    const line = new RegExp(`^\\d+: \\S+ +\\S+ +WRITE (\\d+) [0-9a-f]+:[0-9a-f]+:${ino} `, 'm').exec(locks);
    return Number(line?.[1]) || null;
  } catch {
    return null;
  }
}

/** How many files a process may have open; null where that cannot be seen. */
export function openFilesOf(pid: number | null): number | null {
  try {
    const limits = readFileSync(`/proc/${pid}/limits`, 'utf8');
    return Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1]) || null;
  } catch {
    return null;
  }
}

/** What is to be said of a port that is in use: whose it is, if that can be seen. */
export function ownerOf(port: number, running: RunningParley | null): { ours: boolean; who: string } {
  const pid = listenerOn(port);
  if (pid === null) return { ours: running !== null, who: 'a process that this user cannot see' };
  if (pid === 1) return { ours: true, who: 'systemd, for parley.socket as it seems' };
  if (running !== null && pid === running.pid) return { ours: true, who: 'the running parley' };
  return { ours: false, who: `process ${pid} (${nameOf(pid)})` };
}

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return 'gone by now';
  }
}
