import { describe, expect, test } from 'bun:test';
import { Api, account, LOCAL, NOBODY, SECRET } from './api.ts';

async function world(settings: Parameters<typeof Api.start>[0] = {}) {
  const api = await Api.start(settings);
  const alice = await api.chat.account('alice', SECRET, 'ops', 'hidden');
  await alice.types('/unlisted on', '/join ops', '/topic all is well');
  alice.screen();
  const bob = await api.chat.account('bob', SECRET, 'dev');
  return { api, chat: api.chat, alice, bob };
}

describe('rooms', () => {
  test('are those one may know of, the fullest first; strangers see no topics', async () => {
    const { api, chat } = await world();
    await chat.person('carol', 'dev');
    const names = async (caller: Parameters<Api['get']>[0]) =>
      (await api.get(caller, '/api/rooms')).body.rooms.map(
        (room: { name: string; people: number; readable: boolean }) =>
          `${room.name} ${room.people}${room.readable ? ' r' : ''}`,
      );
    expect(await names(NOBODY)).toEqual(['dev 2', 'ops 1']);
    expect(await names(account('alice'))).toEqual(['dev 2', 'ops 1 r', 'hidden 1 r']);
    expect(await names(account('bob'))).toEqual(['dev 2 r', 'ops 1']);
    expect(await names(api.token('t'))).toEqual(['dev 2 r', 'ops 1 r']);
    expect(await names(api.token('t', { rooms: ['Hidden', 'nowhere'] }))).toEqual([
      'dev 2',
      'ops 1',
      'hidden 1 r',
    ]);
    expect(await names(LOCAL)).toEqual(['dev 2 r', 'ops 1 r', 'hidden 1 r']);
    expect(JSON.stringify((await api.get(NOBODY, '/api/rooms')).body)).not.toContain('all is well');
    expect(JSON.stringify((await api.get(account('bob'), '/api/rooms')).body)).toContain('all is well');
  });

  test('are also those in which nobody is', async () => {
    const { api, alice, bob } = await world();
    await alice.drops();
    await bob.drops();
    const { body } = await api.get(account('alice'), '/api/rooms');
    expect(body.rooms).toEqual([
      { name: 'dev', people: 0, topic: '', unlisted: false, readable: false },
      { name: 'ops', people: 0, topic: 'all is well', unlisted: false, readable: true },
      { name: 'hidden', people: 0, topic: '', unlisted: true, readable: true },
    ]);
    const writing = api.token('t', { rooms: ['ops'], read: false });
    expect((await api.get(writing, '/api/rooms')).body.rooms[1]).toMatchObject({
      name: 'ops',
      readable: false,
    });
  });

  test('are at most so many, and it says how many there are', async () => {
    const { api } = await world();
    const { body } = await api.get(NOBODY, '/api/rooms?limit=1');
    expect([body.rooms.length, body.total]).toEqual([1, 2]);
    expect(await api.refusal(NOBODY, 'GET', '/api/rooms?limit=0')).toBe('400 bad-request');
  });

  test('are described one by one', async () => {
    const { api, alice } = await world();
    await alice.types('/key sesame', '/moderated on');
    const { body } = await api.get(account('alice'), '/api/rooms/OPS');
    expect(body).toMatchObject({
      name: 'ops',
      people: 1,
      topic: 'all is well',
      topicFrom: 'alice',
      unlisted: false,
      readable: true,
      moderated: true,
      keyed: true,
    });
    expect(body.lastId).toBeGreaterThan(0);
    expect(JSON.stringify(body)).not.toContain('sesame');
    expect((await api.get(NOBODY, '/api/rooms/ops')).body).toEqual({
      name: 'ops',
      people: 1,
      unlisted: false,
      readable: false,
      moderated: true,
      keyed: true,
    });
    expect((await api.get(account('bob'), '/api/rooms/dev')).body.topicFrom).toBeUndefined();
    expect(await api.refusal(NOBODY, 'GET', '/api/rooms/hidden')).toBe('404 no-such-room');
  });

  test('have members, as `users` shows them', async () => {
    const { api, chat, bob } = await world();
    await bob.types('/away lunch');
    await chat.person('carol', 'dev');
    const dave = await chat.account('dave', SECRET, 'dev');
    await dave.drops();
    expect((await api.get(account('bob'), '/api/rooms/dev/members')).body).toEqual({
      room: 'dev',
      members: [
        { name: 'bob', rank: 'operator', online: true, away: 'lunch' },
        { name: 'carol', rank: 'member', online: true, away: null },
        { name: 'dave', rank: 'member', online: false, away: null },
      ],
    });
    expect((await api.get(account('alice'), '/api/rooms/dev/members')).body.members).toHaveLength(3);
    const refused = (caller: Parameters<Api['get']>[0], room = 'dev') =>
      api.refusal(caller, 'GET', `/api/rooms/${room}/members`);
    expect(await refused(NOBODY)).toBe('401 sign-in-required');
    expect(await refused(api.token('t', { read: false }))).toBe('403 token-scope');
    expect(await refused(api.token('t', { rooms: ['ops'] }))).toBe('403 token-scope');
    expect(await refused(account('bob'), 'nowhere')).toBe('404 no-such-room');
  });
});

