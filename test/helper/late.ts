/** A store that is far away: what it is asked is answered when the test says so. */
import type { Backend } from '../../src/chat/ports.ts';

/** What a backend answers with a promise. */
type Asked = {
  [K in keyof Backend]: Backend[K] extends (...args: never[]) => Promise<unknown> ? K : never;
}[keyof Backend];

export interface Late {
  /** How many answers are kept back. */
  readonly waiting: number;
  /** Lets go of the answers kept back so far, the oldest `count` of them or all. */
  answer(count?: number): void;
  /** From now on answers come at once. */
  stop(): void;
}

/**
 * Keeps back what the backend answers to `method` from now on. `when` says when it looks: as it is `asked`
 * (the answer is old news when it arrives), or as it is `answered`.
 */
export function late(backend: Backend, method: Asked, when: 'asked' | 'answered' = 'asked'): Late {
  // One of many signatures, which are all passed through as they are.
  const methods = backend as unknown as Record<Asked, (...args: unknown[]) => Promise<unknown>>;
  const real = methods[method].bind(backend);
  const held: (() => void)[] = [];
  methods[method] = async (...args) => {
    const asked = when === 'asked' ? real(...args) : null;
    await new Promise<void>(resolve => held.push(resolve));
    return await (asked ?? real(...args));
  };
  const answer = (count = held.length): void => {
    for (const resolve of held.splice(0, count)) resolve();
  };
  return {
    get waiting() {
      return held.length;
    },
    answer,
    stop: () => {
      methods[method] = real;
      answer();
    },
  };
}
