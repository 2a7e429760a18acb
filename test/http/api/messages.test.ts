import { describe, expect, test } from 'bun:test';
import type { Caller } from '../../../src/http/route.ts';
import { Api, account, LOCAL, NOBODY, SECRET } from './api.ts';

const OPS = '/api/rooms/ops/messages';

/** alice runs ops; bob has an account and is in no room. */
async function world(settings: Parameters<typeof Api.start>[0] = {}) {
  const api = await Api.start(settings);
  const alice = await api.chat.account('alice', SECRET, 'ops');
  const bob = await api.chat.account('bob', SECRET);
  return { api, chat: api.chat, alice, bob };
}

describe('publishing', () => {
  test('answers with the message once it is kept, and the room sees it, its speaker too', async () => {
    const { api, chat, alice } = await world();
    const { status, headers, body } = await api.say(account('alice'), 'ops', 'deploy done');
    expect(status).toBe(201);
    expect(body).toMatchObject({ type: 'message', room: 'ops', from: 'alice', text: 'deploy done' });
    expect(body.at).toBe(new Date(chat.store.lastAt).toISOString());
    expect(headers.get('location')).toBe(`${OPS}/${body.id}`);
    expect(alice.screen()).toEqual(['alice (in ops): deploy done']);
    expect((await api.get(account('alice'), `${OPS}/${body.id}`)).body).toEqual(body);
  });

  test('says an action', async () => {
    const { api, alice } = await world();
    const { body } = await api.ask(account('alice'), 'POST', OPS, {
      body: { text: 'waves', kind: 'action' },
    });
    expect(body.type).toBe('action');
    expect(alice.screen()).toEqual(['* alice waves (in ops)']);
  });

  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'text/plain; charset=utf-8'])
    test(`takes ${type} as it is`, async () => {
      const { api } = await world();
      const text = 'a=1&b=%20 + "höhe" 🚀\n';
      const { body } = await api.ask(account('alice'), 'POST', OPS, {
        text,
        headers: { 'content-type': type },
      });
      expect(body.text).toBe('a=1&b=%20 + "höhe" 🚀');
    });

  test('keeps spaces, takes line ends off the end, and shows no control characters', async () => {
    const { api } = await world();
    const token = api.token('deploys');
    expect((await api.say(token, 'ops', '  two  \r\n\n')).body.text).toBe('  two  ');
    expect((await api.say(token, 'ops', 'a\u001b[31m\tb\u202e')).body.text).toBe('a�[31m    b�');
  });

  test('works while nobody of the room is here', async () => {
    const { api, chat, alice } = await world();
    await alice.drops();
    expect(chat.hub.rooms.size).toBe(0);
    expect((await api.say(account('alice'), 'OPS', 'anyone?')).body.room).toBe('ops');
    expect(chat.hub.rooms.size).toBe(0);
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`);
    expect(again.screen()).toContain('alice (in ops): anyone?');
  });

  test('refuses what is no message', async () => {
    const { api } = await world({ rules: { lineBytes: 512 } });
    const post = (what: object) => api.refusal(account('alice'), 'POST', OPS, what);
    expect(await post({ body: { text: '' } })).toBe('400 empty-text');
    expect(await post({ body: { text: ' \n' } })).toBe('400 empty-text');
    expect(await post({ body: { text: 'one\ntwo' } })).toBe('400 several-lines');
    expect(await post({ body: { text: 'one\rtwo' } })).toBe('400 several-lines');
    expect(await post({ body: { text: 'é'.repeat(257) } })).toBe('413 text-too-long');
    expect(await post({ body: { text: 'é'.repeat(256) } })).toBe('201 answered');
    expect(await post({ body: { text: 1 } })).toBe('400 bad-request');
    expect(await post({ body: { text: 'a', kind: 'join' } })).toBe('400 bad-request');
    expect(await post({ body: { text: 'a', from: 'bob' } })).toBe('400 bad-request');
    expect(await post({ body: ['a'] })).toBe('400 bad-request');
    expect(await post({ text: '{', headers: { 'content-type': 'application/json' } })).toBe('400 bad-json');
    expect(await post({ text: new Uint8Array([0xff]), headers: { 'content-type': 'text/plain' } })).toBe(
      '400 bad-utf8',
    );
    expect(await post({ text: 'a'.repeat(500_000), headers: { 'content-type': 'text/plain' } })).toBe(
      '413 body-too-large',
    );
    expect(await post({})).toBe('400 bad-request');
    expect(await post({ text: '<a/>', headers: { 'content-type': 'text/xml' } })).toBe(
      '415 wrong-content-type',
    );
  });

  test('says why the store did not keep it', async () => {
    const { api, chat, alice } = await world();
    chat.backend.failNext('store-full');
    expect(await api.refusal(account('alice'), 'POST', OPS, { body: { text: 'a' } })).toBe('507 store-full');
    chat.backend.failNext('store-failed');
    expect(await api.refusal(account('alice'), 'POST', OPS, { body: { text: 'a' } })).toBe(
      '503 store-failed',
    );
    expect(alice.screen()).toEqual([]);
  });

  test('waits for a store that stalls, and says after a while that it may yet be kept', async () => {
    const { api, chat, alice } = await world();
    chat.backend.hold();
    await chat.settle();
    const timers = chat.clock.pending;
    const key = { 'Idempotency-Key': 'deploy-7' };
    const waiting = api.raw(account('alice'), 'POST', OPS, { body: { text: 'a' }, headers: key });
    await until(() => chat.clock.pending > timers);
    chat.clock.advance(10_000);
    expect((await waiting).status).toBe(503);
    alice.screen();
    chat.backend.resume();
    await chat.settle();
    expect(alice.screen()).toContain('alice (in ops): a');
    const again = await api.say(account('alice'), 'ops', 'a', key);
    expect(again.status).toBe(200);
    expect(alice.screen()).toEqual([]);
    expect(chat.clock.pending).toBeLessThanOrEqual(timers);
  });
});

async function until(true_: () => boolean): Promise<void> {
  while (!true_()) await new Promise(resolve => setImmediate(resolve));
}

describe('an Idempotency-Key', () => {
  const key = { 'Idempotency-Key': 'deploy-7' };

  test('has a message said once, and answers with the first', async () => {
    const { api, alice } = await world();
    const first = await api.say(account('alice'), 'ops', 'done', key);
    const again = await api.say(account('alice'), 'ops', 'done', key);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body).toEqual(first.body);
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(alice.screen()).toEqual(['alice (in ops): done']);
  });

  test('has one of two at once said', async () => {
    const { api, alice } = await world();
    const both = await Promise.all([1, 2].map(() => api.say(account('alice'), 'ops', 'done', key)));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 201]);
    expect(alice.screen()).toEqual(['alice (in ops): done']);
  });

  test('is its speaker’s own', async () => {
    const { api } = await world();
    const tokens = [api.token('deploys'), api.token('deploys'), api.token('alice')];
    const statuses = [];
    for (const caller of [account('alice'), ...tokens])
      statuses.push((await api.say(caller, 'ops', 'done', key)).status);
    expect(statuses).toEqual([201, 201, 201, 201]);
  });

  test('is refused for another message', async () => {
    const { api, bob } = await world();
    await bob.types('/join dev');
    await api.say(account('bob'), 'dev', 'done', key);
    const used = (path: string, body: object) =>
      api.refusal(account('bob'), 'POST', path, { body, headers: key });
    expect(await used('/api/rooms/dev/messages', { text: 'undone' })).toBe('422 key-reused');
    expect(await used('/api/rooms/dev/messages', { text: 'done', kind: 'action' })).toBe('422 key-reused');
    expect(await used('/api/messages', { to: 'alice', text: 'done' })).toBe('422 key-reused');
    await bob.types('/join ops');
    expect(await used(OPS, { text: 'done' })).toBe('422 key-reused');
  });

  test('is visible ASCII', async () => {
    const { api } = await world();
    for (const bad of ['a b', 'x'.repeat(256), ''])
      expect(
        await api.refusal(account('alice'), 'POST', OPS, {
          body: { text: 'a' },
          headers: { 'Idempotency-Key': bad },
        }),
      ).toBe('400 bad-request');
    expect((await api.say(account('alice'), 'ops', 'a', { 'Idempotency-Key': 'x'.repeat(255) })).status).toBe(
      201,
    );
  });
});

describe('how often one may speak', () => {
  test('is limited by account and by token, and it says when to come back', async () => {
    const { api, chat } = await world({ rules: { lineRate: 1, lineBurst: 3 } });
    const token = api.token('deploys');
    for (const caller of [account('alice'), token]) {
      for (let i = 0; i < 3; i++) expect((await api.say(caller, 'ops', 'a')).status).toBe(201);
      const { status, headers, body } = await api.say(caller, 'ops', 'a');
      expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'too-many-messages', '1']);
      // Private ones count, too.
      expect(await api.refusal(caller, 'POST', '/api/messages', { body: { to: 'bob', text: 'a' } })).toBe(
        '429 too-many-messages',
      );
    }
    chat.clock.advance(1000);
    expect((await api.say(token, 'ops', 'a')).status).toBe(201);
    expect((await api.say(token, 'ops', 'a')).status).toBe(429);
    // What is refused for another reason does not count.
    expect((await api.say(account('alice'), 'ops', '')).status).toBe(400);
    expect((await api.say(account('alice'), 'ops', 'a')).status).toBe(201);
  });

  test('is not where limits are off', async () => {
    const { api } = await world({ rules: { lineRate: 0, lineBurst: 1 } });
    for (let i = 0; i < 20; i++) expect((await api.say(account('alice'), 'ops', 'a')).status).toBe(201);
  });
});

describe('who may', () => {
  interface Case {
    readonly who: string;
    caller(api: Api): Caller;
    readonly speak: string;
    readonly read: string;
  }

  /** In each room: what speaking and reading answer. */
  const rooms: Record<string, readonly Case[]> = {
    ops: [
      { who: 'nobody', caller: () => NOBODY, speak: '401 sign-in-required', read: '401 sign-in-required' },
      { who: 'a member', caller: () => account('alice'), speak: '201', read: '200' },
      {
        who: 'an account elsewhere',
        caller: () => account('bob'),
        speak: '403 not-in-room',
        read: '403 not-in-room',
      },
      { who: 'one that is banned', caller: () => account('carol'), speak: '403 banned', read: '403 banned' },
      {
        who: 'an operator of the server',
        caller: () => account('bob', true),
        speak: '403 not-in-room',
        read: '403 not-in-room',
      },
      { who: 'a token', caller: api => api.token('t'), speak: '201', read: '200' },
      {
        who: 'a token for ops',
        caller: api => api.token('t', { rooms: ['OPS'] }),
        speak: '201',
        read: '200',
      },
      {
        who: 'a token for dev',
        caller: api => api.token('t', { rooms: ['dev'] }),
        speak: '403 token-scope',
        read: '403 token-scope',
      },
      {
        who: 'a token that reads',
        caller: api => api.token('t', { write: false }),
        speak: '403 token-scope',
        read: '200',
      },
      {
        who: 'a token that writes',
        caller: api => api.token('t', { read: false }),
        speak: '201',
        read: '403 token-scope',
      },
      {
        who: 'a token that is banned',
        caller: api => api.token('spam'),
        speak: '403 banned',
        read: '403 banned',
      },
      { who: 'the local socket', caller: () => LOCAL, speak: '403 nameless', read: '200' },
    ],
    hidden: [
      { who: 'nobody', caller: () => NOBODY, speak: '401 sign-in-required', read: '401 sign-in-required' },
      { who: 'a member', caller: () => account('alice'), speak: '201', read: '200' },
      {
        who: 'an account elsewhere',
        caller: () => account('bob'),
        speak: '404 no-such-room',
        read: '404 no-such-room',
      },
      { who: 'a token', caller: api => api.token('t'), speak: '404 no-such-room', read: '404 no-such-room' },
      {
        who: 'a token for hidden',
        caller: api => api.token('t', { rooms: ['hidden'] }),
        speak: '201',
        read: '200',
      },
      { who: 'the local socket', caller: () => LOCAL, speak: '403 nameless', read: '200' },
    ],
    quiet: [
      { who: 'its operator', caller: () => account('alice'), speak: '201', read: '200' },
      { who: 'a member', caller: () => account('dave'), speak: '403 moderated', read: '200' },
      { who: 'one with a voice', caller: () => account('erin'), speak: '201', read: '200' },
      { who: 'a token', caller: api => api.token('t'), speak: '201', read: '200' },
    ],
    locked: [
      { who: 'a member', caller: () => account('alice'), speak: '201', read: '200' },
      {
        who: 'an account elsewhere',
        caller: () => account('bob'),
        speak: '403 not-in-room',
        read: '403 not-in-room',
      },
      { who: 'a token', caller: api => api.token('t'), speak: '201', read: '200' },
    ],
    nowhere: [
      {
        who: 'an account',
        caller: () => account('alice'),
        speak: '404 no-such-room',
        read: '404 no-such-room',
      },
      {
        who: 'a token for it',
        caller: api => api.token('t', { rooms: ['nowhere'] }),
        speak: '404 no-such-room',
        read: '404 no-such-room',
      },
      { who: 'the local socket', caller: () => LOCAL, speak: '403 nameless', read: '404 no-such-room' },
    ],
    '..%2f': [
      { who: 'an account', caller: () => account('alice'), speak: '400 bad-path', read: '400 bad-path' },
    ],
    'a%20b': [
      { who: 'an account', caller: () => account('alice'), speak: '400 bad-room', read: '400 bad-room' },
    ],
  };

  async function populated(online: boolean) {
    const { api, chat, alice, bob } = await world();
    await alice.types(
      '/join hidden',
      '/unlisted on',
      '/join quiet',
      '/join locked',
      '/key sesame',
      '/join ops',
    );
    const people = [alice, bob];
    for (const name of ['dave', 'erin']) people.push(await chat.account(name, SECRET, 'quiet'));
    people.push(await chat.account('carol', SECRET, 'ops'));
    await alice.types('/ban carol', '/ban spam', '/join quiet', '/moderated on', '/voice erin');
    if (!online) for (const person of people) await person.drops();
    return api;
  }

  for (const online of [true, false])
    for (const [room, cases] of Object.entries(rooms))
      for (const { who, caller, speak, read } of cases)
        test(`${who} in ${room}${online ? '' : ', with nobody here'}: ${speak} and ${read}`, async () => {
          const api = await populated(online);
          const path = `/api/rooms/${room}/messages`;
          const as = caller(api);
          const outcome = async (method: string, where: string, what = {}): Promise<string> =>
            (await api.refusal(as, method, where, what)).replace(' answered', '');
          expect(await outcome('POST', path, { body: { text: 'a' } })).toBe(speak);
          expect(await outcome('GET', path)).toBe(read);
          if (room === '..%2f') return;
          const events = await api.raw(as, 'GET', `/api/rooms/${room}/events`);
          const code = events.status === 200 ? '' : ` ${((await events.json()) as { code: string }).code}`;
          if (events.status === 200) await events.body?.cancel();
          expect(`${events.status}${code}`).toBe(read);
        });

  test('are accounts, and not guests of a room whose name an account might have', async () => {
    const { api, chat } = await world();
    await chat.person('gus', 'ops');
    expect(await api.refusal(account('gus'), 'GET', OPS)).toBe('403 not-in-room');
  });

  test('know of an unlisted room no more than of one that is not there', async () => {
    const api = await populated(true);
    for (const path of ['messages', 'members', 'events', 'messages/1', '']) {
      const answers = [];
      for (const room of ['Hidden', 'Nothing']) {
        const where = `/api/rooms/${room}${path && `/${path}`}`;
        const { status, body } = await api.get(account('bob'), where);
        answers.push(`${status} ${JSON.stringify(body)}`.replaceAll(room, 'ROOM'));
      }
      expect(answers[0]).toBe(answers[1] ?? '');
      expect(answers[0]).toContain('no-such-room');
    }
  });

  test('speak in a room they were invited to in spite of a ban, as in the chat', async () => {
    const api = await populated(true);
    const { chat } = api;
    const alice = chat.connect();
    await alice.types(`login alice ${SECRET}`, '/join ops', '/invite carol');
    const carol = chat.connect();
    await carol.types(`login carol ${SECRET}`);
    await alice.types('/invite carol');
    await carol.types('/join ops');
    expect((await api.say(account('carol'), 'ops', 'thanks')).status).toBe(201);
  });
});

describe('reading back', () => {
  async function said(count: number) {
    const { api, ...rest } = await world({ rules: { lineRate: 0 } });
    const ids: number[] = [];
    for (let i = 0; i < count; i++) ids.push((await api.say(account('alice'), 'ops', `line ${i}`)).body.id);
    return { api, ids, ...rest };
  }

  const idsOf = (body: { messages: { id: number }[] }) => body.messages.map(({ id }) => id);

  test('gives the newest without an id, and goes back by `next` to the first', async () => {
    const { api, ids } = await said(7);
    const pages: number[][] = [];
    for (let next: string | undefined = `${OPS}?limit=3`; next; ) {
      const { body } = await api.get(account('alice'), next);
      pages.push(idsOf(body));
      next = body.next;
    }
    expect(pages).toEqual([ids.slice(4), ids.slice(1, 4), ids.slice(0, 1)]);
  });

  test('gives the oldest after an id, and goes forward by `next` to the last', async () => {
    const { api, ids } = await said(6);
    const pages: number[][] = [];
    for (let next: string | undefined = `${OPS}?after=0&limit=3`; next; ) {
      const { body } = await api.get(account('alice'), next);
      pages.push(idsOf(body));
      next = body.next;
    }
    expect(pages).toEqual([ids.slice(0, 3), ids.slice(3)]);
  });

  test('gives what is between two ids', async () => {
    const { api, ids } = await said(6);
    const seen: number[] = [];
    for (let next: string | undefined = `${OPS}?after=${ids[0]}&before=${ids[5]}&limit=3`; next; ) {
      const { body } = await api.get(account('alice'), next);
      seen.push(...idsOf(body));
      next = body.next;
    }
    expect(seen).toEqual(ids.slice(1, 5));
  });

  test('gives 50 where nothing else is asked, and at most 500', async () => {
    const { api, ids } = await said(60);
    expect(idsOf((await api.get(account('alice'), OPS)).body)).toEqual(ids.slice(10));
    expect(idsOf((await api.get(account('alice'), `${OPS}?limit=500`)).body)).toEqual(ids);
    const past = (await api.get(account('alice'), `${OPS}?after=${ids.at(-1)}`)).body;
    expect(past).toEqual({ messages: [] });
  });

  for (const query of [
    'limit=0',
    'limit=501',
    'limit=-1',
    'limit=1e2',
    'limit=',
    'after=x',
    'after=-1',
    'before=0',
    'after=99999999999999999999',
    'page=2',
    'after=1&after=2',
  ])
    test(`refuses ?${query}`, async () => {
      const { api } = await world();
      expect(await api.refusal(account('alice'), 'GET', `${OPS}?${query}`)).toBe('400 bad-request');
    });

  test('gives messages only, and one by its id', async () => {
    const { api, alice, ids } = await said(2);
    await alice.types('/topic quiet please', '/me waves');
    const { body } = await api.get(account('alice'), OPS);
    expect(body.messages.map(({ type }: { type: string }) => type)).toEqual(['message', 'message', 'action']);
    const path = (id: unknown) => `${OPS}/${id}`;
    expect((await api.get(account('alice'), path(ids[0]))).body.text).toBe('line 0');
    // 1 is a join.
    for (const id of [1, 999_999, 0, -1, 'x', '1.5', '01', '9'.repeat(30)])
      expect(await api.refusal(account('alice'), 'GET', path(id))).toBe('404 no-such-message');
  });

  test('with the wrong method says which there are', async () => {
    const { api } = await world();
    const { status, headers } = await api.ask(account('alice'), 'DELETE', OPS);
    expect(status).toBe(405);
    expect(headers.get('allow')).toContain('POST');
  });
});
