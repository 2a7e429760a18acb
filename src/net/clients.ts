/**
 * All clients of a server: who is let in, who stayed too long without signing in, and everyone's way out
 * when the server stops.
 */
import { edenGC } from 'bun:jsc';
import { addressKey, type Networks } from '../chat/address.ts';
import { type Refusal, refusal } from '../chat/errors.ts';
import { AddressCounter } from '../chat/limits.ts';
import { Client, type ClientOwner, type ClientShared, type ClientState } from '../dialect/client.ts';
import { Connection, type Wire } from '../wire/connection.ts';
import type { Link } from '../wire/link.ts';
import type { Accept, LinkHandler, Peer } from './accept.ts';

/** Limits on who is let in. A limit of 0 is none. */
export interface Gate {
  /** Connections in all. */
  readonly connections: number;
  /** Connections from one address that is not exempt. */
  readonly perAddress: number;
  readonly exempt: Networks;
  /** Bytes of the process above which nobody new is let in. */
  readonly memory: number;
  /** ms that a connection has to sign in. */
  readonly signInTimeout: number;
}

/**
 * Connections after which young garbage is collected. Left alone, the collector lets a rush of sign-ins spread
 * over fresh memory what each leaves behind, and what stays of it holds that memory for good.
 */
const COLLECT_EVERY = 256;
/** How often, in ms, visitors are looked over. */
const SWEEP = 1000;
/** How often, in ms, it is looked whether all are gone while stopping. */
const LOOK = 20;

export class Clients implements Accept, ClientOwner {
  /** Links that are there, those included whose session is over already. */
  private links = 0;
  private readonly perAddress = new AddressCounter();
  private memoryFull = false;
  private opened = 0;
  private stopSweeping: () => void = () => {};

  constructor(
    private shared: ClientShared,
    private readonly wire: Wire,
    private gate: Gate,
  ) {}

  configure(
    settings: Pick<ClientShared, 'serverName' | 'welcome' | 'outboxHard' | 'page'>,
    gate: Gate,
  ): void {
    Object.assign(this.shared, settings);
    this.gate = gate;
  }

  // ——— Accept ———

  open(link: Link, peer: Peer): LinkHandler | null {
    const limitKey = this.limitKeyOf(peer.address);
    const refused = this.shared.hub.serverBans.refusalFor(peer.address, null) ?? this.refusalFor(limitKey);
    if (refused) {
      this.shared.hub.count(refused.code);
      link.write(Buffer.from(`! ${refused}\n`), 0);
      return null;
    }
    return this.welcome(link, peer.address, limitKey, null);
  }

  /** Goes on with a client that another program let in. */
  goOn(link: Link, state: ClientState): LinkHandler {
    return this.welcome(link, state.address, this.limitKeyOf(state.address), state);
  }

  private welcome(
    link: Link,
    address: string,
    limitKey: string | null,
    state: ClientState | null,
  ): LinkHandler {
    if (limitKey !== null) this.perAddress.add(limitKey);
    const connection = new Connection(link, this.wire);
    // Before the client, which may close it at once.
    this.links++;
    this.opened++;
    // It makes itself the connection's listener; a session of the hub's has it from here on.
    new Client(this.shared, connection, address, limitKey, this, state);
    if (this.opened % COLLECT_EVERY === 0) edenGC();
    return connection;
  }

  private limitKeyOf(address: string): string | null {
    return this.gate.exempt.has(address) || address === '' ? null : addressKey(address);
  }

  gone(client: Client): void {
    this.links--;
    if (client.limitKey !== null) this.perAddress.remove(client.limitKey);
  }

  private refusalFor(limitKey: string | null): Refusal | null {
    const { connections, perAddress } = this.gate;
    if (this.memoryFull) return refusal('memory-full');
    if (connections > 0 && this.links >= connections) return refusal('server-full', connections);
    if (limitKey !== null && perAddress > 0 && this.perAddress.get(limitKey) >= perAddress)
      return refusal('address-full', perAddress);
    return null;
  }

  // ——— looking after them ———

  /** From now on closes visitors that do not sign in, and looks at the memory. */
  startSweeping(): void {
    this.stopSweeping = this.wire.clock.after(SWEEP, () => {
      this.sweep();
      this.startSweeping();
    });
  }

  private sweep(): void {
    const { memory, signInTimeout } = this.gate;
    const { log } = this.shared.hub;
    const full = memory > 0 && process.memoryUsage.rss() > memory;
    if (full !== this.memoryFull)
      log.warn(full ? 'short of memory: nobody new is let in' : 'enough memory again');
    this.memoryFull = full;
    if (signInTimeout > 0) this.timeOut(signInTimeout);
  }

  private timeOut(ms: number): void {
    const { hub } = this.shared;
    const why = refusal('sign-in-timeout', Math.round(ms / 1000));
    const since = this.wire.clock.now() - ms;
    for (const { phase, connectedAt, link } of hub.sessions) {
      if (phase.kind !== 'visitor' || connectedAt > since) continue;
      hub.count(why.code);
      link.face.refusal(why);
      link.close('sign-in-timeout');
    }
  }

  // ——— handing them over ———

  /** Everyone who is there. */
  *all(): Iterable<Client> {
    for (const { link } of this.shared.hub.sessions) if (link instanceof Client) yield link;
  }

  /** Runs no more lines and reads no more, until `release`. */
  hold(): void {
    this.stopSweeping();
    this.wire.flow = 'held';
    for (const client of this.all()) client.connection.hold();
  }

  /** From now on nothing that happens to a connection is told to anybody. */
  seal(): void {
    this.wire.flow = 'sealed';
    this.wire.flusher.sealed = true;
  }

  /** Goes on as before; those who came meanwhile are heard. */
  release(): void {
    this.wire.flow = 'on';
    for (const client of [...this.all()]) client.connection.release();
  }

  /** Tells everyone, closes everyone, and resolves when all are gone or after `ms`. */
  async drain(ms: number): Promise<void> {
    this.stopSweeping();
    const { clock } = this.wire;
    const end = clock.now() + ms;
    const why = refusal('shutting-down');
    for (const { link } of [...this.shared.hub.sessions]) {
      link.face.notice(why.message);
      link.close('shutting-down');
    }
    while (this.links > 0 && clock.now() < end)
      await new Promise<void>(resolve => clock.after(LOOK, resolve));
  }
}
