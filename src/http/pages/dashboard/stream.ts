/**
 * Follows the server's stream, for good. The browser comes back by itself after a broken connection and says
 * what it heard last; where it gives up (an error page of a proxy) or hears nothing at all, a new stream is
 * opened, and its `hello` says everything anew.
 */
import type { DashboardEvents } from '../../dashboard.ts';
import type { StreamEvent } from './state.ts';

export type StreamState = 'connecting' | 'live' | 'reconnecting';

const NAMES: Readonly<Record<keyof DashboardEvents, true>> = {
  hello: true,
  tick: true,
  minute: true,
  rooms: true,
  movement: true,
  resync: true,
  bye: true,
};

/** There is a tick each second: this long without anything is a dead connection. */
const QUIET = 8000;
const LONGEST_WAIT = 10_000;

export class Stream {
  private source: EventSource | null = null;
  private timer = 0;
  private tries = 0;
  private state: StreamState = 'connecting';

  constructor(
    private readonly url: string,
    private readonly heard: (event: StreamEvent) => void,
    private readonly changed: (state: StreamState) => void,
  ) {
    addEventListener('online', () => this.state === 'live' || this.open());
    // A page that is put aside lets go of its connection, so that the browser may keep it as it is.
    addEventListener('pagehide', () => this.close());
    addEventListener('pageshow', event => event.persisted && this.open());
  }

  open(): void {
    this.close();
    const source = new EventSource(this.url);
    this.source = source;
    for (const name of Object.keys(NAMES)) {
      source.addEventListener(name, event => this.message(name as keyof DashboardEvents, event));
    }
    source.addEventListener('error', () => {
      this.become('reconnecting');
      if (source.readyState === EventSource.CLOSED) this.again();
    });
    this.again(QUIET);
  }

  private message(name: keyof DashboardEvents, event: MessageEvent<string>): void {
    this.tries = 0;
    this.become('live');
    this.again(QUIET);
    // The server's own words, sent as these types; name and data belong together.
    this.heard({ name, data: JSON.parse(event.data) } as StreamEvent);
  }

  /** Opens a new stream after `ms`, unless something is heard before; later each time. */
  private again(ms = Math.min(LONGEST_WAIT, 1000 * 2 ** this.tries++)): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.become('reconnecting');
      this.open();
    }, ms);
  }

  private become(state: StreamState): void {
    if (this.state === state) return;
    this.state = state;
    this.changed(state);
  }

  private close(): void {
    clearTimeout(this.timer);
    this.source?.close();
    this.source = null;
  }
}
