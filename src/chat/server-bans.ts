/**
 * Who is kept off the whole server: a name wherever it comes from, an address or a range whatever the name.
 * In memory, as every connection is looked at; the backend keeps them over restarts (operator.ts).
 *
 * Peers of this very machine (loopback, unix sockets) are met by no ban on addresses, so that nobody can
 * lock its owner out.
 */
import { addressInRange, Networks } from './address.ts';
import { type Refusal, refusal } from './errors.ts';
import type { Ban } from './event.ts';
import type { Folded } from './names.ts';

const THIS_MACHINE = new Networks(['127.0.0.0/8', '::1', 'unix']);

export class ServerBans {
  /** By what is banned: a folded name, an address, or a range; no two of these look alike. */
  private readonly bans = new Map<string, Ban>();
  private networks = new Networks([]);

  /** In the order in which they were set. */
  all(): readonly Ban[] {
    return [...this.bans.values()];
  }

  /** The ban on exactly this: a folded name, or a range as `parseRange` writes it. */
  on(what: string): Ban | null {
    return this.bans.get(what) ?? null;
  }

  set(ban: Ban): void {
    this.bans.delete(ban.what);
    this.bans.set(ban.what, ban);
    this.changed();
  }

  remove(ban: Ban): void {
    this.bans.delete(ban.what);
    this.changed();
  }

  forName(name: Folded): Ban | null {
    return this.on(name);
  }

  /** `address` is canonical; '' is a unix socket. */
  forAddress(address: string): Ban | null {
    if (this.bans.size === 0 || isThisMachine(address)) return null;
    const own = this.on(address);
    if (own || !this.networks.has(address)) return own;
    for (const ban of this.bans.values())
      if (ban.kind === 'address' && addressInRange(address, ban.what)) return ban;
    return null;
  }

  /** Why whoever comes from this address, under this name if it has one, is kept out; null where it is not. */
  refusalFor(address: string, name: Folded | null): Refusal | null {
    const ban = this.forAddress(address) ?? (name === null ? null : this.forName(name));
    return ban && bannedBy(ban);
  }

  /** Ranges are read once, not for everyone who comes; single addresses are looked up. */
  private changed(): void {
    const ranges = this.all().filter(({ kind, what }) => kind === 'address' && what.includes('/'));
    this.networks = new Networks(ranges.map(({ what }) => what));
  }
}

/** Whether an address is one of the machine's own. */
export function isThisMachine(address: string): boolean {
  return THIS_MACHINE.has(address);
}

/** What somebody whom a ban meets is told. */
export function bannedBy({ kind, label, reason }: Ban): Refusal {
  return refusal('server-banned', kind === 'address' ? 'your address' : label, reason);
}
