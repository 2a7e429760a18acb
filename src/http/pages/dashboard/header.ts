/** The top of the page: which server this is, how it is, and whether the numbers below are of now. */
import { byId, setText } from './dom.ts';
import { span, timeOfDay } from './format.ts';
import type { State } from './state.ts';
import type { StreamState } from './stream.ts';

const STREAM_WORDS: Readonly<Record<StreamState, string>> = {
  connecting: 'connecting…',
  live: 'live',
  reconnecting: 'reconnecting…',
};

export class Header {
  private readonly server = byId('server', HTMLElement);
  private readonly version = byId('version', HTMLElement);
  private readonly uptime = byId('uptime', HTMLElement);
  private readonly health = byId('health', HTMLElement);
  private readonly healthWord = byId('health-word', HTMLElement);
  private readonly stream = byId('stream', HTMLElement);
  private readonly streamWord = byId('stream-word', HTMLElement);
  private readonly why = byId('why', HTMLElement);
  private readonly announcer = byId('announcer', HTMLElement);
  private streamState: StreamState = 'connecting';
  private wasLive = false;
  private state: State | null = null;

  showStream(state: StreamState): void {
    this.streamState = state;
    this.stream.dataset['state'] = state;
    setText(this.streamWord, STREAM_WORDS[state]);
    document.body.classList.toggle('stale', state !== 'live');
    if (state === 'reconnecting') this.announce('The connection to the server is lost. Trying again.');
    if (state === 'live' && this.wasLive) this.announce('The connection to the server is back.');
    if (state === 'live') this.wasLive = true;
    this.explain();
  }

  show(state: State): void {
    const before = this.state?.health;
    this.state = state;
    setText(this.server, state.server);
    setText(this.version, state.version);
    setText(this.uptime, span(state.now - state.startedAt));
    const { health } = state;
    const title = `${health.state === 'ok' ? '' : `${health.state}: `}${state.server} · parley`;
    if (document.title !== title) document.title = title;
    if (before && (before.state !== health.state || before.why !== health.why)) {
      this.announce(`The server is ${health.state}. ${health.why}`);
    }
    this.explain();
  }

  /** Health, and a line about it that is always there, so that nothing moves when it has something to say. */
  private explain(): void {
    const health = this.streamState === 'live' && this.state ? this.state.health.state : 'unknown';
    this.health.dataset['state'] = health;
    setText(this.healthWord, health);
    setText(this.why, this.reason());
  }

  private reason(): string {
    if (this.streamState !== 'live') {
      return this.state
        ? `No word from the server: these numbers are from ${timeOfDay(this.state.now)}.`
        : 'Waiting for the first numbers.';
    }
    const { state, why } = this.state?.health ?? { state: 'ok', why: '' };
    return state === 'ok' ? why || 'All is well.' : why;
  }

  private announce(text: string): void {
    setText(this.announcer, text);
  }
}
