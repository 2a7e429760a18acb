/**
 * Listeners: TCP, TLS and unix sockets over `Bun.listen`.
 *
 * Promises: whoever is accepted is handed on with a true, canonical address, after the TLS handshake and
 * behind a trusted proxy's PROXY header; a certificate is changed without closing anyone or losing who waits
 * in the kernel's queue; no peer makes it throw. PROXY headers are read on listeners without TLS only.
 *
 * When the process has no descriptors left, Bun goes on trying to accept, at the cost of a whole core, until
 * one is free: keep the limit on connections well below the limit on open files.
 */
import { addressKey, canonicalAddress, type Networks } from '../chat/address.ts';
import type { Aborted, Counters, Transport } from '../chat/counters.ts';
import { Refusal, refusal } from '../chat/errors.ts';
import { AddressCounter } from '../chat/limits.ts';
import type { Clock, Log } from '../chat/ports.ts';
import type { Carried, Link } from '../wire/link.ts';
import type { Accept, LinkHandler, Peer } from './accept.ts';
import type { Inherited } from './activation.ts';
import { formatListen, type Listen } from './address.ts';
import { adopt, adoptConnection, descriptorOf, descriptors } from './adopt.ts';
import { type Certificate, loadCertificate, type TlsFiles } from './certificate.ts';
import { errorCode, listenRefusal } from './failure.ts';
import type { ProxySource } from './proxy.ts';
import { type Door, SocketLink, type TcpSocket } from './socket-link.ts';
import { claimUnixName, ownUnixName, type UnixName } from './unix.ts';

/** What a reload may change on a listener that is there. A limit of 0 or Infinity is no limit. */
export interface ListenRules {
  /** Proxies: what comes from there must begin with a PROXY header. */
  readonly proxyFrom: Networks;
  /** Peers that `waitingPerAddress` does not count. */
  readonly exempt: Networks;
  /** Connections that may wait for their handshake or header at once, and of one address. */
  readonly waiting: number;
  readonly waitingPerAddress: number;
}

export interface ListenPorts {
  readonly accept: Accept;
  readonly clock: Clock;
  readonly log: Log;
  readonly counters: Counters;
}

/** ms from accepting to the end of the TLS handshake. */
const HANDSHAKE = 10_000;
/** ms from accepting to the end of the PROXY header. */
const HEADER = 5_000;
/** ms without a byte after which the kernel asks whether the peer is still there. */
const KEEPALIVE = 60_000;

type Data = SocketLink | undefined;
type Server = Bun.SocketListener<Data>;

/** What every socket of a listener has in common, whatever it is bound to. */
interface SocketSettings {
  readonly socket: Bun.SocketHandler<Data>;
  readonly allowHalfOpen: true;
  readonly tls?: { readonly cert: string; readonly key: string; readonly lowMemoryMode: true };
}

/**
 * Listens. Refused with `port-in-use`, `cannot-listen` or, where `where` says TLS, `bad-certificate`.
 * `files` are read once; `rotate` reads them again. `fd`: a socket that listens there already, to be adopted; `own`: parley made it.
 */
export async function listen(
  where: Listen,
  files: TlsFiles | null,
  rules: ListenRules,
  ports: ListenPorts,
  fd: number | null = null,
  own = fd === null,
): Promise<Listener | Refusal> {
  const certificate = where.tls ? await readCertificate(files, ports) : null;
  if (certificate instanceof Refusal) return certificate;
  // The name of an adopted socket is whose it was.
  const name = where.kind === 'unix' && own ? await unixName(where, fd) : null;
  if (name instanceof Refusal) return name;
  return Listener.bind({ where, name, fd }, certificate, rules, ports);
}

async function unixName(where: Listen & { kind: 'unix' }, fd: number | null): Promise<UnixName | Refusal> {
  return fd === null ? await claimUnixName(where) : ownUnixName(where);
}

/** What a listener is bound to: a place that is free, or a socket that listens there already. */
interface Place {
  readonly where: Listen;
  readonly name: UnixName | null;
  readonly fd: number | null;
}

