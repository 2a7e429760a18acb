/** Posting a draft and waiting for what becomes of it. */
import { refusal } from './errors.ts';
import type { Draft, Kept } from './event.ts';
import type { Hub } from './hub.ts';
import type { PostRefusal } from './ports.ts';
import type { Session } from './session.ts';

export interface Posted {
  readonly event: Kept;
  /** A private message to somebody who is not online. */
  readonly waiting: boolean;
  /** Its key was posted before: this is what it became then. */
  readonly repeated: boolean;
}

export interface PostOptions {
  /** Posted again with the same key, it is kept once. */
  readonly key?: string | undefined;
  /** ms to wait for the store; rejects with `store-stalled` then, and it may be kept all the same. */
  readonly patience?: number;
}

/** Resolves once it is kept, or with why it was not. */
export function posted(
  hub: Hub,
  draft: Draft,
  session: Session | null,
  { key, patience }: PostOptions = {},
): Promise<Posted | PostRefusal> {
  return new Promise((resolve, reject) => {
    let stopWaiting = (): void => {};
    const settled = (outcome: Posted | PostRefusal): void => {
      stopWaiting();
      resolve(outcome);
    };
    const origin = {
      session,
      committed: (event: Kept, waiting: boolean, repeated = false) => settled({ event, waiting, repeated }),
      refused: settled,
    };
    hub.backend.post(draft, origin, key);
    if (patience !== undefined)
      stopWaiting = hub.clock.after(patience, () => reject(refusal('store-stalled')));
  });
}
