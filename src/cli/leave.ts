/** When a command that goes on and on is to end: Ctrl-C, a signal, or nobody reads what it prints any more. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Leaving {
  /** Aborted when it is time. */
  readonly signal: AbortSignal;
  leave(): void;
  /** Signals and a broken pipe are again what they were. */
  restore(): void;
}

export function leaving(): Leaving {
  const aborter = new AbortController();
  const leave = (): void => aborter.abort();
  for (const signal of SIGNALS) process.on(signal, leave);
  process.stdout.on('error', leave).on('close', leave);
  return {
    signal: aborter.signal,
    leave,
    restore: () => {
      for (const signal of SIGNALS) process.off(signal, leave);
      process.stdout.off('error', leave).off('close', leave);
    },
  };
}
