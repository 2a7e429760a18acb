/** Private messages: kept first, then shown to the addressee's sessions or left waiting for it. */
import { type Refusal, refusal } from './errors.ts';
import type { Hub } from './hub.ts';
import { type Folded, fold } from './names.ts';
import type { Origin, PostRefusal } from './ports.ts';
import type { Session } from './session.ts';
import { lineText } from './speech.ts';
import type { User } from './user.ts';

/** How a private message fared, as its sender is told. */
export type Told =
  /** The addressee is online; `away` is what it said of being away. */
  | { readonly outcome: 'delivered'; readonly to: string; readonly away: string | null }
  /** It waits. `account: false`: for whoever next takes the name. */
  | { readonly outcome: 'waiting'; readonly to: string; readonly account: boolean }
  | { readonly outcome: 'refused'; readonly to: string; readonly refusal: Refusal };

/**
 * Sends a private message without waiting: `told` is called once it is kept or refused. So a client may
 * send many in one turn, and they stay in order.
 */
export function tell(
  hub: Hub,
  session: Session,
  user: User,
  to: string,
  text: string,
  told: (told: Told) => void,
): void {
  const given = to.replace(/^@/, '');
  const folded = fold(given);
  const draft = {
    type: 'private',
    from: user.name,
    to: hub.users.get(folded)?.name ?? given,
    text: lineText(hub, text),
  } as const;
  const settle = (outcome: Told): void => {
    told(outcome);
    session.settle();
  };
  session.unsettled++;
  const origin: Origin = {
    session,
    committed: (_event, waiting) => {
      const away = hub.users.get(folded)?.away ?? null;
      if (!waiting) settle({ outcome: 'delivered', to: draft.to, away });
      else void reportWaiting(hub, draft.to, folded, settle);
    },
    refused: code => void reportRefused(hub, draft.to, folded, code, settle),
  };
  hub.backend.post(draft, origin);
}

async function reportWaiting(
  hub: Hub,
  to: string,
  folded: Folded,
  told: (told: Told) => void,
): Promise<void> {
  // The message is kept, whether or not the store can say whose it will be.
  const known = await hub.backend.known(folded).catch(() => null);
  told({ outcome: 'waiting', to: known?.name ?? to, account: known?.account ?? true });
}

async function reportRefused(
  hub: Hub,
  to: string,
  folded: Folded,
  code: PostRefusal,
  told: (told: Told) => void,
): Promise<void> {
  const similar = code === 'no-such-name' ? await hub.backend.similarNames(folded).catch(() => []) : [];
  const why = code === 'no-such-name' ? refusal(code, to, similar.join(', ')) : hub.postRefusal(code, to);
  told({ outcome: 'refused', to, refusal: why });
}
