/**
 * What happens over and over is said a few times, and then counted: one line tells how often it happened, when
 * its time is over. A message counts as the same whatever its fields are, so that neither a crowd of guesses
 * nor a failing disk fills the log.
 */

/** Lines of one message within a window that are logged as they come. */
const MOST = 20;
/** ms */
const WINDOW = 10_000;
const MOST_MESSAGES = 1000;

interface Window {
  readonly until: number;
  said: number;
  more: number;
}

export interface RepeatsPorts {
  now(): number;
  /** Runs it after so many ms. */
  after(ms: number, run: () => void): void;
  /** `more` of these were not said in the last `seconds`. */
  tell(message: string, more: number, seconds: number): void;
}

export class Repeats {
  private readonly windows = new Map<string, Window>();

  constructor(private readonly ports: RepeatsPorts) {}

  /** Whether it is to be said. */
  admit(message: string): boolean {
    const window = this.windowOf(message);
    window.said++;
    if (window.said <= MOST) return true;
    if (window.more === 0) this.ports.after(window.until - this.ports.now(), () => this.close(message));
    window.more++;
    return false;
  }

  private windowOf(message: string): Window {
    const now = this.ports.now();
    const current = this.windows.get(message);
    if (current && (now < current.until || current.more > 0)) return current;
    // Most messages are written in the program, so there are only so many; some name what was wrong.
    if (this.windows.size >= MOST_MESSAGES) this.windows.clear();
    const window = { until: now + WINDOW, said: 0, more: 0 };
    this.windows.set(message, window);
    return window;
  }

  private close(message: string): void {
    const window = this.windows.get(message);
    this.windows.delete(message);
    if (window && window.more > 0) this.ports.tell(message, window.more, WINDOW / 1000);
  }
}
