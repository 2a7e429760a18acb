/**
 * A turnstile: lets so many through a turn, in the order they came, and the rest in turns to come. What is
 * begun all at once by thousands, like signing in after a restart, so never fills a turn that others wait for.
 */
import type { Turn } from './ports.ts';

const NOBODY: (() => void)[] = [];

export class Turnstile {
  private passed = 0;
  private waiting = NOBODY;
  private scheduled = false;

  constructor(
    private readonly turn: Turn,
    /** Who is let through in one turn. */
    private readonly most: number,
  ) {}

  /** Null where one may go on at once, else a promise for when it may. */
  pass(): Promise<void> | null {
    this.schedule();
    if (this.passed < this.most) {
      this.passed++;
      return null;
    }
    return new Promise(resolve => {
      if (this.waiting === NOBODY) this.waiting = [];
      this.waiting.push(resolve);
    });
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    this.turn.commit(this.nextTurn);
  }

  private readonly nextTurn = (): void => {
    this.scheduled = false;
    const { waiting, most } = this;
    this.passed = Math.min(most, waiting.length);
    if (this.passed > 0) this.schedule();
    this.waiting = waiting.length > most ? waiting.slice(most) : NOBODY;
    for (const goOn of waiting.slice(0, most)) goOn();
  };
}
