import { describe, expect, test } from 'bun:test';
import { Watched } from '../helper/ops.ts';
import { Reader, streamAsk } from '../helper/sse.ts';

async function watch(watched: Watched, lastId?: string): Promise<Reader> {
  const { request, keepOpen } = streamAsk(lastId);
  // The route uses no more of what it is asked.
  const response = await watched.events.route.run({ request, keepOpen } as never);
  return new Reader(response);
}

describe('/events', () => {
  test('begins with all that the page shows', async () => {
    const watched = await Watched.start();
    const alice = await watched.chat.person('alice', 'ops');
    await alice.types('one');
    await watched.seconds(61);
    const hello = await (await watch(watched)).expect('hello');
    expect(hello).toEqual({
      version: '1.2.3',
      server: 'here',
      startedAt: watched.recorder.startedAt,
      health: { state: 'ok', why: '' },
      totals: { messages: 1, deliveries: 0, signIns: 1, connections: 0, skipped: 0, closed: {}, watchers: 0 },
      rooms: [{ name: 'ops', people: 1, perMinute: 1 }],
      movements: watched.recorder.movements,
      seconds: watched.recorder.seconds,
      minutes: watched.recorder.minutes,
    });
    expect(watched.recorder.seconds).toHaveLength(61);
    expect(watched.recorder.minutes).toHaveLength(1);
    expect(watched.recorder.movements).toHaveLength(1);
  });

  test('ticks each second, and tells of the minute, of who moves, and of rooms that changed', async () => {
    const watched = await Watched.start();
    const reader = await watch(watched);
    await reader.expect('hello');
    await watched.seconds(1);
    expect(await reader.expect('tick')).toEqual({
      sample: watched.recorder.seconds[0],
      health: { state: 'ok', why: '' },
      totals: { messages: 0, deliveries: 0, signIns: 0, connections: 0, skipped: 0, closed: {}, watchers: 1 },
    });
    await watched.seconds(1);
    await reader.expect('tick');
    const alice = await watched.chat.person('alice', 'ops');
    await watched.seconds(1);
    expect(await reader.expect('tick')).toMatchObject({ sample: { text: 1, rooms: 1 } });
    expect(await reader.expect('movement')).toMatchObject({ kind: 'join', room: 'ops', name: 'alice' });
    expect(await reader.expect('rooms')).toEqual([{ name: 'ops', people: 1, perMinute: 0 }]);
    await alice.types('one');
    await alice.drops();
    await watched.seconds(1);
    expect(await reader.expect('tick')).toMatchObject({ totals: { closed: { reset: 1 } } });
    expect(await reader.expect('movement')).toMatchObject({ kind: 'leave', room: 'ops' });
    expect(await reader.expect('rooms')).toEqual([]);
    await watched.seconds(56);
    for (let at = 0; at < 56; at++) await reader.expect('tick');
    expect(await reader.expect('minute')).toEqual({ ...watched.recorder.minutes[0] });
  });

  test('is the same for who was away as for who stayed', async () => {
    const watched = await Watched.start();
    const steady = await watch(watched);
    await steady.expect('hello');
    const brief = await watch(watched);
    await brief.expect('hello');
    await brief.leave();
    const alice = await watched.chat.person('alice', 'ops');
    await watched.seconds(2);
    await alice.drops();
    await watched.seconds(1);
    const back = await watch(watched, brief.parser.lastId);
    await watched.seconds(1);
    const all = async (reader: Reader) => {
      const seen = [];
      while (seen.filter(event => event?.event === 'tick').length < 4) seen.push(await reader.next());
      return seen;
    };
    expect(await all(back)).toEqual(await all(steady));
  });

  test('shows a newcomer no room twice and none not at all, whoever else watches', async () => {
    const watched = await Watched.start();
    const first = await watch(watched);
    await first.expect('hello');
    const alice = await watched.chat.person('alice', 'ops');
    // Not told of by a tick yet: it comes to both with the next.
    const second = await watch(watched);
    expect(await second.expect('hello')).toMatchObject({ rooms: [], movements: [] });
    await watched.seconds(1);
    for (const reader of [first, second]) {
      await reader.expect('tick');
      await reader.expect('movement');
      expect(await reader.expect('rooms')).toHaveLength(1);
    }
    await first.leave();
    await second.leave();
    await alice.drops();
    await watched.seconds(61);
    await watched.chat.person('bob', 'den');
    await watched.seconds(1);
    expect(await (await watch(watched)).expect('hello')).toMatchObject({ rooms: [{ name: 'den' }] });
  });

  test('tells a name, a listed room and counts; no text, no address, no unlisted room', async () => {
    const watched = await Watched.start();
    const reader = await watch(watched);
    const alice = await watched.chat.person('alice', 'ops');
    const bob = await watched.chat.person('bob');
    await bob.types('/create hidden', 'whisper');
    await alice.types('utterance', '/msg bob murmur', '/topic subject', '/away because');
    await watched.seconds(6);
    const late = await watch(watched);
    let all = '';
    for (let event = await reader.next(); event; event = await reader.next()) {
      all += event.data;
      if (all.split('"sample"').length > 6) break;
    }
    all += (await late.next())?.data;
    expect(all).toContain('alice');
    expect(all).not.toMatch(/hidden|whisper|utterance|murmur|subject|because|192\.0\.2/);
  });

  test('turns those away who are too many, and says when to come again', async () => {
    const watched = await Watched.start({}, 2);
    const first = await watch(watched);
    await watch(watched);
    const { response } = await watch(watched);
    expect(response.status).toBe(503);
    expect(response.headers.get('Retry-After')).toBe('30');
    expect(await first.next()).not.toBeNull();
    await first.leave();
    expect((await watch(watched)).response.status).toBe(200);
  });

  test('says farewell when parley stops', async () => {
    const watched = await Watched.start();
    const reader = await watch(watched);
    await reader.expect('hello');
    watched.events.close('parley is stopping');
    expect(await reader.expect('bye')).toEqual({ why: 'parley is stopping' });
    expect(await reader.next()).toBeNull();
  });
});
