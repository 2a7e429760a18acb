/**
 * What searches do on the event loop: small slices, one after another whosever they are, and only for so long
 * a pass of the loop. The rest waits for the next one.
 */
import type { Clock } from '../../chat/ports.ts';

export class Slices {
  private readonly queue: (() => void)[] = [];
  /** When the first slice of this pass began. */
  private began: number | null = null;
  private cancel: () => void = () => {};
  private stopped = false;

  constructor(
    private readonly clock: Clock,
    /** ms a pass after which no slice is begun. */
    private readonly most: number,
  ) {}

  /** What the slice answers, at once if this pass has time left; null, and the slice is not run, once stopped. */
  run<Answer extends object>(slice: () => Answer): Promise<Answer | null> {
    return new Promise((resolve, reject) => {
      this.queue.push(() => {
        try {
          resolve(this.stopped ? null : slice());
        } catch (error) {
          reject(error);
        }
      });
      this.work();
    });
  }

  stop(): void {
    this.stopped = true;
    this.cancel();
    for (const run of this.queue.splice(0)) run();
  }

  private work(): void {
    if (this.began === null && !this.stopped) {
      this.began = this.clock.now();
      this.cancel = this.clock.after(0, this.nextPass);
    }
    while (this.queue.length > 0 && this.hasTime()) this.queue.shift()?.();
  }

  private hasTime(): boolean {
    return this.stopped || this.began === null || this.clock.now() - this.began < this.most;
  }

  private readonly nextPass = (): void => {
    this.began = null;
    if (this.queue.length > 0) this.work();
  };
}
