/**
 * The way out of a program that another takes the place of: everything comes to rest, whoever cannot be taken
 * along is told and closed, the store is closed, and what is left is written down.
 */
import { hubState, isUnderWay } from '../chat/handover.ts';
import type { Hub } from '../chat/hub.ts';
import type { Clients } from '../net/clients.ts';
import type { Listener } from '../net/listen.ts';
import { VERSION } from '../version.ts';
import { type HandoverState, STATE_VERSION } from './state.ts';

/** Everything there is to hand over. */
export interface Parts {
  readonly hub: Hub;
  readonly clients: Clients;
  readonly listeners: readonly Listener[];
  /** Over all outboxes. */
  readonly outbox: { readonly bytes: number };
  /** Where HTTP is spoken. */
  readonly http: {
    /** The true ones. */
    readonly ports: { readonly httpPort: number | null; readonly httpsPort: number | null };
    stop(): Promise<void>;
  };
}

/** ms that what is under way has to come to its end, and then that those who are closed have to read why. */
const REST = 1000;
const LAST_WORDS = 500;
/** How often, in ms, it is looked whether that is so. */
const LOOK = 2;
/** Bytes for slow readers that are taken along at most: they are all written down at once. */
const MOST_UNSENT = 256 * 1024 * 1024;

/** What happens to the program, as people are told. */
export type Fate = 'upgraded' | 'restarted';

export class Leaving {
  private since = 0;

  constructor(private readonly parts: Parts) {}

  /** Why it cannot be left just now, in words; null where it can. */
  get obstacle(): string | null {
    const { hub, outbox } = this.parts;
    if (hub.backend.trouble !== null) return `${hub.backend.trouble}. Mend that first`;
    return outbox.bytes > MOST_UNSENT ? 'too much waits for those who do not read. Try again later' : null;
  }

  /** What would be handed over just now. */
  state(): HandoverState {
    const { hub, clients, listeners, http } = this.parts;
    return {
      version: STATE_VERSION,
      from: VERSION,
      since: this.since,
      stopping: false,
      listeners: listeners.flatMap(listener => listener.carry() ?? []),
      inodes: [],
      ...http.ports,
      hub: hubState(hub),
      clients: [...clients.all()].flatMap(client => {
        const link = client.passing ? null : client.connection.carriedLink();
        return link ? [{ link, client: client.carry() }] : [];
      }),
    };
  }

  /**
   * Runs no more lines, lets what is under way come to its end, closes whoever cannot be taken along, and
   * closes the store. What it answers is true until the event loop runs again.
   */
  async leave(fate: Fate): Promise<HandoverState> {
    const { hub, clients, http } = this.parts;
    // While the chat goes on: whoever reads a stream takes a moment to let go of it.
    await http.stop();
    this.since = hub.clock.now();
    clients.hold();
    await this.until(REST, () => !this.busy);
    const closed = this.closeOthers(fate);
    await this.until(LAST_WORDS, () => !this.busy && closed.every(({ outbox }) => outbox.empty));
    clients.seal();
    await hub.stop();
    return this.state();
  }

  private get busy(): boolean {
    for (const { connection, session } of this.parts.clients.all())
      if (connection.working || isUnderWay(session)) return true;
    return false;
  }

  /** Those that TLS was agreed with, and those who are only half signed in. */
  private closeOthers(fate: Fate): readonly { readonly outbox: { readonly empty: boolean } }[] {
    const closed = [];
    for (const client of [...this.parts.clients.all()]) {
      const { connection, session, face } = client;
      connection.answerHeld();
      if (client.passing) continue;
      if (connection.carriedLink() === null || isUnderWay(session)) {
        face.notice(`parley is being ${fate}. What was said is kept; come back in a moment.`);
        client.close('shutting-down', `parley is being ${fate}`);
        closed.push(client);
      } else if (connection.working) face.notice(`parley was ${fate} before that was done. Ask again.`);
    }
    return closed;
  }

  /** Looks at least once after other work was done. */
  private async until(ms: number, isSo: () => boolean): Promise<void> {
    const { clock } = this.parts.hub;
    const end = clock.now() + ms;
    do await new Promise<void>(resolve => clock.after(LOOK, resolve));
    while (!isSo() && clock.now() < end);
  }
}
