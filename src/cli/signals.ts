/**
 * Signals as requests: SIGHUP to reload, SIGUSR2 to upgrade, SIGTERM and SIGINT to stop. Who asks to stop a
 * second time does not want to wait: the process ends there and then. SIGHUP because the terminal was closed
 * that parley was started in is a stop, as it is for every program that runs there.
 */
import { closeSync, openSync } from 'node:fs';
import type { Requests } from './requests.ts';

/** Catches from now on. */
export function catchSignals(requests: Requests): void {
  let stopping = false;
  const stop = (signal: 'SIGTERM' | 'SIGINT', number: number) => {
    process.on(signal, () => {
      if (stopping) process.exit(128 + number);
      stopping = true;
      requests.put({ to: 'stop', who: { signal } });
    });
  };
  const inTerminal = hasTerminal();
  process.on('SIGHUP', () => {
    const who = { signal: 'SIGHUP' };
    if (inTerminal && !hasTerminal()) requests.put({ to: 'stop', who });
    // What came of it, the log says.
    else requests.put({ to: 'reload', who: {}, answer: () => {} });
  });
  process.on('SIGUSR2', () => requests.put({ to: 'upgrade', who: { signal: 'SIGUSR2' }, answer: () => {} }));
  stop('SIGTERM', 15);
  stop('SIGINT', 2);
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