describe('a private message', () => {
  const post = (api: Api, caller: Parameters<Api['get']>[0], body: unknown, headers = {}) =>
    api.ask(caller, 'POST', '/api/messages', { body, headers });

  test('is kept, shown, and answered with what became of it', async () => {
    const { api, alice, bob } = await world();
    const { status, body } = await post(api, account('bob'), { to: 'Alice', text: 'psst' });
    expect([status, body.outcome]).toEqual([201, 'delivered']);
    expect(body.message).toMatchObject({ type: 'private', from: 'bob', to: 'alice', text: 'psst' });
    expect(alice.screen()).toEqual(['bob (private): psst']);
    await bob.drops();
    expect(
      (await post(api, api.token('deploys', { rooms: ['ops'] }), { to: 'bob', text: 'failed' })).body,
    ).toMatchObject({
      outcome: 'waiting',
      message: { from: 'deploys', to: 'bob' },
    });
  });

  test('is sent once for one Idempotency-Key', async () => {
    const { api, alice } = await world();
    const key = { 'Idempotency-Key': 'k' };
    const first = await post(api, account('bob'), { to: 'alice', text: 'psst' }, key);
    const again = await post(api, account('bob'), { to: 'alice', text: 'psst' }, key);
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(again.body.message).toEqual(first.body.message);
    expect(alice.screen()).toEqual(['bob (private): psst']);
  });

  test('is refused where it cannot be sent', async () => {
    const { api } = await world();
    const refused = (caller: Parameters<Api['get']>[0], body: unknown) =>
      api.refusal(caller, 'POST', '/api/messages', { body });
    expect(await refused(account('bob'), { to: 'zoe', text: 'a' })).toBe('404 no-such-name');
    expect(await refused(account('bob'), { to: 'alice', text: '' })).toBe('400 empty-text');
    expect(await refused(account('bob'), { to: 'alice' })).toBe('400 bad-request');
    expect(await refused(NOBODY, { to: 'alice', text: 'a' })).toBe('401 sign-in-required');
    expect(await refused(LOCAL, { to: 'alice', text: 'a' })).toBe('403 nameless');
    expect(await refused(api.token('t', { write: false }), { to: 'alice', text: 'a' })).toBe(
      '403 token-scope',
    );
    const plain = { text: 'a', headers: { 'content-type': 'text/plain' } };
    expect(await api.refusal(account('bob'), 'POST', '/api/messages', plain)).toBe('415 wrong-content-type');
  });
});

