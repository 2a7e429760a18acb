/** Why a listener could not be had, in words that say what to do. */
import { type Refusal, refusal } from '../chat/errors.ts';
import { formatListen, type Listen } from './address.ts';

/** `port-in-use` or `cannot-listen` for what binding to `where` failed with; `flag` chooses another place. */
export function listenRefusal(where: Listen, error: unknown, flag?: string): Refusal {
  const code = errorCode(error);
  if (code === 'EADDRINUSE') return refusal('port-in-use', formatListen(where), flag);
  return refusal('cannot-listen', formatListen(where), reason(where, code, error));
}

/** The code of a system error, '' where it has none. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function reason(where: Listen, code: string, error: unknown): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      if (where.kind === 'unix') return 'this user may not write to the directory of the socket';
      return where.port > 0 && where.port < 1024
        ? 'this user may not take a port below 1024. Choose a higher one, or allow it: AmbientCapabilities=CAP_NET_BIND_SERVICE in the unit, or setcap cap_net_bind_service=ep on the binary'
        : 'this user may not';
    case 'EADDRNOTAVAIL':
      return 'this machine has no such address. Choose one of its own, or *: --host';
    case 'EAFNOSUPPORT':
      return 'this machine has no addresses of that kind (is IPv6 switched off?)';
    case 'ENOENT':
    case 'ENOTDIR':
      return 'the directory of the socket does not exist';
    case 'EROFS':
      return 'the directory of the socket is read-only';
    case 'EMFILE':
    case 'ENFILE':
      return 'too many files are open. Raise the limit: ulimit -n, or LimitNOFILE= in the unit';
    default:
      if (code !== '') return `the system says ${code}`;
      // Without a code, the host could not be looked up.
      return error instanceof Error && where.kind === 'tcp'
        ? 'its host name has no address'
        : 'the system does not say why';
  }
}