export class Listener implements Door {
  readonly clock: Clock;
  readonly log: Log;
  /** As `formatListen` writes it, with the true port. */
  label = '';
  private server: Server | null = null;
  /** Links without a handler: those that wait to get one, and those turned away. */
  private readonly waiting = new Set<SocketLink>();
  private readonly waitingByAddress = new AddressCounter();
  /** One set of callbacks for all sockets. */
  private readonly events: Bun.SocketHandler<Data> = {
    open: socket => this.arrived(socket),
    handshake: (socket, success, error) => socket.data?.onHandshake(success, error?.message ?? ''),
    data: (socket, bytes) => socket.data?.onData(bytes),
    drain: socket => socket.data?.onDrain(),
    end: socket => socket.data?.onEnd(),
    close: (socket, error) => socket.data?.onClose(error),
    error: (socket, error) => socket.data?.onError(error),
  };

  /** What `listen` does once all that can be checked before is. */
  static bind(
    { where, name, fd }: Place,
    certificate: Certificate | null,
    rules: ListenRules,
    ports: ListenPorts,
  ): Listener | Refusal {
    const listener = new Listener(where, name, rules, ports);
    try {
      listener.bind(certificate, fd);
      return listener;
    } catch (error) {
      listener.close();
      return listenRefusal(where, error);
    }
  }

  private constructor(
    private place: Listen,
    private readonly name: UnixName | null,
    /** Replaced whole on reload. */
    public rules: ListenRules,
    private readonly ports: ListenPorts,
  ) {
    this.clock = ports.clock;
    this.log = ports.log;
  }

  /** Where it listens, with the true port where 0 was asked for. */
  get where(): Listen {
    return this.place;
  }

  /**
   * New handshakes get the certificate that is in the files now; connections that are there, and those in the
   * kernel's queue, stay. Refused with `bad-certificate` or `cannot-listen`, with the old one going on. Does
   * nothing on a listener without TLS.
   */
  async rotate(files: TlsFiles): Promise<Refusal | null> {
    if (!this.place.tls) return null;
    const certificate = await readCertificate(files, this.ports);
    if (certificate instanceof Refusal) return certificate;
    const fds = await descriptors();
    const old = this.server;
    if (!old) return refusal('cannot-listen', this.label, 'it was closed meanwhile');
    const fd = fds?.duplicate(old) ?? -1;
    if (fd < 0)
      return refusal('cannot-listen', this.label, 'here, a certificate is changed by a restart only');
    try {
      this.server = adopt(fd, this.options(certificate));
    } catch (error) {
      fds?.close(fd);
      return refusal('bad-certificate', error instanceof Error ? error.message : String(error));
    }
    old.stop(false);
    return null;
  }

  /** What another program goes on listening by; null where it was closed. */
  carry(): Inherited | null {
    if (!this.server) return null;
    return { fd: descriptorOf(this.server), where: this.place, ...(this.name && { own: true }) };
  }

  /** Goes on with a connection that another program had by this listener; `open` answers its handler. */
  async goOn({ fd, address, port }: Carried, open: (link: Link) => LinkHandler): Promise<void> {
    const events: Bun.SocketHandler<Data> = {
      ...this.events,
      open: socket => {
        const link = new SocketLink(socket, this, address, port);
        socket.data = link;
        link.goOn(open(link));
      },
    };
    await adoptConnection<Data>(fd, { socket: events, allowHalfOpen: true } as Bun.SocketOptions<Data>);
  }

  /** Accepts nobody any more, and drops who was not yet handed on. Connections that were stay. */
  close(): void {
    this.name?.remove();
    this.server?.stop(false);
    this.server = null;
    for (const link of [...this.waiting]) link.terminate();
  }

  private bind(certificate: Certificate | null, fd: number | null): void {
    const options = this.options(certificate);
    if (fd !== null) {
      this.server = adopt(fd, options);
    } else if (this.place.kind === 'tcp') {
      const server = bindTcp(this.place.host, this.place.port, options);
      this.server = server;
      this.place = { ...this.place, port: server.port };
    } else {
      this.server = Bun.listen<Data>({ ...options, unix: this.name?.beside ?? this.place.path });
      this.name?.publish();
    }
    this.label = formatListen(this.place);
  }

