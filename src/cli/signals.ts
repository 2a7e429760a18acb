/**
 * Signals, in the order in which they came: SIGHUP to reload, SIGTERM and SIGINT to stop. Who asks to stop a
 * second time does not want to wait: the process ends there and then. SIGHUP because the terminal was closed
 * that parley was started in is a stop, as it is for every program that runs there.
 */
import { closeSync, openSync } from 'node:fs';

export type Asked = { readonly to: 'reload' } | { readonly to: 'stop'; readonly signal: string };

/** Catches from now on; each call answers the next one. */
export function catchSignals(): () => Promise<Asked> {
  const queue: Asked[] = [];
  let wake: (() => void) | null = null;
  let stopping = false;
  const put = (asked: Asked) => {
    queue.push(asked);
    wake?.();
  };
  const stop = (signal: 'SIGTERM' | 'SIGINT', number: number) => {
    process.on(signal, () => {
      if (stopping) process.exit(128 + number);
      stopping = true;
      put({ to: 'stop', signal });
    });
  };
  const inTerminal = hasTerminal();
  process.on('SIGHUP', () =>
    put(inTerminal && !hasTerminal() ? { to: 'stop', signal: 'SIGHUP' } : { to: 'reload' }),
  );
  stop('SIGTERM', 15);
  stop('SIGINT', 2);
  return async () => {
    for (;;) {
      const asked = queue.shift();
      if (asked) return asked;
      await new Promise<void>(resume => {
        wake = resume;
      });
    }
  };
}

/** Whether the process has a controlling terminal that is still there. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}
