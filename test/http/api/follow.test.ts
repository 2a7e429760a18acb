import { describe, expect, test } from 'bun:test';
import { BEAT } from '../../../src/chat/follow.ts';
import type { Caller } from '../../../src/http/route.ts';
import { Api, account, EventReader, SECRET } from './api.ts';

const EVENTS = '/api/rooms/ops/events';
const ALICE = account('alice');

async function world() {
  const api = await Api.start();
  const alice = await api.chat.account('alice', SECRET, 'ops');
  return { api, chat: api.chat, alice };
}

async function open(api: Api, query = '', headers: Record<string, string> = {}, caller: Caller = ALICE) {
  const response = await api.raw(caller, 'GET', `${EVENTS}${query}`, { headers });
  expect(response.status).toBe(200);
  const reader = new EventReader(api, response);
  expect(await reader.next()).toBe('retry: 2000\n\n');
  return reader;
}

describe('following a room over HTTP', () => {
  test('is a stream of events, each with the id of its message', async () => {
    const { api, alice } = await world();
    const reader = await open(api);
    expect(reader.response.headers.get('content-type')).toStartWith('text/event-stream');
    expect(reader.response.headers.get('cache-control')).toBe('no-store');
    const first = reader.ahead();
    const { body } = await api.say(ALICE, 'ops', 'deploy "done" 🚀');
    expect(await first).toBe(`event: message\nid: ${body.id}\ndata: ${JSON.stringify(body)}\n\n`);
    const second = reader.ahead();
    await alice.types('/me waves');
    expect(await second).toStartWith('event: action\nid: ');
    await reader.cancel();
    await api.chat.settle();
    expect(api.follows.count).toBe(0);
  });

  test('goes on after the id of the header, else of the query', async () => {
    const { api } = await world();
    const ids: number[] = [];
    for (const text of ['one', 'two', 'three']) ids.push((await api.say(ALICE, 'ops', text)).body.id);
    const idsIn = (text: string | null) =>
      [...(text ?? '').matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
    expect(idsIn(await (await open(api, '?after=0')).next())).toEqual(ids);
    expect(idsIn(await (await open(api, `?after=${ids[0]}`)).next())).toEqual(ids.slice(1));
    const header = { 'Last-Event-ID': String(ids[1]) };
    expect(idsIn(await (await open(api, '?after=0', header)).next())).toEqual(ids.slice(2));
  });

  test('refuses an id that is none', async () => {
    const { api } = await world();
    for (const id of ['x', '-1', '1.5', '9'.repeat(16)])
      expect(await api.refusal(ALICE, 'GET', EVENTS, { headers: { 'Last-Event-ID': id } })).toBe(
        '400 bad-request',
      );
    expect(await api.refusal(ALICE, 'GET', `${EVENTS}?after=x`)).toBe('400 bad-request');
    expect(api.follows.count).toBe(0);
  });

  test('shows that it is alive', async () => {
    const { api, chat } = await world();
    const reader = await open(api);
    const beat = reader.ahead();
    await chat.settle();
    chat.clock.advance(BEAT);
    expect(await api.during(beat)).toMatch(/^: .*\n\n$/);
    await reader.cancel();
  });

  test('ends with a comment that says why', async () => {
    const { api, alice } = await world();
    const bob = await api.chat.account('bob', SECRET, 'ops');
    const reader = await open(api, '', {}, account('bob'));
    const end = reader.ahead();
    await alice.types('/kick bob');
    expect(await api.during(end)).toBe(': not-in-room: you are not in ops. To go in: /join ops\n\n');
    expect(await reader.next()).toBeNull();
    bob.screen();
    const last = await open(api);
    const stopping = last.ahead();
    await api.chat.settle();
    api.follows.stop();
    expect(await api.during(stopping)).toStartWith(': shutting-down: ');
    expect(await last.next()).toBeNull();
    expect(await api.refusal(ALICE, 'GET', EVENTS)).toBe('503 shutting-down');
  });

  for (const when of ['before', 'after'] as const)
    test(`ends where the client that never read is gone ${when} it was answered`, async () => {
      const { api, chat } = await world();
      const gone = new AbortController();
      const request = new Request(`http://here${EVENTS}`, { signal: gone.signal });
      const row = api.routes.find(({ path }) => path === '/api/rooms/:room/events');
      const ask = { request, params: { room: 'ops' }, query: {}, caller: ALICE, keepOpen: () => {} };
      if (when === 'before') gone.abort();
      await api.during(Promise.resolve(row?.run(ask as never)));
      expect(api.follows.count).toBe(when === 'before' ? 0 : 1);
      gone.abort();
      await chat.settle();
      expect(api.follows.count).toBe(0);
    });

  test('answers HEAD without following', async () => {
    const { api, chat } = await world();
    const response = await api.raw(ALICE, 'HEAD', EVENTS);
    expect(response.status).toBe(200);
    await chat.settle();
    expect(api.follows.count).toBe(0);
  });

  test('ends and says so where the store fails, and logs it', async () => {
    const { api, chat } = await world();
    await api.say(ALICE, 'ops', 'one');
    const reader = await open(api, '?after=0');
    chat.backend.history = async () => {
      throw new Error('the disk is gone');
    };
    expect(await reader.next()).toStartWith(': internal: ');
    expect(await reader.next()).toBeNull();
    expect(chat.logged.join()).toContain('following a room failed');
  });
});
