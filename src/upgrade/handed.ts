/** What a program that took the place of another finds, or one that was started after it. */
import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { type Refusal, refusal } from '../chat/errors.ts';
import type { Passed } from '../net/activation.ts';
import { inodeOf } from './fdstore.ts';
import { loadLibc } from './libc.ts';
import { readState } from './read.ts';
import { descriptorsIn, type HandoverState, STORED, VARIABLE } from './state.ts';

export interface Handed {
  /** This process was the other program. */
  readonly inPlace: boolean;
  readonly state: HandoverState;
  /** Closes a descriptor that nothing goes on with. */
  close(fd: number): void;
}

/** What was handed over; the variable that says where it is goes. */
export async function takeHanded(env: Record<string, string | undefined>): Promise<Handed | Refusal> {
  const fd = Number(env[VARIABLE]);
  delete env[VARIABLE];
  const libc = await loadLibc();
  if (!Number.isInteger(fd) || !libc) return refusal('handover-lost', 'what was handed over is not there');
  const state = readState(readFileSync(`/proc/self/fd/${fd}`, 'utf8'));
  closeSync(fd);
  if (typeof state === 'string') return refusal('handover-lost', state);
  for (const each of descriptorsIn(state)) libc.inherit(each, false);
  return { inPlace: true, state, close: libc.close };
}

/**
 * What systemd kept over a restart, among all that it passed; null where it kept nothing. Where that cannot be
 * gone on with, its connections are closed.
 */
export async function takeStored(passed: readonly Passed[]): Promise<Handed | Refusal | null> {
  const fds = passed.flatMap(({ fd, name }) => (name === STORED ? [fd] : []));
  if (fds.length === 0) return null;
  const [file] = fds.filter(fd => fstatSync(fd).isFile());
  const libc = await loadLibc();
  const state =
    file === undefined
      ? 'what they were is missing'
      : readState(readFileSync(`/proc/self/fd/${file}`, 'utf8'));
  if (libc && typeof state !== 'string')
    return { inPlace: false, state: renumbered(state, fds), close: libc.close };
  for (const fd of fds) closeSync(fd);
  return refusal('handover-lost', typeof state === 'string' ? state : 'the C library cannot be called here');
}

/** The state with the numbers that its descriptors have here; what is none of them is closed. */
function renumbered(state: HandoverState, fds: readonly number[]): HandoverState {
  const inodes = new Map(state.inodes.map(({ fd, inode }) => [fd, inode]));
  const here = new Map(fds.map(fd => [inodeOf(fd), fd]));
  const clients = state.clients.flatMap(({ link, client }) => {
    const fd = here.get(inodes.get(link.fd) ?? -1);
    return fd === undefined ? [] : [{ link: { ...link, fd }, client }];
  });
  const wanted = new Set(clients.map(({ link }) => link.fd));
  for (const fd of fds) if (!wanted.has(fd)) closeSync(fd);
  return { ...state, clients };
}
