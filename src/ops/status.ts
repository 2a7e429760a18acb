/** How parley does, in one line for `systemctl status`: `12 people in 3 rooms, 4 messages a second; ok`. */
import type { Counters } from '../chat/counters.ts';
import type { Clock } from '../chat/ports.ts';
import type { HealthCheck } from './health.ts';

export interface StatusSources {
  readonly users: { readonly size: number };
  readonly rooms: { readonly size: number };
  readonly counters: Pick<Counters, 'messages'>;
}

export class StatusLine {
  private before: { readonly at: number; readonly messages: number };

  constructor(
    private readonly hub: StatusSources,
    private readonly check: HealthCheck,
    private readonly clock: Clock,
  ) {
    this.before = this.read();
  }

  /** Messages are counted since it was last asked for. */
  next(): string {
    const { hub, before } = this;
    const now = this.read();
    this.before = now;
    const rate = perSecond(now.messages - before.messages, now.at - before.at);
    const { state, why } = this.check.health(0);
    const people = count(hub.users.size, 'person', 'people');
    const rooms = count(hub.rooms.size, 'room', 'rooms');
    const health = state === 'ok' || state === 'stopping' ? state : `${state}: ${why}`;
    return `${people} in ${rooms}, ${count(rate, 'message', 'messages')} a second; ${health}`;
  }

  private read(): { at: number; messages: number } {
    const { message, action, private: told } = this.hub.counters.messages;
    return { at: this.clock.now(), messages: message + action + told };
  }
}

/** Small rates with a digit behind the point. */
function perSecond(messages: number, ms: number): number {
  const rate = (messages / Math.max(ms, 1)) * 1000;
  return rate < 10 ? Math.round(rate * 10) / 10 : Math.round(rate);
}

function count(value: number, one: string, many: string): string {
  return `${value} ${value === 1 ? one : many}`;
}
