/** How parley is, in one word with the reason, and whether it should be sent anybody new. */
import type { Health } from '../http/dashboard.ts';

export type Phase = 'starting' | 'running' | 'stopping';

/** ms of event-loop lag above which people notice. */
const SLOW = 250;

export interface HealthSources {
  /** Set while the backend commits nothing, with the reason (the hub). */
  readonly stalledFor: string | null;
  /** What keeps the backend from committing just now. */
  readonly backend: { readonly trouble: string | null };
}

export class HealthCheck {
  /** Where the server stands in its life; the server sets it. */
  phase: Phase = 'starting';

  constructor(private readonly hub: HealthSources) {}

  /** `lag`: the longest the event loop was late in the last seconds, in ms. */
  health(lag: number): Health {
    const { stalledFor, backend } = this.hub;
    if (this.phase === 'stopping') return { state: 'stopping', why: 'parley is stopping' };
    if (stalledFor !== null) return { state: 'stalled', why: stalledFor };
    if (backend.trouble !== null) return { state: 'full', why: backend.trouble };
    if (lag > SLOW) return { state: 'slow', why: `the event loop was ${Math.round(lag)} ms late` };
    return { state: 'ok', why: '' };
  }

  /** Why nobody should be sent here; null where somebody should. */
  notReady(): string | null {
    if (this.phase !== 'running') return this.phase;
    return this.hub.backend.trouble ?? this.hub.stalledFor;
  }
}
