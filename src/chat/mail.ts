/** Private messages: kept first, then shown to the addressee's sessions or left waiting for it. */
import { type Refusal, refusal } from './errors.ts';
import type { Hub } from './hub.ts';
import { type Folded, fold } from './names.ts';
import type { PostRefusal } from './ports.ts';
import type { Session } from './session.ts';
import { lineText } from './speech.ts';
import type { User } from './user.ts';

/** How a private message fared, as its sender is told. */
export type Told =
  /** The addressee is online; `away` is what it said of being away. */
  | { readonly outcome: 'delivered'; readonly to: string; readonly away: string | null }
  /** It waits. `account: false`: for whoever next takes the name. */
  | { readonly outcome: 'waiting'; readonly to: string; readonly account: boolean };

/** Sends a private message. Resolves once it is kept; rejects with the `Refusal` where it was not. */
export async function tell(hub: Hub, session: Session, user: User, to: string, text: string): Promise<Told> {
  const given = to.replace(/^@/, '');
  const folded = fold(given);
  const name = hub.users.get(folded)?.name ?? given;
  const draft = { type: 'private', from: user.name, to: name, text: lineText(hub, text) } as const;
  const outcome = await new Promise<'delivered' | 'waiting' | PostRefusal>(resolve =>
    hub.backend.post(draft, {
      session,
      committed: (_event, waiting) => resolve(waiting ? 'waiting' : 'delivered'),
      refused: resolve,
    }),
  );
  if (outcome === 'delivered') return { outcome, to: name, away: hub.users.get(folded)?.away ?? null };
  if (outcome !== 'waiting') throw await refusalFor(hub, name, folded, outcome);
  // The message is kept, whether or not the store can say whose it will be.
  const known = await hub.backend.known(folded).catch(() => null);
  return { outcome, to: known?.name ?? name, account: known?.account ?? true };
}

async function refusalFor(hub: Hub, to: string, folded: Folded, code: PostRefusal): Promise<Refusal> {
  if (code !== 'no-such-name') return hub.postRefusal(code, to);
  const similar = await hub.backend.similarNames(folded).catch(() => []);
  return refusal(code, to, similar.join(', '));
}
