/**
 * The real turn: whatever the sockets brought in one pass of the event loop is committed once and flushed
 * once at its end. Bun runs setImmediate after all socket callbacks of a pass.
 */
import { bugText } from '../chat/errors.ts';
import type { Log, Meter, Turn } from '../chat/ports.ts';

export class LoopTurn implements Turn {
  private commits: (() => void)[] = [];
  private flushes: (() => void)[] = [];
  private scheduled = false;
  /** When the first thing was asked of this turn, by the meter. */
  private began = 0;
  private readonly run = () => this.end();

  constructor(
    private readonly log: Log,
    private readonly meter: Meter | null = null,
  ) {}

  commit(run: () => void): void {
    this.commits.push(run);
    this.schedule();
  }

  flush(run: () => void): void {
    this.flushes.push(run);
    this.schedule();
  }

  private schedule(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    if (this.meter) this.began = this.meter.now();
    setImmediate(this.run);
  }

  private end(): void {
    const { commits, began, meter } = this;
    this.commits = [];
    for (const run of commits) this.guarded(run);
    const { flushes } = this;
    this.flushes = [];
    this.scheduled = false;
    for (const run of flushes) this.guarded(run);
    meter?.delivered(meter.now() - began);
    if (this.commits.length > 0) this.schedule();
  }

  /** A bug in one piece of work must not take the others of the turn with it. */
  private guarded(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.log.error('a turn failed', { why: bugText(error) });
    }
  }
}
