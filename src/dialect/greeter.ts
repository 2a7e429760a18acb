/**
 * Greets those who connected and say nothing, each after the same while. One timer for all of them: in a rush
 * of connections a timer each would be most of what a greeting costs.
 */
import type { Clock } from '../chat/ports.ts';

/** Greeted at once, about a millisecond's work; the others in the next pass of the event loop. */
const MOST = 128;

export interface Greeted {
  /** Shows the greeting, unless it was shown or there is nobody any more. */
  greet(): void;
}

export class Greeter {
  /** In the order in which they are due. */
  private waiting: { readonly client: Greeted; readonly due: number }[] = [];

  /** `after`: ms from connecting to the greeting. */
  constructor(
    private readonly clock: Clock,
    private readonly after: number,
  ) {}

  add(client: Greeted): void {
    this.waiting.push({ client, due: this.clock.now() + this.after });
    if (this.waiting.length === 1) this.wait(this.after);
  }

  private wait(ms: number): void {
    this.clock.after(ms, () => this.greet());
  }

  private greet(): void {
    const now = this.clock.now();
    const later = this.waiting.findIndex(({ due }) => due > now);
    const due = this.waiting.splice(0, Math.min(MOST, later < 0 ? this.waiting.length : later));
    for (const { client } of due) client.greet();
    const next = this.waiting[0];
    if (next) this.wait(Math.max(0, next.due - now));
  }
}
