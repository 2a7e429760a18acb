/**
 * Unix sockets as files. A socket appears under its name only when it has its final mode and takes
 * connections, in place of a stale one; an ordinary file or a live socket is never touched; and what is taken
 * away on stopping is this listener's own socket.
 */
import { chmodSync, lstatSync, renameSync, rmSync } from 'node:fs';
import { type Refusal, refusal } from '../chat/errors.ts';
import { formatListen, type Listen, UNIX_PATH_BYTES } from './address.ts';
import { errorCode } from './failure.ts';

type UnixListen = Extract<Listen, { kind: 'unix' }>;

/** Owner and group may talk: a web server or a bot is let in by its group, strangers on the machine are not. */
export const UNIX_MODE = 0o660;

/** A socket that is listening under a name beside its own, and what makes it known under its own. */
export interface UnixName {
  /** Where to bind. */
  readonly beside: string;
  /** Gives the bound socket its mode and its name. Throws what the system says. */
  publish(): void;
  /**
   * Takes the name away, if it is still this socket's: to be called while the socket is open, when no other
   * file can have its inode.
   */
  remove(): void;
}

/** Makes sure that the name can be taken. `mode`: that of the socket; `flag`: the setting that names it. */
export async function claimUnixName(
  where: UnixListen,
  mode: number = UNIX_MODE,
  flag?: string,
): Promise<UnixName | Refusal> {
  const { path } = where;
  if (Buffer.byteLength(path) > UNIX_PATH_BYTES)
    return refusal('cannot-listen', formatListen(where), `a path has at most ${UNIX_PATH_BYTES} bytes`);
  const kind = kindOf(path);
  if (kind === 'file')
    return refusal('cannot-listen', formatListen(where), 'a file of that name exists. It was left alone');
  if (kind === 'socket') {
    const answer = await probe(path);
    if (answer !== 'ECONNREFUSED' && answer !== 'ENOENT')
      return answer === 'EACCES'
        ? refusal('cannot-listen', formatListen(where), 'a socket of that name belongs to somebody else')
        : refusal('port-in-use', formatListen(where), flag);
  }
  // One byte longer than the path, and in its directory, so that a rename puts it in place.
  const beside = `${path}~`;
  if (kindOf(beside) === 'socket') rmSync(beside, { force: true });
  return { beside, ...naming(path, beside, mode) };
}

/** The name of a socket that was published by the program before this one in its process. */
export function ownUnixName({ path }: UnixListen): UnixName {
  const inode = lstatSync(path, { throwIfNoEntry: false })?.ino;
  return { beside: path, ...naming(path, path, UNIX_MODE, inode) };
}

function naming(
  path: string,
  beside: string,
  mode: number,
  inode = -1,
): Pick<UnixName, 'publish' | 'remove'> {
  return {
    publish() {
      chmodSync(beside, mode);
      inode = lstatSync(beside).ino;
      renameSync(beside, path);
    },
    remove() {
      if (lstatSync(path, { throwIfNoEntry: false })?.ino === inode) rmSync(path, { force: true });
      inode = -1;
    },
  };
}

function kindOf(path: string): 'nothing' | 'socket' | 'file' {
  try {
    return lstatSync(path).isSocket() ? 'socket' : 'file';
  } catch {
    // What keeps the name from being looked at keeps it from being bound, and is told of then.
    return 'nothing';
  }
}

/** '' where somebody listens there, else the code of the error. */
async function probe(path: string): Promise<string> {
  try {
    const socket = await Bun.connect({ unix: path, socket: { data() {} } });
    socket.terminate();
    return '';
  } catch (error) {
    return errorCode(error);
  }
}
