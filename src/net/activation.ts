/**
 * Socket activation (sd_listen_fds(3)): listening sockets that systemd holds and passes on a start. Whoever
 * connects while nobody listens waits in their queue.
 */
import { type Refusal, refusal } from '../chat/errors.ts';
import type { Listen } from './address.ts';
import { descriptors } from './adopt.ts';

/** A descriptor, and what its unit calls it (`FileDescriptorName=`); '' where nothing was said. */
export interface Passed {
  readonly fd: number;
  readonly name: string;
}

/** A socket that listens already, and where. */
export interface Inherited {
  readonly fd: number;
  readonly where: Listen;
  /** The file of a unix socket is parley's own: it goes when parley stops. */
  readonly own?: true;
}

const FIRST = 3;
/** Of the names a unit may give; TLS is spoken on the second. */
const PLAIN = 'chat';
const TLS = 'chat-tls';

/** What was passed to this process. The variables that say so go, so that no child takes it for its own. */
export function takePassed(env: Record<string, string | undefined>, pid: number): readonly Passed[] {
  const { LISTEN_PID: whose, LISTEN_FDS: count = '', LISTEN_FDNAMES: names } = env;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES', 'LISTEN_PIDFDID']) delete env[name];
  if (whose !== String(pid) || !/^\d{1,6}$/.test(count)) return [];
  const called = names?.split(':') ?? [];
  return Array.from({ length: Number(count) }, (_, at) => ({ fd: FIRST + at, name: called[at] ?? '' }));
}

/** The chat's sockets among `passed`, which is to be all there are. Refused with `cannot-listen`. */
export async function inherit(passed: readonly Passed[]): Promise<readonly Inherited[] | Refusal> {
  if (passed.length === 0) return [];
  const fds = await descriptors();
  const sockets: Inherited[] = [];
  for (const { fd, name } of passed) {
    const where = `${name === '' ? 'the socket' : JSON.stringify(name)} that systemd passed`;
    if (!['', PLAIN, TLS].includes(name))
      return refusal('cannot-listen', where, `say what it is for: FileDescriptorName=${PLAIN}, or ${TLS}`);
    const bound = fds?.claim(fd) ?? null;
    if (bound === null)
      return refusal(
        'cannot-listen',
        where,
        'it does not listen. Its unit wants ListenStream= and Accept=no',
      );
    sockets.push({ fd, where: { ...bound, tls: name === TLS } });
  }
  return sockets;
}