describe('search', () => {
  async function spoken(settings: Parameters<typeof Api.start>[0] = {}) {
    const all = await world(settings);
    await all.alice.types('deploy of ops', '/join hidden', 'deploy of hidden', '/msg bob deploy in private');
    await all.bob.types('deploy of dev');
    return all;
  }
  const found = async (api: Api, caller: Parameters<Api['get']>[0], query = 'q=deploy') =>
    (await api.get(caller, `/api/search?${query}`)).body.messages.map(({ text }: { text: string }) => text);

  test('looks through what one may read', async () => {
    const { api, chat } = await spoken();
    await chat.account('carol', SECRET);
    expect(await found(api, account('alice'))).toEqual([
      'deploy of ops',
      'deploy of hidden',
      'deploy in private',
    ]);
    expect(await found(api, account('bob'))).toEqual(['deploy in private', 'deploy of dev']);
    expect(await found(api, account('carol'))).toEqual([]);
    expect(await found(api, api.token('t'))).toEqual(['deploy of ops', 'deploy of dev']);
    expect(await found(api, api.token('t', { rooms: ['hidden', 'dev', 'nowhere'] }))).toEqual([
      'deploy of hidden',
      'deploy of dev',
    ]);
    expect(await found(api, LOCAL)).toEqual(['deploy of ops', 'deploy of dev']);
    expect(await found(api, LOCAL, 'q=deploy&room=hidden')).toEqual(['deploy of hidden']);
    expect(await found(api, account('alice'), 'q=deploy&room=ops')).toEqual(['deploy of ops']);
    expect(await found(api, account('alice'), 'q=deploy&limit=1')).toEqual(['deploy in private']);
  });

  test('does not look through rooms a token was put out of', async () => {
    const { api, alice } = await spoken();
    await alice.types('/join ops', '/ban spam');
    expect(await found(api, api.token('spam'))).toEqual(['deploy of dev']);
  });

  test('is refused where there is nothing to look for or in', async () => {
    const { api } = await spoken();
    const refused = (caller: Parameters<Api['get']>[0], query: string) =>
      api.refusal(caller, 'GET', `/api/search?${query}`);
    expect(await refused(account('bob'), 'q=')).toBe('400 search-syntax');
    expect(await refused(account('bob'), 'q=***')).toBe('400 search-syntax');
    expect(await refused(account('bob'), '')).toBe('400 bad-request');
    expect(await refused(account('bob'), 'q=a&limit=201')).toBe('400 bad-request');
    expect(await refused(account('bob'), 'q=a&room=ops')).toBe('403 not-in-room');
    expect(await refused(account('bob'), 'q=a&room=hidden')).toBe('404 no-such-room');
    expect(await refused(api.token('t', { read: false }), 'q=a')).toBe('403 token-scope');
    expect(await refused(NOBODY, 'q=a')).toBe('401 sign-in-required');
  });

  test('is limited, for an account together with the chat’s', async () => {
    const { api, alice } = await spoken({ rules: { searchesPerMinute: 2 } });
    await alice.types('/search deploy');
    await found(api, account('alice'));
    const { status, headers, body } = await api.get(account('alice'), '/api/search?q=deploy');
    expect([status, body.code, headers.get('retry-after')]).toEqual([429, 'too-many-searches', '60']);
    expect(await found(api, api.token('t'))).not.toEqual([]);
  });
});

test('/api/me says who one is', async () => {
  const { api } = await world();
  const me = async (caller: Parameters<Api['get']>[0]) => (await api.get(caller, '/api/me')).body;
  expect(await me(NOBODY)).toEqual({ kind: 'nobody', operator: false, read: false, write: false });
  expect(await me(account('alice', true))).toEqual({
    kind: 'account',
    name: 'alice',
    operator: true,
    rooms: ['hidden', 'ops'],
    read: true,
    write: true,
  });
  expect(await me(api.token('deploys', { rooms: ['ops'], read: false }))).toEqual({
    kind: 'token',
    name: 'deploys',
    operator: false,
    rooms: ['ops'],
    read: false,
    write: true,
  });
  expect(await me(LOCAL)).toMatchObject({ kind: 'local', operator: true, rooms: null, write: false });
});