  private options(certificate: Certificate | null): SocketSettings {
    const tls =
      certificate && ({ cert: certificate.cert, key: certificate.key, lowMemoryMode: true } as const);
    // Half-open: `printf … | nc -N` closes its half at once and still wants its answers.
    return { socket: this.events, allowHalfOpen: true, ...(tls && { tls }) };
  }

  private arrived(socket: TcpSocket): void {
    const address = this.addressOf(socket);
    // It hung up before it was looked at; without an address it must not pass for a unix peer.
    if (address === null) {
      socket.terminate();
      return;
    }
    const tcp = this.place.kind === 'tcp';
    const link = new SocketLink(socket, this, address, tcp ? socket.remotePort : 0);
    socket.data = link;
    if (tcp) {
      socket.setNoDelay(true);
      socket.setKeepAlive(true, KEEPALIVE);
    }
    if (this.tls) link.awaitHandshake(HANDSHAKE);
    else if (this.rules.proxyFrom.has(address)) link.awaitHeader(HEADER);
    else link.open(null);
  }

  private addressOf({ remoteAddress }: TcpSocket): string | null {
    if (this.place.kind === 'unix') return '';
    return remoteAddress ? canonicalAddress(remoteAddress) : null;
  }

  // ——— Door ———

  enter(link: SocketLink, source: ProxySource | null): LinkHandler | null {
    const { address, port } = source ?? link;
    const peer: Peer = { address, port, listener: this.label, tls: this.tls };
    const handler = this.ports.accept.open(link, peer);
    if (handler) this.ports.counters.connectionOpened(this.transport);
    return handler;
  }

  get tls(): boolean {
    return this.place.tls;
  }

  wait(link: SocketLink): boolean {
    const { address } = link;
    const { rules } = this;
    const key = addressKey(address);
    if (reached(this.waiting.size, rules.waiting)) return false;
    const counted = address !== '' && !rules.exempt.has(address) && !rules.proxyFrom.has(address);
    if (counted && reached(this.waitingByAddress.get(key), rules.waitingPerAddress)) return false;
    this.waiting.add(link);
    this.waitingByAddress.add(key);
    return true;
  }

  leave(link: SocketLink): void {
    if (this.waiting.delete(link)) this.waitingByAddress.remove(addressKey(link.address));
  }

  aborted(why: Aborted, address: string, detail: string): void {
    this.ports.counters.connectionAborted(why);
    const fields = { listener: this.label, address, detail };
    // A proxy is the operator's own: its mistakes are theirs to mend. The rest is the weather of the internet.
    if (why === 'proxy-header') this.log.warn('closed: no good PROXY header from a trusted proxy', fields);
    else if (why === 'tls-handshake') this.log.debug('closed: the TLS handshake failed', fields);
    else this.log.debug('closed: too many connections wait for their handshake', fields);
  }

  private get transport(): Transport {
    if (this.place.tls) return 'tls';
    return this.place.kind;
  }
}

function bindTcp(host: string, port: number, options: SocketSettings): Bun.TCPSocketListener<Data> {
  if (host !== '*') return Bun.listen<Data>({ ...options, hostname: host, port });
  try {
    return Bun.listen<Data>({ ...options, hostname: '::', port });
  } catch (error) {
    if (['EADDRINUSE', 'EACCES'].includes(errorCode(error))) throw error;
    // IPv6 is switched off.
    return Bun.listen<Data>({ ...options, hostname: '0.0.0.0', port });
  }
}

async function readCertificate(
  files: TlsFiles | null,
  { clock, log }: ListenPorts,
): Promise<Certificate | Refusal> {
  if (!files) return refusal('bad-certificate', 'none is given');
  const certificate = await loadCertificate(files, clock.now());
  if (!(certificate instanceof Refusal) && certificate.warning) log.warn(certificate.warning);
  return certificate;
}

function reached(count: number, limit: number): boolean {
  return limit > 0 && count >= limit;
}
