import { describe, expect, test } from 'bun:test';
import { Api, account, LOCAL, NOBODY, SECRET } from './api.ts';

const ROOT = account('root', true);

async function world() {
  const api = await Api.start();
  const alice = await api.chat.account('alice', SECRET, 'ops');
  const bob = await api.chat.person('bob', 'ops');
  alice.screen();
  return { api, chat: api.chat, alice, bob };
}

const ROUTES: readonly (readonly [method: string, path: string, body?: object])[] = [
  ['GET', '/api/connections'],
  ['POST', '/api/connections/1/kick', { reason: '' }],
  ['POST', '/api/users/alice/kick', { reason: '' }],
  ['GET', '/api/bans'],
  ['POST', '/api/bans', { what: 'alice' }],
  ['DELETE', '/api/bans/alice'],
  ['POST', '/api/announcements', { text: 'hello' }],
  ['POST', '/api/rooms/ops/close', { reason: '' }],
  ['PUT', '/api/rooms/ops/unlisted', { on: true }],
  ['PUT', '/api/rooms/ops/topic', { topic: 'x' }],
  ['GET', '/api/users'],
  ['POST', '/api/users', { name: 'carol', password: 'correct horse' }],
  ['PUT', '/api/users/alice/password', { password: 'battery staple' }],
  ['PUT', '/api/users/alice/operator', { on: true }],
  ['DELETE', '/api/users/alice'],
];

describe('what only operators may do', () => {
  for (const [method, path, body] of ROUTES)
    test(`${method} ${path} is refused to anybody else`, async () => {
      const { api, chat, alice, bob } = await world();
      const refusal = (caller: Parameters<Api['refusal']>[0]) =>
        api.refusal(caller, method, path, body ? { body } : {});
      expect(await refusal(NOBODY)).toBe('401 sign-in-required');
      expect(await refusal(account('alice'))).toBe('403 not-server-operator');
      expect(await refusal(api.token('deploys'))).toBe('403 not-server-operator');
      expect([alice.link.state, bob.link.state]).toEqual(['open', 'open']);
      expect([alice.screen(), bob.screen()]).toEqual([[], []]);
      expect(chat.hub.serverBans.all()).toEqual([]);
    });

  test('are all the routes there are for them, those about tokens aside', async () => {
    const { api } = await world();
    const found = api.routes.filter(({ need }) => need === 'operator');
    expect(found.filter(({ path }) => !path.startsWith('/api/tokens'))).toHaveLength(ROUTES.length);
  });
});

describe('connections', () => {
  test('are shown a page at a time, sorted and searched', async () => {
    const { api } = await world();
    const { body } = await api.get(ROOT, '/api/connections?sort=name&order=desc&limit=1');
    expect(body.total).toBe(2);
    expect(body.connections).toEqual([
      {
        id: 2,
        name: 'bob',
        account: false,
        address: '192.0.2.1',
        dialect: 'text',
        rooms: ['ops'],
        linesPerMinute: expect.any(Number),
        outboxBytes: 0,
        idleMs: 0,
        connectedAt: expect.any(Number),
      },
    ]);
    const names = async (query: string) =>
      (await api.get(LOCAL, `/api/connections?${query}`)).body.connections.map(
        ({ name }: { name: string }) => name,
      );
    expect(await names('')).toEqual(['alice', 'bob']);
    expect(await names('search=ALI')).toEqual(['alice']);
    expect(await names('sort=name&offset=1')).toEqual(['bob']);
  });

  test('are not shown in an order there is not', async () => {
    const { api } = await world();
    for (const query of ['sort=password', 'order=up', 'limit=0', 'limit=501', 'offset=-1', 'page=2'])
      expect(await api.refusal(ROOT, 'GET', `/api/connections?${query}`)).toBe('400 bad-request');
  });

  test('are closed one by one, with a reason or none', async () => {
    const { api, alice, bob } = await world();
    const kick = (id: string, what = {}) => api.ask(ROOT, 'POST', `/api/connections/${id}/kick`, what);
    expect((await kick('2', { body: { reason: 'flooding' } })).body).toEqual({ name: 'bob', closed: 1 });
    expect(bob.screen()).toContain('! server-kicked: root put you off this server: flooding');
    expect(alice.screen()).toContain('* bob left ops (kicked by root: flooding)');
    expect((await kick('1')).body).toEqual({ name: 'alice', closed: 1 });
    expect(alice.screen()).toContain('! server-kicked: root put you off this server.');
    for (const id of ['1', '99', '0', 'x', '-1', '1e3', '%2F'])
      expect((await kick(id)).status).toBe(id === '%2F' ? 400 : 404);
  });
});

test('a name is kicked from all its connections, by the local socket as parley', async () => {
  const { api, chat, alice } = await world();
  const again = chat.connect();
  await again.types(`login alice ${SECRET}`);
  const kicked = await api.ask(LOCAL, 'POST', '/api/users/Alice/kick', { text: 'rest now' });
  expect(kicked.body).toEqual({ name: 'alice', closed: 2 });
  for (const person of [alice, again])
    expect(person.screen()).toContain('! server-kicked: parley put you off this server: rest now');
  expect(await api.refusal(ROOT, 'POST', '/api/users/alice/kick')).toBe('404 not-online');
});

