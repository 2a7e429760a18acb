/**
 * Passwords that were right a moment ago, so that a script with basic auth does not cost a slow hash a
 * request.
 *
 * What is kept is no password: a keyed hash over who asks, from where, the account's stored hash and the
 * password, with a key of this process that is nowhere else. It is for one account from one address, for
 * minutes; a changed password has another stored hash, so it matches no more; and one wrong password from
 * there forgets it, so that it is no way around the limits on guessing.
 */
import type { Account, Clock } from '../chat/ports.ts';

const KEY_BYTES = 32;
const KEPT = 5 * 60_000;
const MOST = 1000;

export class RememberedPasswords {
  private readonly key = crypto.getRandomValues(new Uint8Array(KEY_BYTES));
  /** In the order in which they end. */
  private readonly entries = new Map<string, { readonly mac: Uint8Array; readonly until: number }>();

  constructor(private readonly clock: Clock) {}

  /** Whether it was right from there lately. If it is not the one that was, that one is forgotten. */
  has(account: Account, address: string, password: string): boolean {
    const place = placeOf(account, address);
    const entry = this.entries.get(place);
    if (!entry) return false;
    const right = crypto.timingSafeEqual(entry.mac, this.mac(account, address, password));
    if (right && this.clock.now() < entry.until) return true;
    this.entries.delete(place);
    return false;
  }

  /** It was right just now. */
  add(account: Account, address: string, password: string): void {
    const place = placeOf(account, address);
    const now = this.clock.now();
    this.entries.delete(place);
    for (const [oldest, { until }] of this.entries) {
      if (until > now && this.entries.size < MOST) break;
      this.entries.delete(oldest);
    }
    this.entries.set(place, { mac: this.mac(account, address, password), until: now + KEPT });
  }

  private mac(account: Account, address: string, password: string): Uint8Array {
    return new Bun.CryptoHasher('sha256', this.key)
      .update(JSON.stringify([account.name, address, account.passwordHash, password]))
      .digest();
  }
}

function placeOf({ name }: Account, address: string): string {
  return `${name} ${address}`;
}
