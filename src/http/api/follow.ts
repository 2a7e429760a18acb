/**
 * `/api/rooms/{room}/events`: a room as server-sent events, each message with its id, so that a reader goes
 * on where it stopped. The stream asks its follower for more only when the reader has taken what it was
 * given: a slow one has nothing waiting for it here.
 */
import type { SaidEvent } from '../../chat/browse.ts';
import { bugText, refusal } from '../../chat/errors.ts';
import type { Follows } from '../../chat/follow.ts';
import type { Follower } from '../../chat/follower.ts';
import type { Log } from '../../chat/ports.ts';
import { type Route, route } from '../route.ts';
import { BEAT, comment, frame, retry, SSE_HEADERS } from '../sse.ts';
import { messageJson, readerOf } from './answer.ts';
import { FOLLOWING } from './shapes.ts';

/** ms after which a reader comes back when its stream ends. */
const COME_BACK = 2000;

export function followRoute(follows: Follows, log: Log): Route {
  return route({
    method: 'GET',
    path: '/api/rooms/:room/events',
    need: 'read',
    summary: 'Follow a room',
    details:
      'Server-sent events named `message` and `action`, whose data is a Message and whose id is its id. Resumes after `Last-Event-ID` or `after` without a gap and without a double, across restarts too. A comment every 15 seconds shows that the stream is alive. It ends when the room may not be read any more.',
    query: FOLLOWING,
    answers: { 200: { what: 'A stream of events.', type: 'text/event-stream' } },
    run: async ask => {
      const { caller, params, query, request } = ask;
      const after = lastEventId(request.headers.get('last-event-id')) ?? query.after ?? null;
      const follower = await follows.follow(readerOf(caller), params['room'] ?? '', after);
      ask.keepOpen();
      return new Response(streamOf(follower, request.signal, log), { headers: SSE_HEADERS });
    },
  });
}

function lastEventId(header: string | null): number | null {
  if (header === null || header === '') return null;
  if (!/^\d{1,15}$/.test(header)) throw refusal('bad-request', 'Last-Event-ID is the id of a message');
  return Number(header);
}

function streamOf(follower: Follower, signal: AbortSignal, log: Log): ReadableStream<Uint8Array> {
  let gone = false;
  let begun = false;
  const leave = (): void => {
    gone = true;
    follower.close();
  };
  // A body that nobody began to read is not cancelled.
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  return new ReadableStream<Uint8Array>(
    {
      pull: async controller => {
        if (!begun) {
          begun = true;
          controller.enqueue(retry(COME_BACK));
          return;
        }
        const { bytes, last } = await nextBytes(follower, log);
        if (gone) return;
        controller.enqueue(bytes);
        if (last) controller.close();
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
}

async function nextBytes(follower: Follower, log: Log): Promise<{ bytes: Uint8Array; last: boolean }> {
  try {
    const next = await follower.next();
    switch (next.kind) {
      case 'messages':
        return { bytes: encode(next.messages), last: false };
      case 'quiet':
        return { bytes: BEAT, last: false };
      case 'over':
        return { bytes: comment(`${next.why}`), last: true };
    }
  } catch (bug) {
    log.error('following a room failed', { why: bugText(bug) });
    follower.close();
    return { bytes: comment(`${refusal('internal')}`), last: true };
  }
}

/** What a turn brought is the same array for all who wait for it. */
const encoded = new WeakMap<readonly SaidEvent[], Uint8Array>();

function encode(messages: readonly SaidEvent[]): Uint8Array {
  const known = encoded.get(messages);
  if (known) return known;
  const bytes = Buffer.concat(
    messages.map(message =>
      frame({ event: message.type, id: String(message.id), data: JSON.stringify(messageJson(message)) }),
    ),
  );
  encoded.set(messages, bytes);
  return bytes;
}
