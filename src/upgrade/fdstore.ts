/**
 * Descriptors that systemd keeps over a restart of its service (sd_pid_notify_with_fds(3)). Its service has to
 * allow it, `FileDescriptorStoreMax=`, and the variable FDSTORE has to say so: systemd sets it from 254 on.
 */
import { fstatSync } from 'node:fs';
import { addressOf } from '../ops/notify-socket.ts';
import { STORED } from './state.ts';

/** What one message may carry (SCM_MAX_FD, unix(7)). */
const AT_ONCE = 253;
const AF_UNIX = 1;
const SOCK_DGRAM_CLOEXEC = 0o2000002;
const MSG_NOSIGNAL = 0x4000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** Sizes of msghdr(3type), iovec(3type) and cmsghdr (cmsg(3)) where a pointer has 8 bytes. */
const MESSAGE_BYTES = 56;
const VECTOR_BYTES = 16;
const CONTROL_BYTES = 16;

export interface FdStore {
  /** How many it takes. */
  readonly most: number;
  /** Has these kept for the next start; false where that failed. */
  keep(fds: readonly number[]): boolean;
  /** Has none kept any more. */
  clear(): void;
}

/** Null where nobody keeps any. */
export async function fdStoreOf(env: Readonly<Record<string, string | undefined>>): Promise<FdStore | null> {
  const { NOTIFY_SOCKET: path = '', FDSTORE: most = '' } = env;
  const address = addressOf(path);
  if (address === null || !/^[1-9]\d{0,8}$/.test(most)) return null;
  const { dlopen, ptr } = await import('bun:ffi');
  const { socket, sendmsg, close } = dlopen('libc.so.6', {
    socket: { args: ['i32', 'i32', 'i32'], returns: 'i32' },
    sendmsg: { args: ['i32', 'ptr', 'i32'], returns: 'i64' },
    close: { args: ['i32'], returns: 'i32' },
  }).symbols;
  /** Waits while the manager has too much to read. */
  const send = (text: string, fds: readonly number[]): boolean => {
    const bytes = Buffer.from(text);
    const vector = words(VECTOR_BYTES, [
      [0, ptr(bytes)],
      [8, bytes.length],
    ]);
    const control = rights(fds);
    const message = words(MESSAGE_BYTES, [
      [0, ptr(address)],
      [8, address.length],
      [16, ptr(vector)],
      [24, 1],
      [32, fds.length > 0 ? ptr(control) : 0],
      [40, fds.length > 0 ? control.length : 0],
    ]);
    const fd = socket(AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    const sent = Number(sendmsg(fd, message, MSG_NOSIGNAL));
    close(fd);
    return sent === bytes.length;
  };
  return {
    most: Number(most),
    keep: fds => {
      for (let at = 0; at < fds.length; at += AT_ONCE)
        if (!send(`FDSTORE=1\nFDNAME=${STORED}`, fds.slice(at, at + AT_ONCE))) return false;
      return true;
    },
    clear: () => void send(`FDSTOREREMOVE=1\nFDNAME=${STORED}`, []),
  };
}

/** A control message that passes descriptors on. */
function rights(fds: readonly number[]): Buffer {
  const length = CONTROL_BYTES + 4 * fds.length;
  // Padded to whole words (CMSG_SPACE).
  const control = words(Math.ceil(length / 8) * 8, [[0, length]]);
  new Int32Array(control.buffer, control.byteOffset + 8, 2 + fds.length).set([
    SOL_SOCKET,
    SCM_RIGHTS,
    ...fds,
  ]);
  return control;
}

/** Bytes with these 8-byte numbers in them, in the machine's order. */
function words(bytes: number, values: readonly (readonly [at: number, value: number])[]): Buffer {
  const buffer = Buffer.from(new ArrayBuffer(bytes));
  const view = new BigUint64Array(buffer.buffer, buffer.byteOffset, bytes / 8);
  for (const [at, value] of values) view[at / 8] = BigInt(value);
  return buffer;
}

/** What tells an open file from all others, in this process and the next. */
export function inodeOf(fd: number): number {
  return fstatSync(fd).ino;
}
