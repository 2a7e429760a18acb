/**
 * Password hashing with argon2id, off the event loop. Each hash takes memory while it runs, so only a few
 * run at once; a bounded number wait, and beyond that `hash-busy` is refused rather than memory eaten.
 */
import { refusal } from '../chat/errors.ts';
import type { Passwords } from '../chat/ports.ts';

/** OWASP's first choice for argon2id: 19 MiB, two passes. */
const COST = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const;
const AT_ONCE = 2;
const MOST_WAITING = 500;

export class Argon2Passwords implements Passwords {
  private running = 0;
  private readonly queue: (() => void)[] = [];

  hash(password: string): Promise<string> {
    return this.inTurn(() => Bun.password.hash(password, COST));
  }

  verify(password: string, hash: string): Promise<boolean> {
    return this.inTurn(() => Bun.password.verify(password, hash));
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.running >= AT_ONCE) {
      if (this.queue.length >= MOST_WAITING) throw refusal('hash-busy');
      await new Promise<void>(resolve => this.queue.push(resolve));
    }
    this.running++;
    try {
      return await work();
    } finally {
      this.running--;
      this.queue.shift()?.();
    }
  }
}
