/** What a transaction changed in memory, to be taken back with it. */
export class Undo {
  private steps: (() => void)[] = [];

  push(step: () => void): void {
    this.steps.push(step);
  }

  /** Takes everything back, the last first. */
  rollback(): void {
    for (let step = this.steps.pop(); step; step = this.steps.pop()) step();
  }

  clear(): void {
    if (this.steps.length > 0) this.steps = [];
  }
}
