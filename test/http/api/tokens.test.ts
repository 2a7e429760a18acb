import { describe, expect, test } from 'bun:test';
import { systemSecrets } from '../../../src/ops/secrets.ts';
import { Api, account, LOCAL, NOBODY, SECRET } from './api.ts';

const ROOT = account('root', true);
const PATH = '/api/tokens';

async function world() {
  const api = await Api.start();
  await (await api.chat.account('alice', SECRET, 'ops')).drops();
  const make = (body: object, caller = LOCAL) => api.ask(caller, 'POST', PATH, { body });
  return { api, make };
}

describe('tokens', () => {
  test('are made with a secret that is shown once, and listed without it', async () => {
    const { api, make } = await world();
    const { status, headers, body } = await make({ name: 'deploys', rooms: ['ops'], write: true }, ROOT);
    expect(status).toBe(201);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      id: expect.stringMatching(/^[a-z0-9]{8}$/),
      name: 'deploys',
      rooms: ['ops'],
      read: false,
      write: true,
      created: new Date(api.chat.clock.now()).toISOString(),
      lastUsed: null,
      secret: expect.stringMatching(/^parley_[A-Za-z0-9_-]{43}$/),
    });
    const { secret, ...rest } = body;
    expect((await api.get(ROOT, PATH)).body).toEqual({ tokens: [rest] });
    const kept = await api.chat.backend.tokenOf(systemSecrets.sha256(secret));
    expect(kept).toMatchObject({ id: rest.id, name: 'deploys' });
  });

  test('are for everything where nothing is said', async () => {
    const { make } = await world();
    expect((await make({ name: 'bot' })).body).toMatchObject({ rooms: null, read: true, write: true });
    expect((await make({ name: 'bot', rooms: null, read: true })).body).toMatchObject({
      rooms: null,
      read: true,
      write: false,
    });
  });

  test('show when they were used last', async () => {
    const { api, make } = await world();
    const { id } = (await make({ name: 'bot' })).body;
    api.chat.backend.tokenUsed(id, Date.UTC(2026, 0, 16));
    expect((await api.get(LOCAL, PATH)).body.tokens).toMatchObject([
      { id, lastUsed: '2026-01-16T00:00:00.000Z' },
    ]);
  });

  test('are taken back, once', async () => {
    const { api, make } = await world();
    const { secret: _, ...token } = (await make({ name: 'bot' })).body;
    const path = `${PATH}/${token.id}`;
    expect((await api.ask(ROOT, 'DELETE', path)).body).toEqual(token);
    expect(await api.refusal(ROOT, 'DELETE', path)).toBe('404 no-such-token');
    expect((await api.get(ROOT, PATH)).body).toEqual({ tokens: [] });
  });

  test('that cannot be are refused', async () => {
    const { api } = await world();
    const bob = await api.chat.person('bob');
    const cases: readonly (readonly [object, string])[] = [
      [{ name: '' }, '400 bad-name'],
      [{ name: 'alice' }, '409 token-name'],
      [{ name: 'bob' }, '409 name-taken'],
      [{ name: 'bot', rooms: ['no room'] }, '400 bad-room'],
      [{ name: 'bot', rooms: [] }, '400 token-useless'],
      [{ name: 'bot', read: false, write: false }, '400 token-useless'],
      [{ name: 'bot', rooms: 'ops' }, '400 bad-request'],
      [{ name: 'bot', rooms: Array(1001).fill('ops') }, '400 bad-request'],
      [{ name: 'bot', admin: true }, '400 bad-request'],
      [{}, '400 bad-request'],
    ];
    for (const [body, refused] of cases)
      expect(await api.refusal(LOCAL, 'POST', PATH, { body }), JSON.stringify(body)).toBe(refused);
    expect(await api.refusal(LOCAL, 'POST', PATH, { text: 'bot' })).toMatch(/^4\d\d /);
    expect((await api.get(LOCAL, PATH)).body).toEqual({ tokens: [] });
    await bob.drops();
  });

  test('are for operators of the server only', async () => {
    const { api } = await world();
    const ask = async (caller: typeof LOCAL) => [
      await api.refusal(caller, 'GET', PATH),
      await api.refusal(caller, 'POST', PATH, { body: { name: 'bot' } }),
      await api.refusal(caller, 'DELETE', `${PATH}/abcd1234`),
    ];
    expect(await ask(NOBODY)).toEqual(Array(3).fill('401 sign-in-required'));
    expect(await ask(account('alice'))).toEqual(Array(3).fill('403 not-server-operator'));
    expect(await ask(api.token('deploys'))).toEqual(Array(3).fill('403 not-server-operator'));
  });
});
