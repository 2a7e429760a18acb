/**
 * Work beside the conversation (indexing, purging) in small transactions of its own, driven by the clock.
 * Trouble ends the piece of work; it is tried again another time and logged once until it works again.
 */
import type { Log } from '../../chat/ports.ts';
import type { Statements } from './statements.ts';
import { troubleOf, whyOf } from './trouble.ts';

export class Background {
  private troubled = false;

  constructor(
    private readonly what: string,
    private readonly statements: Statements,
    private readonly log: Log,
  ) {}

  /** One slice in one transaction. False where it could not be done; then nothing of it happened. */
  transact(slice: () => void): boolean {
    const { statements } = this;
    try {
      statements.begin.run();
      slice();
      statements.commit.run();
      this.troubled = false;
      return true;
    } catch (error) {
      this.rollback();
      if (troubleOf(error) !== 'busy' && !this.troubled) {
        this.troubled = true;
        this.log.warn(`${this.what} stopped for now`, { why: whyOf(error) });
      }
      return false;
    }
  }

  private rollback(): void {
    try {
      // SQLite has rolled back by itself after some errors, and BEGIN may have failed.
      this.statements.rollback.run();
    } catch {}
  }
}
