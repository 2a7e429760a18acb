/** What is asked of the running daemon, by signals and over its socket, one after the other in their order. */
import type { Refusal } from '../chat/errors.ts';
import type { LogFields } from '../chat/ports.ts';
import type { Control, Reloaded } from '../ops/control.ts';

export type Asked =
  | {
      readonly to: 'reload';
      /** Who asks, for the log. */
      readonly who: LogFields;
      answer(outcome: Reloaded | Refusal): void;
    }
  /** Another program in the place of this one, also where its file is the same. */
  | {
      readonly to: 'upgrade';
      readonly who: LogFields;
      /** With the version of the other program, once it is to begin. */
      answer(outcome: string | Refusal): void;
    }
  | { readonly to: 'stop'; readonly who: LogFields };

export class Requests {
  private readonly queue: Asked[] = [];
  private wake: (() => void) | null = null;

  put(asked: Asked): void {
    this.queue.push(asked);
    this.wake?.();
  }

  /** Somebody wants it to stop, when what comes before is done. */
  get stopping(): boolean {
    return this.queue.some(({ to }) => to === 'stop');
  }

  /** The next one. */
  async next(): Promise<Asked> {
    for (;;) {
      const asked = this.queue.shift();
      if (asked) return asked;
      await new Promise<void>(resume => {
        this.wake = resume;
      });
    }
  }

  /** For those who ask over the socket. */
  readonly control: Control = {
    reload: by =>
      new Promise((resolve, reject) =>
        this.put({
          to: 'reload',
          who: { by },
          answer: outcome => ('code' in outcome ? reject(outcome) : resolve(outcome)),
        }),
      ),
    upgrade: by =>
      new Promise((resolve, reject) =>
        this.put({
          to: 'upgrade',
          who: { by },
          answer: outcome => (typeof outcome === 'string' ? resolve(outcome) : reject(outcome)),
        }),
      ),
    stop: by => this.put({ to: 'stop', who: { by } }),
  };
}
