/** The real clock. */
import type { Clock } from '../chat/ports.ts';

/** What a timer can hold (2^31 - 1 ms, 24.8 days); longer ones would fire at once. */
const LONGEST = 2_147_483_647;

export const systemClock: Clock = {
  now: Date.now,
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, LONGEST));
    return () => clearTimeout(timer);
  },
};