describe('bans', () => {
  test('are set, shown and lifted', async () => {
    const { api, chat, bob } = await world();
    const set = (what: string, reason?: string) =>
      api.ask(ROOT, 'POST', '/api/bans', { body: { what, ...(reason && { reason }) } });
    const name = { kind: 'name', what: 'bob', label: 'bob', reason: 'spam' };
    const range = { kind: 'address', what: '203.0.113.0/24', label: '203.0.113.0/24', reason: '' };
    expect(await set('Bob', 'spam')).toMatchObject({ status: 201, body: { ...name, closed: 1 } });
    expect(bob.link.state).toBe('ended');
    expect((await set('203.0.113.7/24')).body).toEqual({ ...range, closed: 0 });
    expect((await api.get(ROOT, '/api/bans')).body).toEqual({ bans: [name, range] });
    const lifted = await api.ask(ROOT, 'DELETE', `/api/bans/${encodeURIComponent(range.label)}`);
    expect(lifted.body).toEqual(range);
    expect((await api.ask(LOCAL, 'DELETE', '/api/bans/bob')).body).toEqual(name);
    expect((await api.get(ROOT, '/api/bans')).body).toEqual({ bans: [] });
    expect(await api.refusal(ROOT, 'DELETE', '/api/bans/bob')).toBe('404 ban-not-found');
    expect((await chat.person('bob')).link.state).toBe('open');
  });

  test('are never of oneself, nor of nothing', async () => {
    const { api } = await world();
    const refusal = (body: object) => api.refusal(ROOT, 'POST', '/api/bans', { body });
    expect(await refusal({ what: 'root' })).toBe('409 that-is-you');
    // Where the request comes from.
    expect(await refusal({ what: '192.0.2.0/24' })).toBe('409 that-is-you');
    for (const body of [{}, { what: '' }, { what: 'no name' }, { what: 'bob', why: 'x' }, { what: 7 }])
      expect(await refusal(body)).toBe('400 bad-request');
    expect(await refusal({ what: 'bob', reason: 'two\nlines' })).toBe('400 several-lines');
  });
});

test('announcements are shown to everyone, from JSON and from plain text', async () => {
  const { api, alice, bob } = await world();
  const said = await api.ask(ROOT, 'POST', '/api/announcements', { body: { text: 'back at noon' } });
  expect(said.body).toEqual({ connections: 2 });
  await api.ask(LOCAL, 'POST', '/api/announcements', { text: 'all is well\n' });
  for (const person of [alice, bob])
    expect(person.screen()).toEqual(['* root to everyone: back at noon', '* all is well']);
  expect(await api.refusal(ROOT, 'POST', '/api/announcements')).toBe('400 bad-request');
  expect(await api.refusal(ROOT, 'POST', '/api/announcements', { body: { text: ' ' } })).toBe(
    '400 empty-text',
  );
});

describe('rooms', () => {
  test('are closed, and the answer has the key that opens them', async () => {
    const { api, alice, bob } = await world();
    const { body } = await api.ask(ROOT, 'POST', '/api/rooms/ops/close', { body: { reason: 'over' } });
    expect(body).toEqual({ room: 'ops', putOut: 2, key: expect.stringMatching(/^[0-9a-z]{12}$/) });
    expect(alice.screen()).toContain('* root put alice out of ops (over)');
    expect((await bob.asks('/join ops')).join()).toContain('! bad-key');
    expect((await bob.asks(`/join ops ${body.key}`)).join()).not.toContain('!');
    const again = await api.ask(LOCAL, 'POST', '/api/rooms/%23ops/close');
    expect(again.body.key).not.toBe(body.key);
    expect((await api.get(NOBODY, '/api/rooms')).body.rooms).toEqual([]);
    expect(await api.refusal(ROOT, 'POST', '/api/rooms/nowhere/close')).toBe('404 no-such-room');
  });

  test('are taken out of the lists and put back', async () => {
    const { api, alice } = await world();
    const rooms = async () => (await api.get(NOBODY, '/api/rooms')).body.rooms.length;
    const set = (on: boolean) => api.ask(ROOT, 'PUT', '/api/rooms/Ops/unlisted', { body: { on } });
    expect((await set(true)).body).toEqual({ room: 'ops', unlisted: true });
    expect(await rooms()).toBe(0);
    expect((await set(false)).body).toEqual({ room: 'ops', unlisted: false });
    expect(await rooms()).toBe(1);
    expect(alice.screen()).toEqual(['* root took ops out of all lists', '* root put ops back in the lists']);
    expect(await api.refusal(ROOT, 'PUT', '/api/rooms/ops/unlisted', { body: { on: 1 } })).toBe(
      '400 bad-request',
    );
  });
});
