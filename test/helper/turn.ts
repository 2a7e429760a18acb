/** A turn that ends when told to: what a real one does at the end of an event-loop pass. */
import type { Turn } from '../../src/chat/ports.ts';

export class ManualTurn implements Turn {
  private commits: (() => void)[] = [];
  private flushes: (() => void)[] = [];

  commit(run: () => void): void {
    this.commits.push(run);
  }

  flush(run: () => void): void {
    this.flushes.push(run);
  }

  /** Ends the turn: commits, then flushes. True if there was anything to do. */
  end(): boolean {
    const busy = this.commits.length + this.flushes.length > 0;
    const commits = this.commits;
    this.commits = [];
    for (const run of commits) run();
    const flushes = this.flushes;
    this.flushes = [];
    for (const run of flushes) run();
    return busy;
  }

  /** Ends turns, letting promises run in between, until nothing is left to do. */
  async settle(): Promise<void> {
    for (let quiet = 0; quiet < 3; ) {
      for (let i = 0; i < 10; i++) await Promise.resolve();
      quiet = this.end() ? 0 : quiet + 1;
    }
  }
}
