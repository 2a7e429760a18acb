/** Private messages: kept first, then shown to the addressee's sessions or left waiting for it. */
import { type Refusal, refusal } from './errors.ts';
import type { PrivateEvent } from './event.ts';
import type { Hub } from './hub.ts';
import { type Folded, fold } from './names.ts';
import type { PostRefusal } from './ports.ts';
import { type PostOptions, posted } from './posting.ts';
import type { Session } from './session.ts';
import { lineText } from './speech.ts';

/** How a private message fared, as its sender is told. */
export type Told =
  /** The addressee is online; `away` is what it said of being away. */
  | { readonly outcome: 'delivered'; readonly to: string; readonly away: string | null }
  /** It waits. `account: false`: for whoever next takes the name. */
  | { readonly outcome: 'waiting'; readonly to: string; readonly account: boolean };

/** A message that was kept; `repeated` where that was before, under the same key. */
export interface Mailed {
  readonly told: Told;
  readonly event: PrivateEvent;
  readonly repeated: boolean;
}

/** Who sends; `session` is null where it was typed in none. */
export interface Sender {
  readonly name: string;
  readonly session: Session | null;
}

/** Sends a private message. Resolves once it is kept; rejects with the `Refusal` where it was not. */
export async function tell(
  hub: Hub,
  sender: Sender,
  to: string,
  text: string,
  options?: PostOptions,
): Promise<Mailed> {
  const given = to.replace(/^@/, '');
  const folded = fold(given);
  const name = hub.users.get(folded)?.name ?? given;
  const draft = { type: 'private', from: sender.name, to: name, text: lineText(hub, text) } as const;
  const outcome = await posted(hub, draft, sender.session, options);
  if (typeof outcome === 'string') throw await refusalFor(hub, name, folded, outcome);
  const { event, waiting, repeated } = outcome;
  // Another message of its sender went by this key.
  if (event.type !== 'private' || event.text !== draft.text || fold(event.to) !== folded)
    throw refusal('key-reused');
  return { told: await toldOf(hub, name, waiting), event, repeated };
}

async function toldOf(hub: Hub, to: string, waiting: boolean): Promise<Told> {
  const folded = fold(to);
  if (!waiting) return { outcome: 'delivered', to, away: hub.users.get(folded)?.away ?? null };
  // The message is kept, whether or not the store can say whose it will be.
  const known = await hub.backend.known(folded).catch(() => null);
  return { outcome: 'waiting', to: known?.name ?? to, account: known?.account ?? true };
}

async function refusalFor(hub: Hub, to: string, folded: Folded, code: PostRefusal): Promise<Refusal> {
  if (code !== 'no-such-name') return hub.postRefusal(code, to);
  const similar = await hub.backend.similarNames(folded).catch(() => []);
  return refusal(code, to, similar.join(', '));
}
