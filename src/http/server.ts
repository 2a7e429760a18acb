/**
 * One place where HTTP is served: TCP, TLS or the unix socket, over `Bun.serve`.
 *
 * Promises: what cannot be bound is refused in the words of the chat's listeners; a certificate is changed
 * without breaking an answer that is under way; whoever is not known by address is not answered.
 *
 * Bun closes a connection that has not sent a whole request within 12 seconds (so no slow sender keeps one),
 * takes headers up to 16 KiB (431 beyond), and bodies up to `MOST_BYTES` (the routes' own bounds are far
 * lower, and come first where a length is said). It has no bound on connections, and tells nobody of one
 * before its first request.
 */
import { canonicalAddress } from '../chat/address.ts';
import { Refusal, refusal } from '../chat/errors.ts';
import type { Clock, Log } from '../chat/ports.ts';
import { formatListen, type Listen } from '../net/address.ts';
import { type Certificate, loadCertificate, type TlsFiles } from '../net/certificate.ts';
import { errorCode, listenRefusal } from '../net/failure.ts';
import { claimUnixName, type UnixName } from '../net/unix.ts';
import type { Peer } from './peer.ts';

export interface HttpPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Answers a request; never rejects. */
  handle(request: Request, peer: Peer): Promise<Response>;
}

type Server = Bun.Server<undefined>;

const MOST_BYTES = 16 * 1024 * 1024;
/** Only this user and root may speak with the rights of an operator. */
const SOCKET_MODE = 0o600;

/** Listens. Refused with `port-in-use`, `cannot-listen` or `bad-certificate`. */
export async function serve(
  where: Listen,
  files: TlsFiles | null,
  ports: HttpPorts,
): Promise<HttpListener | Refusal> {
  const certificate = where.tls ? await readCertificate(files, ports) : null;
  if (certificate instanceof Refusal) return certificate;
  const name = where.kind === 'unix' ? await claimUnixName(where, SOCKET_MODE, flagOf(where)) : null;
  if (name instanceof Refusal) return name;
  try {
    return new HttpListener(where, name, certificate, ports);
  } catch (error) {
    return listenRefusal(where, error, flagOf(where));
  }
}

export class HttpListener {
  /** With the true port. */
  readonly where: Listen;
  private server: Server;
  /** Those before a change of certificate, until the last of their answers is done. */
  private readonly retired = new Set<Server>();

  /** Throws what the system says. */
  constructor(
    where: Listen,
    private readonly name: UnixName | null,
    certificate: Certificate | null,
    private readonly ports: HttpPorts,
  ) {
    if (where.kind === 'unix') {
      this.server = this.serveUnix(name?.beside ?? where.path);
      this.where = where;
    } else {
      this.server = this.serveTcp(where.host, where.port, certificate);
      this.where = { ...where, port: this.server.port ?? where.port };
    }
  }

  /** New connections get the certificate that is in the files now; those that are there stay. */
  async rotate(files: TlsFiles): Promise<Refusal | null> {
    const { where } = this;
    if (!where.tls || where.kind === 'unix') return null;
    const certificate = await readCertificate(files, this.ports);
    if (certificate instanceof Refusal) return certificate;
    const old = this.server;
    try {
      this.server = this.bind(where.host, where.port, certificate);
    } catch (error) {
      return listenRefusal(where, error, flagOf(where));
    }
    this.retired.add(old);
    void old.stop(false).then(() => this.retired.delete(old));
    return null;
  }

  /** Takes no new connections; answers that are under way go on. Resolves when the last of them is done. */
  async close(): Promise<void> {
    this.name?.remove();
    await this.server.stop(false);
  }

  /** Ends everything. */
  async stop(): Promise<void> {
    await Promise.all([this.server, ...this.retired].map(server => server.stop(true)));
  }

  private serveTcp(host: string, port: number, certificate: Certificate | null): Server {
    // Two listeners share a port while a certificate is changed; that nobody else has it is made sure of first.
    if (certificate && port !== 0) probe(host, port);
    return this.bind(host, port, certificate);
  }

  private bind(host: string, port: number, certificate: Certificate | null): Server {
    const tls = certificate && { cert: certificate.cert, key: certificate.key };
    // Left unsaid, Bun outside of development takes it as yes, and a port that is in use would be shared.
    const options = { port, ...this.options, ...(tls && { tls }), reusePort: tls !== null };
    return onHost(host, hostname => Bun.serve({ ...options, hostname }));
  }

  private serveUnix(path: string): Server {
    // Until it has its mode, too, nobody else is let in.
    const mask = process.umask(0o177);
    try {
      const server = Bun.serve({ ...this.options, unix: path });
      this.name?.publish();
      return server;
    } finally {
      process.umask(mask);
    }
  }

  private get options() {
    return {
      development: false,
      maxRequestBodySize: MOST_BYTES,
      fetch: (request: Request, server: Server) => this.answer(request, server),
      error: () => new Response(null, { status: 500 }),
    };
  }

  private async answer(request: Request, server: Server): Promise<Response> {
    const unix = this.where.kind === 'unix';
    const address = unix ? '' : server.requestIP(request)?.address;
    // It hung up before it was looked at; without an address it must not pass for the unix socket.
    if (address === undefined) return new Response(null, { status: 400 });
    return await this.ports.handle(request, {
      address: canonicalAddress(address),
      tls: this.where.tls,
      keepOpen: (seconds = 0) => server.timeout(request, seconds),
    });
  }
}

/** Throws where somebody listens there already. */
function probe(host: string, port: number): void {
  const socket = { data() {} };
  onHost(host, hostname => Bun.listen({ hostname, port, exclusive: true, socket })).stop(true);
}

/** `*` is every address, IPv6 and IPv4; only IPv4 where IPv6 is switched off. */
function onHost<T>(host: string, bind: (hostname: string) => T): T {
  if (host !== '*') return bind(host);
  try {
    return bind('::');
  } catch (error) {
    if (['EADDRINUSE', 'EACCES'].includes(errorCode(error))) throw error;
    return bind('0.0.0.0');
  }
}

/** What chooses another place. */
function flagOf(where: Listen): string {
  if (where.kind === 'unix') return '--http-socket';
  return where.tls ? '--https-port' : '--http-port';
}

async function readCertificate(
  files: TlsFiles | null,
  { clock, log }: HttpPorts,
): Promise<Certificate | Refusal> {
  if (!files) return refusal('bad-certificate', 'none is given');
  const certificate = await loadCertificate(files, clock.now());
  if (!(certificate instanceof Refusal) && certificate.warning) log.warn(certificate.warning);
  return certificate;
}

/** Where it listens, as the ready line says it: `https on HOST:PORT`. */
export function announced({ where }: Pick<HttpListener, 'where'>): string {
  return `${where.tls ? 'https' : 'http'} on ${formatListen({ ...where, tls: false })}`;
}
