/** How many lines were said in each room within the last minute, in steps of a few seconds. */

const STEPS = 12;

interface Pace {
  /** Lines of the step under way. */
  now: number;
  /** Of the steps before, as a ring. */
  readonly steps: Uint32Array;
  sum: number;
}

export class RoomPaces {
  /** Seconds a step. */
  static readonly STEP = 60 / STEPS;
  /** Rooms that anything was said in within the minute. */
  private readonly paces = new Map<string, Pace>();
  private step = 0;
  private lastRoom = '';
  private lastPace: Pace | null = null;

  /** One line; this is on the path of every line. */
  said(room: string): void {
    if (this.lastPace === null || this.lastRoom !== room) this.look(room);
    if (this.lastPace !== null) this.lastPace.now++;
  }

  private look(room: string): void {
    let pace = this.paces.get(room);
    if (!pace) {
      pace = { now: 0, steps: new Uint32Array(STEPS), sum: 0 };
      this.paces.set(room, pace);
    }
    this.lastRoom = room;
    this.lastPace = pace;
  }

  /** A step is over. */
  next(): void {
    this.step = (this.step + 1) % STEPS;
    for (const [room, pace] of this.paces) {
      pace.sum += pace.now - (pace.steps[this.step] ?? 0);
      pace.steps[this.step] = pace.now;
      pace.now = 0;
      if (pace.sum === 0) this.paces.delete(room);
    }
    this.lastPace = null;
  }

  perMinute(room: string): number {
    return this.paces.get(room)?.sum ?? 0;
  }
}
