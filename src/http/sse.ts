/**
 * Server-sent events (WHATWG HTML, 9.2): how an event becomes bytes, and one open stream of them. A stream
 * never waits for its reader: who is too far behind is dropped, and nobody else notices.
 */
import type { Ask } from './route.ts';

export interface Frame {
  /** What `addEventListener` is given; without one, `message`. */
  readonly event?: string;
  /** What comes back as `Last-Event-ID`. Must not be empty. */
  readonly id?: string;
  /** May have lines. */
  readonly data: string;
}

const LINE_END = /\r\n|\r|\n/;
/** What would end a field, or have a reader ignore an id. */
const NOT_IN_FIELD = /[\r\n\0]/;

/** One event, as every reader that keeps to the standard gets it back; line ends in `data` come back as LF. */
export function frame({ event, id, data }: Frame): Buffer {
  let text = '';
  if (event !== undefined) text += field('event', event);
  if (id !== undefined) text += field('id', id);
  for (const line of data.split(LINE_END)) text += `data: ${line}\n`;
  return Buffer.from(`${text}\n`);
}

/** Bytes that readers ignore: they keep proxies from thinking that nobody is there. */
export function comment(text: string): Buffer {
  return Buffer.from(`${field('', text)}\n`);
}

/** After how many ms a reader comes back when the stream breaks. */
export function retry(ms: number): Buffer {
  return Buffer.from(`retry: ${Math.round(ms)}\n\n`);
}

function field(name: string, value: string): string {
  if (NOT_IN_FIELD.test(value)) throw new TypeError(`a line end in an SSE field: ${JSON.stringify(value)}`);
  return `${name}: ${value}\n`;
}

/** ms between two heartbeats: below the 30 s and 60 s after which proxies give up. */
export const HEARTBEAT = 15_000;
export const BEAT = comment('beat');

export const SSE_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store',
  // nginx and those that copied it pass each event on at once.
  'X-Accel-Buffering': 'no',
};

/** `left`: the reader went. `slow`: it was dropped. `ended`: by `end`. */
export type StreamEnd = 'left' | 'slow' | 'ended';

/** Bytes a reader may be behind, beyond what the kernel holds for it. Buffers that many are given count in each. */
const MOST_BEHIND = 1024 * 1024;
/** Bytes handed on at a time: Bun keeps a copy of as much for each stream, for good. */
const PIECE = 16 * 1024;
/** Seconds that a stream which has ended has for what is still on its way. */
const LAST_SECONDS = 10;

export class EventStream {
  readonly response: Response;
  private controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  private queue: Uint8Array[] = [];
  private behind = 0;
  /** The reader has taken all it was given, and waits. */
  private waiting = false;
  private state: 'open' | 'ended' = 'open';

  /** `ended` is called once, whoever ended it; never from within this constructor. */
  constructor(
    private readonly ask: Pick<Ask, 'request' | 'keepOpen'>,
    private readonly ended: (how: StreamEnd) => void,
  ) {
    const body = new ReadableStream<Uint8Array>(
      {
        start: controller => {
          this.controller = controller;
        },
        pull: () => this.pull(),
        cancel: () => this.left(),
      },
      // Nothing is taken before the kernel takes it.
      { highWaterMark: 0 },
    );
    ask.keepOpen();
    // The body is cancelled only if somebody had begun to read it.
    const { signal } = ask.request;
    signal.addEventListener('abort', () => this.left(), { once: true });
    if (signal.aborted) queueMicrotask(() => this.left());
    this.response = new Response(body, { headers: SSE_HEADERS });
  }

  get open(): boolean {
    return this.state === 'open';
  }

  /** Hands on bytes that must not change any more. False where the stream has ended, maybe just now. */
  push(bytes: Uint8Array): boolean {
    if (this.state !== 'open') return false;
    if (this.behind + bytes.length > MOST_BEHIND) {
      this.queue = [];
      this.close('slow');
      return false;
    }
    this.queue.push(bytes);
    this.behind += bytes.length;
    if (this.waiting) this.pull();
    return true;
  }

  /** Ends the stream after what it was given, and after these bytes. */
  end(last?: Uint8Array): void {
    if (last) this.push(last);
    this.close('ended');
  }

  /** The reader is ready for more. */
  private pull(): void {
    const next = this.queue.shift();
    this.waiting = next === undefined;
    if (next === undefined) {
      if (this.state !== 'open') this.controller?.close();
      return;
    }
    const piece = next.length > PIECE ? next.subarray(0, PIECE) : next;
    if (next.length > PIECE) this.queue.unshift(next.subarray(PIECE));
    this.behind -= piece.length;
    this.controller?.enqueue(piece);
  }

  /** What is in the queue still goes out, for a while: who does not read would hold the connection for ever. */
  private close(how: 'slow' | 'ended'): void {
    if (this.state !== 'open') return;
    this.state = 'ended';
    if (this.waiting) this.pull();
    this.ask.keepOpen(LAST_SECONDS);
    this.ended(how);
  }

  private left(): void {
    const { state } = this;
    this.state = 'ended';
    this.queue = [];
    this.controller = null;
    if (state === 'open') this.ended('left');
  }
}
