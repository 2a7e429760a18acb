/**
 * Speaking without a session: what a script says goes the way of every other line, and is answered once it
 * is kept. How often one may speak is limited as for a connection, but refused: there is nobody to read
 * slower.
 */
import { refusal } from './errors.ts';
import { isSaid, type Said, type Stamp } from './event.ts';
import type { Hub } from './hub.ts';
import { KeyedBuckets } from './limits.ts';
import { type Mailed, tell } from './mail.ts';
import { posted } from './posting.ts';
import { keyOf, type Speaker, speakingRefused, speaksAs, withKnownRoom } from './rights.ts';
import { roomText } from './speech.ts';

/** ms to wait for a store that does not answer. */
const PATIENCE = 10_000;

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
const LINE_ENDS = /(?:\r?\n)+$/;

export interface Publication {
  readonly text: string;
  readonly kind: Said['type'];
  /** The speaker's own: the same publication with the same key is said once (within a day). */
  readonly key: string | null;
}

export interface Published {
  readonly event: Said & Stamp;
  /** It was said before, with the same key. */
  readonly repeated: boolean;
}

export class Publisher {
  private readonly buckets: KeyedBuckets;

  constructor(private readonly hub: Hub) {
    this.buckets = new KeyedBuckets();
  }

  /** Says something in a room. Resolves once it is kept and shown; rejects with the `Refusal` where it was not. */
  async say(speaker: Speaker, input: string, { text, kind, key }: Publication): Promise<Published> {
    const { hub } = this;
    const scoped = scopedKey(speaker, key);
    return await withKnownRoom(hub, speaker, input, async room => {
      const refused = speakingRefused(speaker, room);
      if (refused) throw refused;
      const said = roomText(hub, oneLine(text));
      this.count(speaker);
      const draft = { type: kind, room: room.name, from: speaksAs(speaker), text: said } as const;
      const outcome = await posted(hub, draft, null, { key: scoped, patience: PATIENCE });
      if (typeof outcome === 'string') throw hub.postRefusal(outcome);
      const { event, repeated } = outcome;
      if (event.type !== kind || !isSaid(event) || event.room !== room.name || event.text !== said)
        throw refusal('key-reused');
      return { event, repeated };
    });
  }

  /** Says something to one name. */
  async tell(speaker: Speaker, to: string, text: string, key: string | null): Promise<Mailed> {
    const scoped = scopedKey(speaker, key);
    if (speaker.kind === 'token' && !speaker.token.write) throw refusal('token-scope', 'speaking');
    const line = oneLine(text);
    this.count(speaker);
    const sender = { name: speaksAs(speaker), session: null };
    return await tell(this.hub, sender, to, line, { key: scoped, patience: PATIENCE });
  }

  private count(speaker: Speaker): void {
    const { clock, rules } = this.hub;
    const rate = { perSecond: rules.lineRate, burst: rules.lineBurst };
    const wait = this.buckets.take(keyOf(speaker), rate, clock.now());
    if (wait > 0) throw refusal('too-many-messages', Math.ceil(wait / 1000));
  }
}

function scopedKey(speaker: Speaker, key: string | null): string | undefined {
  if (key === null) return undefined;
  if (!IDEMPOTENCY_KEY.test(key))
    throw refusal('bad-request', 'an Idempotency-Key is 1 to 255 visible ASCII characters');
  return `${keyOf(speaker)} ${key}`;
}

/** A message is one line; a line end after it is how programs print, and no part of it. */
export function oneLine(text: string): string {
  const line = text.replace(LINE_ENDS, '');
  if (/[\r\n]/.test(line)) throw refusal('several-lines');
  return line;
}
