import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { comment, EventStream, frame, retry, type StreamEnd } from '../../src/http/sse.ts';
import { Reader, SseParser, streamAsk } from '../helper/sse.ts';

/** Names and ids: anything but line ends and NUL. */
const word = fc.string({ unit: 'binary', minLength: 1 }).filter(text => !/[\r\n\0]/.test(text));
/** Texts full of what could be mistaken for the end of something. */
const text = fc
  .array(fc.oneof(fc.constantFrom('\n', '\r', '\r\n', 'data: ', 'id:', ':', ' ', '\0', '😀'), fc.string()), {
    maxLength: 20,
  })
  .map(parts => parts.join(''));

describe('an event on the wire', () => {
  test('is read back as it was, however the bytes are cut', () => {
    const events = fc.array(fc.record({ event: word, id: word, data: text }), { maxLength: 5 });
    fc.assert(
      fc.property(events, fc.integer({ min: 1, max: 7 }), (sent, size) => {
        const bytes = Buffer.concat(sent.map(frame));
        const parser = new SseParser();
        const seen = [];
        for (let at = 0; at < bytes.length; at += size)
          seen.push(...parser.feed(bytes.subarray(at, at + size)));
        // A lone half of a surrogate pair has no bytes; line ends become LF.
        expect(seen).toEqual(
          sent.map(({ event, id, data }) => ({
            event: event.toWellFormed(),
            id: id.toWellFormed(),
            data: data.replace(/\r\n|\r/g, '\n').toWellFormed(),
          })),
        );
      }),
    );
  });

  test('has the bytes that everybody writes', () => {
    expect(frame({ event: 'tick', id: 'a-1', data: 'one\ntwo' }).toString()).toBe(
      'event: tick\nid: a-1\ndata: one\ndata: two\n\n',
    );
    expect(frame({ data: '' }).toString()).toBe('data: \n\n');
    expect(comment('beat').toString()).toBe(': beat\n\n');
    expect(retry(1500.4).toString()).toBe('retry: 1500\n\n');
  });

  test.each(['a\nb', 'a\rb', 'a\0b'])('never has %j in a field', bad => {
    expect(() => frame({ event: bad, data: '' })).toThrow(TypeError);
    expect(() => frame({ id: bad, data: '' })).toThrow(TypeError);
    expect(() => comment(bad)).toThrow(TypeError);
  });
});

describe('a stream', () => {
  function open(): { stream: EventStream; ask: ReturnType<typeof streamAsk>; ends: StreamEnd[] } {
    const ask = streamAsk();
    const ends: StreamEnd[] = [];
    return { stream: new EventStream(ask, how => ends.push(how)), ask, ends };
  }

  test('says what it is, and that nobody between may keep or hold it', () => {
    const { headers } = open().stream.response;
    expect(headers.get('Content-Type')).toStartWith('text/event-stream');
    expect(headers.get('Cache-Control')).toBe('no-store');
    expect(headers.get('X-Accel-Buffering')).toBe('no');
  });

  test('passes on what it is given, and ends after the last of it', async () => {
    const { stream, ask, ends } = open();
    const reader = new Reader(stream.response);
    expect(stream.push(frame({ data: 'one' }))).toBe(true);
    stream.end(frame({ data: 'last' }));
    expect((await reader.next())?.data).toBe('one');
    expect((await reader.next())?.data).toBe('last');
    expect(await reader.next()).toBeNull();
    expect(ends).toEqual(['ended']);
    expect(ask.kept).toEqual([undefined, 10]);
    expect(stream.push(frame({ data: 'late' }))).toBe(false);
  });

  test('drops a reader that is too far behind, once, and lets go of its connection soon', () => {
    const { stream, ask, ends } = open();
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let taken = 0;
    while (stream.push(chunk)) taken++;
    expect(taken).toBe(16);
    expect(ends).toEqual(['slow']);
    expect(ask.kept).toEqual([undefined, 10]);
    stream.end();
    expect(ends).toEqual(['slow']);
  });

  test('keeps a reader that keeps up, however much it is', async () => {
    const { stream, ends } = open();
    const reader = new Reader(stream.response);
    for (let at = 0; at < 100; at++) {
      expect(stream.push(frame({ data: 'x'.repeat(100_000) }))).toBe(true);
      await reader.next();
    }
    expect(ends).toEqual([]);
  });

  test('notices who goes: by the body, by the request, before it began', async () => {
    const byBody = open();
    await new Reader(byBody.stream.response).leave();
    expect(byBody.ends).toEqual(['left']);
    const byRequest = open();
    byRequest.ask.abort();
    expect(byRequest.ends).toEqual(['left']);
    expect(byRequest.stream.open).toBe(false);
    const ask = streamAsk();
    ask.abort();
    expect(await new Promise<StreamEnd>(resolve => new EventStream(ask, resolve))).toBe('left');
  });
});

interface Opened {
  readonly stream: EventStream;
  readonly ended: Promise<StreamEnd>;
}

describe('over a socket', () => {
  test('a reader that stops reading is dropped while another gets everything, and who goes is noticed', async () => {
    const opened: ((stream: Opened) => void)[] = [];
    using server = Bun.serve({
      port: 0,
      hostname: '127.0.0.1',
      fetch: (request, server) => {
        const { promise: ended, resolve } = Promise.withResolvers<StreamEnd>();
        const keepOpen = (seconds = 0) => server.timeout(request, seconds);
        const stream = new EventStream({ request, keepOpen }, resolve);
        opened.shift()?.({ stream, ended });
        return stream.response;
      },
    });
    const nextOpened = () => new Promise<Opened>(resolve => opened.push(resolve));
    const slowOpened = nextOpened();
    const paused = Bun.connect({
      hostname: '127.0.0.1',
      port: Number(server.port),
      socket: {
        open: socket => {
          socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
          socket.pause();
        },
        data() {},
      },
    });
    const slow = await slowOpened;
    const quickOpened = nextOpened();
    const reading = fetch(server.url);
    const quick = await quickOpened;
    const chunk = frame({ data: 'x'.repeat(60_000) });
    quick.stream.push(chunk);
    const reader = new Reader(await reading);
    await reader.next();
    for (let sent = 0; slow.stream.open && sent < 1000; sent++) {
      slow.stream.push(chunk);
      quick.stream.push(chunk);
      expect((await reader.next())?.data).toHaveLength(60_000);
    }
    expect(await slow.ended).toBe('slow');
    await reader.leave();
    expect(await quick.ended).toBe('left');
    (await paused).terminate();
    server.stop(true);
  });
});
