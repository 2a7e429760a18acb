/**
 * `/api/log`: the log as server-sent events, its newest lines first and then each as it comes. Who does not keep
 * up is dropped, and nobody waits.
 */
import type { Clock } from '../../chat/ports.ts';
import type { LogLine, LogTail } from '../../ops/log-tail.ts';
import { type Route, route } from '../route.ts';
import { BEAT, EventStream, frame, HEARTBEAT, retry } from '../sse.ts';
import { LOG_ASKED } from './daemon-shapes.ts';

const USUAL_RECENT = 50;
/** ms after which a reader comes back when its stream ends. */
const COME_BACK = 2000;

export class LogStreams {
  readonly route: Route;
  private readonly streams = new Set<EventStream>();
  private stopBeating: (() => void) | null = null;

  constructor(
    tail: LogTail,
    private readonly clock: Clock,
  ) {
    this.route = route({
      method: 'GET',
      path: '/api/log',
      need: 'operator',
      summary: 'Follow the log',
      details:
        'Server-sent events named `line`: `at` (ms since the epoch), `level`, `message`, `fields`. Lines below the level that is logged are shown live, and not those of before.',
      query: LOG_ASKED,
      answers: { 200: { what: 'A stream of lines.', type: 'text/event-stream' } },
      run: ask => {
        const { level, recent = USUAL_RECENT } = ask.query;
        let unlisten = (): void => {};
        const stream = new EventStream(ask, () => {
          this.streams.delete(stream);
          unlisten();
        });
        const show = (line: LogLine): void => void stream.push(encode(line));
        stream.push(retry(COME_BACK));
        for (const line of tail.recent(level, recent)) show(line);
        if (stream.open) {
          unlisten = tail.listen(level, show);
          this.streams.add(stream);
          this.beat();
        }
        return stream.response;
      },
    });
  }

  get watchers(): number {
    return this.streams.size;
  }

  /** Ends all streams. */
  readonly close = (): void => {
    this.stopBeating?.();
    this.stopBeating = null;
    for (const stream of [...this.streams]) stream.end();
  };

  /** From the first watcher on, for as long as there is one. */
  private beat(): void {
    this.stopBeating ??= this.clock.after(HEARTBEAT, () => {
      this.stopBeating = null;
      if (this.streams.size === 0) return;
      for (const stream of [...this.streams]) stream.push(BEAT);
      this.beat();
    });
  }
}

function encode(line: LogLine): Buffer {
  return frame({ event: 'line', data: JSON.stringify(line) });
}
