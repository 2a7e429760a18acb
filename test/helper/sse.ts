/**
 * Reading server-sent events the way the standard says (WHATWG HTML, 9.2.6), so that what parley sends is held
 * to that and not to parley's own idea of it.
 */

export interface Seen {
  readonly event: string;
  readonly data: string;
  /** The last event id there was, with this event or before it. */
  readonly id: string;
}

export class SseParser {
  lastId = '';
  /** ms, where the stream said so. */
  retry: number | null = null;
  readonly comments: string[] = [];
  private readonly decoder = new TextDecoder();
  private rest = '';
  private data: string[] = [];
  private event = '';
  private id: string | null = null;

  /** The events that are complete with these bytes. */
  feed(bytes: Uint8Array): Seen[] {
    this.rest += this.decoder.decode(bytes, { stream: true });
    const events: Seen[] = [];
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.rest);
      if (!end) return events;
      const line = this.rest.slice(0, end.index);
      this.rest = this.rest.slice(end.index + end[0].length);
      const event = line === '' ? this.dispatch() : this.take(line);
      if (event) events.push(event);
    }
  }

  private take(line: string): null {
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (colon === 0) this.comments.push(value);
    else if (name === 'event') this.event = value;
    else if (name === 'data') this.data.push(value);
    else if (name === 'id' && !value.includes('\0')) this.id = value;
    else if (name === 'retry' && /^\d+$/.test(value)) this.retry = Number(value);
    return null;
  }

  private dispatch(): Seen | null {
    if (this.id !== null) this.lastId = this.id;
    const { data, event } = this;
    this.data = [];
    this.event = '';
    if (data.length === 0) return null;
    return { event: event || 'message', data: data.join('\n'), id: this.lastId };
  }
}

/** Somebody who reads a stream. */
export class Reader {
  readonly parser = new SseParser();
  private readonly reader: Pick<ReadableStreamDefaultReader<Uint8Array>, 'read' | 'cancel'>;
  private readonly seen: Seen[] = [];

  constructor(readonly response: Response) {
    if (!response.body) throw new Error('there is no body');
    this.reader = response.body.getReader();
  }

  /** The next event; null once the stream has ended. */
  async next(): Promise<Seen | null> {
    while (this.seen.length === 0) if (!(await this.read())) return null;
    return this.seen.shift() ?? null;
  }

  /** The data of the next event, which must be of this name. */
  async expect(event: string): Promise<unknown> {
    const next = await this.next();
    if (next?.event !== event) throw new Error(`${event} was expected, and came: ${JSON.stringify(next)}`);
    return JSON.parse(next.data);
  }

  /** Reads what comes next; false at the end. */
  async read(): Promise<boolean> {
    const { done, value } = await this.reader.read();
    if (done) return false;
    this.seen.push(...this.parser.feed(value));
    return true;
  }

  /** Goes away. */
  async leave(): Promise<void> {
    await this.reader.cancel();
  }
}

/** What a route that streams is asked with; `kept`: what it said of the idle timeout. */
export function streamAsk(lastId?: string): {
  readonly request: Request;
  keepOpen(seconds?: number): void;
  readonly kept: (number | undefined)[];
  abort(): void;
} {
  const aborter = new AbortController();
  const kept: (number | undefined)[] = [];
  return {
    request: new Request('http://localhost/events', {
      headers: lastId === undefined ? {} : { 'Last-Event-ID': lastId },
      signal: aborter.signal,
    }),
    keepOpen: seconds => void kept.push(seconds),
    kept,
    abort: () => aborter.abort(),
  };
}
