/**
 * One accepted socket: the link its handler writes to, and what the listener's one set of callbacks finds in
 * `socket.data`. There are as many of these as connections, so it has few fields and no closures of its own;
 * a timer exists only while something is awaited (the handshake, a PROXY header, the peer's goodbye).
 *
 * stages: waiting (nobody may be told of it yet) -> open (its handler is told) -> ended (we send no more,
 * what still arrives is dropped, the peer has a moment to close) -> closed.
 */
import type { Aborted, LinkEnd } from '../chat/counters.ts';
import { bugText } from '../chat/errors.ts';
import type { Clock, Log } from '../chat/ports.ts';
import type { Carried, Link } from '../wire/link.ts';
import type { LinkHandler } from './accept.ts';
import { descriptorOf } from './adopt.ts';
import { errorCode } from './failure.ts';
import { type ProxySource, parseProxy } from './proxy.ts';

export type TcpSocket = Bun.Socket<SocketLink | undefined>;

/** What a link asks of the listener it came in by. */
export interface Door {
  readonly clock: Clock;
  readonly log: Log;
  /** Its connections are TLS. */
  readonly tls: boolean;
  /** The listener, as `formatListen` writes it. */
  readonly label: string;
  /** The link's peer is known and may speak: answers its handler, or null to turn it away. */
  enter(link: SocketLink, source: ProxySource | null): LinkHandler | null;
  /** The link waits, or was turned away and is being ended. False: there are too many of those. */
  wait(link: SocketLink): boolean;
  /** It waits no more. */
  leave(link: SocketLink): void;
  /** It is closed before it was open. `address` is the peer's as the kernel sees it. */
  aborted(why: Aborted, address: string, detail: string): void;
}

/** ms a peer has to close its half after we have closed ours. */
const LINGER = 2000;

const NOTHING = new Uint8Array(0);

export class SocketLink implements Link {
  private stage: 'waiting' | 'open' | 'ended' | 'closed' = 'waiting';
  private handler: LinkHandler | null = null;
  /** Takes back the one timer there may be. */
  private cancel: (() => void) | null = null;
  /** The beginning of a PROXY header; null where none is expected. */
  private header: Uint8Array | null = null;

  constructor(
    private readonly socket: TcpSocket,
    private readonly door: Door,
    /** The peer's as the kernel sees it; '' and 0 for a unix socket. */
    readonly address: string,
    readonly port: number,
  ) {}

  // ——— Link ———

  write(bytes: Uint8Array, from: number): number {
    // The length is given since Bun takes it to be that of the whole array, also behind an offset.
    return this.socket.write(bytes, from, bytes.length - from);
  }

  pause(): void {
    if (this.stage === 'open') this.socket.pause();
  }

  resume(): void {
    if (this.stage === 'open') this.socket.resume();
  }

  /**
   * Says goodbye and waits for the peer's, for a moment: closing at once while unread bytes are there would
   * have the kernel reset the connection and the peer lose what it was sent last.
   */
  end(): void {
    if (this.stage !== 'open' && this.stage !== 'waiting') return;
    this.stage = 'ended';
    this.deadline(LINGER, () => this.terminate());
    this.socket.resume();
    this.socket.shutdown();
  }

  terminate(): void {
    if (this.stage === 'closed') return;
    this.stage = 'ended';
    this.socket.terminate();
  }

  carry(): Carried | null {
    if (this.stage !== 'open' || this.door.tls) return null;
    const { address, port } = this;
    return { fd: descriptorOf(this.socket), listener: this.door.label, address, port };
  }

  // ——— before it is open ———

  /** It was open in another program already. */
  goOn(handler: LinkHandler): void {
    this.stage = 'open';
    this.handler = handler;
  }

  /** Waits for the TLS handshake. */
  awaitHandshake(ms: number): void {
    this.await(ms, 'tls-handshake');
  }

  /** Waits for a PROXY header. */
  awaitHeader(ms: number): void {
    this.header = NOTHING;
    this.await(ms, 'proxy-header');
  }

  /** Tells the acceptor. `source`: who the proxy speaks for. */
  open(source: ProxySource | null): void {
    this.header = null;
    this.stopWaiting();
    this.stage = 'open';
    const handler = this.door.enter(this, source);
    if (this.isClosed()) handler?.gone('closed');
    else if (handler) this.handler = handler;
    else this.turnAway();
  }

  private await(ms: number, what: 'tls-handshake' | 'proxy-header'): void {
    if (this.door.wait(this)) this.deadline(ms, () => this.abort(what, 'it did not come in time'));
    else this.abort('too-many-waiting', '');
  }

  /** It may read why, unless so many are being turned away that they would use up the descriptors. */
  private turnAway(): void {
    if (this.door.wait(this)) this.end();
    else this.terminate();
  }

  /** Asked where the acceptor may have closed it meanwhile, which the compiler does not see. */
  private isClosed(): boolean {
    return this.stage === 'closed';
  }

  private abort(why: Aborted, detail: string): void {
    if (this.stage !== 'waiting') return;
    this.door.aborted(why, this.address, detail);
    this.terminate();
  }

  // ——— from the socket ———

  onHandshake(success: boolean, detail: string): void {
    if (this.stage !== 'waiting') return;
    if (success) this.open(null);
    else this.abort('tls-handshake', detail);
  }

  onData(bytes: Uint8Array): void {
    if (this.stage === 'open') this.handler?.data(bytes);
    else if (this.stage === 'waiting' && this.header) this.onHeader(join(this.header, bytes));
  }

  private onHeader(bytes: Uint8Array): void {
    const header = parseProxy(bytes);
    if (header.state === 'more') {
      this.header = bytes;
    } else if (header.state === 'bad') {
      this.abort('proxy-header', header.why);
    } else {
      this.open(header.source);
      if (bytes.length > header.length) this.onData(bytes.subarray(header.length));
    }
  }

  onDrain(): void {
    if (this.stage === 'open') this.handler?.drain();
  }

  onEnd(): void {
    if (this.stage === 'open') this.handler?.end();
    else if (this.stage === 'waiting') this.onAbandoned();
  }

  onClose(error: Error | undefined): void {
    if (this.stage === 'waiting') this.onAbandoned();
    this.stage = 'closed';
    this.stopWaiting();
    this.handler?.gone(linkEnd(error));
    this.handler = null;
  }

  /** The TLS session broke, or a handler threw, which is a bug. The link is gone either way. */
  onError(error: unknown): void {
    if (this.door.tls && (errorCode(error) === 'EPROTO' || errorCode(error).startsWith('ERR_SSL'))) {
      const { handler } = this;
      this.handler = null;
      this.terminate();
      handler?.gone('tls');
      return;
    }
    this.door.log.error('a connection failed inside parley and was closed', { why: bugText(error) });
    this.terminate();
  }

  /** The peer went away before it was anybody. */
  private onAbandoned(): void {
    // A load balancer that looks whether somebody answers: nothing to report.
    const quiet = this.header?.length === 0;
    if (quiet) this.terminate();
    else this.abort(this.header ? 'proxy-header' : 'tls-handshake', 'the peer hung up');
  }

  private deadline(ms: number, run: () => void): void {
    this.cancel?.();
    this.cancel = this.door.clock.after(ms, run);
  }

  private stopWaiting(): void {
    if (this.cancel) this.cancel();
    this.cancel = null;
    this.door.leave(this);
  }
}

function linkEnd(error: Error | undefined): LinkEnd {
  if (!error) return 'closed';
  return errorCode(error) === 'ETIMEDOUT' ? 'timeout' : 'reset';
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.length === 0 ? b : Buffer.concat([a, b]);
}
