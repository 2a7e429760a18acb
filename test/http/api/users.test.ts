import { describe, expect, test } from 'bun:test';
import { fold } from '../../../src/chat/names.ts';
import { meRoute } from '../../../src/http/api/me.ts';
import type { Me } from '../../../src/http/api/shapes.ts';
import { userRoutes } from '../../../src/http/api/users.ts';
import { sessionRoutes } from '../../../src/http/session.ts';
import { basic, HttpChat, problemOf } from '../../helper/http.ts';
import { Api, account, LOCAL, SECRET } from './api.ts';

const ROOT = account('root', true);
const PATH = '/api/users';

async function world() {
  const api = await Api.start();
  const alice = await api.chat.account('Alice', SECRET, 'ops');
  const bob = await api.chat.person('bob', 'ops');
  alice.screen();
  bob.screen();
  const names = async () => (await api.get(ROOT, PATH)).body.users.map(({ name }: { name: string }) => name);
  return { api, chat: api.chat, alice, bob, names };
}

describe('accounts', () => {
  test('are listed without their passwords, a page at a time', async () => {
    const { api, chat } = await world();
    await (await chat.account('carol', SECRET)).drops();
    const { body } = await api.get(ROOT, `${PATH}?limit=1`);
    expect(body).toEqual({
      users: [
        {
          name: 'Alice',
          operator: false,
          connections: 1,
          created: expect.any(String),
          lastSeen: expect.any(String),
        },
      ],
      next: '/api/users?after=Alice&limit=1',
    });
    const second = (await api.get(LOCAL, body.next)).body;
    expect(second).toMatchObject({ users: [{ name: 'carol', connections: 0 }] });
    expect(second.next).toBeUndefined();
  });

  test('are made for a name that nobody has, and sign in from then on', async () => {
    const { api, chat, names } = await world();
    const made = await api.ask(ROOT, 'POST', PATH, { body: { name: 'Carol', password: 'battery staple' } });
    expect(made).toMatchObject({ status: 201, body: { name: 'Carol', operator: false, connections: 0 } });
    expect(await names()).toEqual(['Alice', 'Carol']);
    const carol = chat.connect();
    expect((await carol.asks('login carol battery staple')).join()).toContain('Carol');
    expect(chat.logged.join('\n')).toContain('info an operator made an account {"by":"root","name":"Carol"}');
    expect(chat.logged.join('\n')).not.toContain('battery');
  });

  test('that cannot be are refused', async () => {
    const { api, names } = await world();
    const refusal = (body: object) => api.refusal(ROOT, 'POST', PATH, { body });
    expect(await refusal({ name: 'alice', password: SECRET })).toBe('409 name-owned');
    expect(await refusal({ name: 'bob', password: SECRET })).toBe('409 name-taken');
    expect(await refusal({ name: '9lives', password: SECRET })).toBe('400 bad-name');
    expect(await refusal({ name: 'carol', password: 'x' })).toBe('400 password-too-short');
    expect(await refusal({ name: 'carolcarol', password: 'CarolCarol' })).toBe('400 password-same-as-name');
    expect(await refusal({ name: 'carol' })).toBe('400 bad-request');
    expect(await refusal({ name: 'carol', password: SECRET, admin: true })).toBe('400 bad-request');
    expect(await names()).toEqual(['Alice']);
  });

  test('get another password, and stay where they are signed in', async () => {
    const { api, chat, alice } = await world();
    const path = `${PATH}/alice/password`;
    const set = await api.ask(LOCAL, 'PUT', path, { body: { password: 'battery staple' } });
    expect(set.body).toEqual({ name: 'Alice', connections: 1 });
    expect(alice.link.state).toBe('open');
    const again = chat.connect();
    expect((await again.asks(`login alice ${SECRET}`)).join()).toContain('! wrong-password');
    expect((await again.asks('login alice battery staple')).join()).not.toContain('!');
    expect(await api.refusal(ROOT, 'PUT', path, { body: { password: 'alice' } })).toMatch(/^400 password-/);
    const nobody = `${PATH}/nobody/password`;
    expect(await api.refusal(ROOT, 'PUT', nobody, { body: { password: SECRET } })).toBe(
      '404 no-such-account',
    );
  });

  test('become operators of the server and are it no more', async () => {
    const { api, chat } = await world();
    const put = (name: string, on: boolean) =>
      api.ask(ROOT, 'PUT', `${PATH}/${name}/operator`, { body: { on } });
    const isOperator = async () => (await api.get(ROOT, PATH)).body.users[0].operator;
    expect((await put('alice', true)).body).toEqual({ name: 'Alice', operator: true });
    expect(await isOperator()).toBe(true);
    expect((await put('ALICE', false)).body).toEqual({ name: 'Alice', operator: false });
    expect(await isOperator()).toBe(false);
    expect((await put('bob', true)).body.code).toBe('no-such-account');
    const own = { body: { on: false } };
    expect(await api.refusal(account('alice', true), 'PUT', `${PATH}/Alice/operator`, own)).toBe(
      '409 that-is-you',
    );
    expect(chat.logged.filter(line => line.includes('operator')).join()).toContain('"by":"root"');
  });
});

describe('a deleted account', () => {
  test('is out of its rooms, its connections are closed with the reason, and its name is free', async () => {
    const { api, chat, alice, bob, names } = await world();
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`);
    const gone = await api.ask(ROOT, 'DELETE', `${PATH}/ALICE`);
    expect(gone.body).toEqual({ name: 'Alice', closed: 2 });
    for (const person of [alice, again]) {
      expect(person.screen().join('\n')).toContain('! account-gone: the account Alice is no more.');
      expect(person.link.state).toBe('ended');
    }
    const seen = bob.screen().filter(line => line.includes('Alice'));
    expect(seen).toEqual(['* Alice left ops (account deleted)']);
    expect(await names()).toEqual([]);
    expect((await api.get(LOCAL, '/api/rooms/ops/members')).body.members).toMatchObject([
      // Who is left runs the room.
      { name: 'bob', rank: 'operator' },
    ]);
    expect(chat.hub.holds.size).toBe(1);
    const heir = await chat.person('alice');
    expect(heir.link.state).toBe('open');
    expect(await api.refusal(ROOT, 'DELETE', `${PATH}/alice`)).toBe('404 no-such-account');
  });

  test('away leaves its rooms too, and what waits for it is nobody’s', async () => {
    const { api, chat, alice, bob } = await world();
    await alice.drops();
    await bob.types('message alice for her only');
    bob.screen();
    expect((await api.ask(LOCAL, 'DELETE', `${PATH}/alice`)).body).toEqual({ name: 'Alice', closed: 0 });
    expect(bob.screen()).toContain('* Alice left ops (account deleted)');
    expect((await chat.connect().asks('register alice')).join()).not.toContain('for her only');
  });

  test('is signed in to by nobody who was on the way, whenever that was', async () => {
    for (let ticks = 0; ticks < 40; ticks++) {
      const { api, chat, alice } = await world();
      await alice.drops();
      const late = chat.connect();
      const deleting = api.raw(ROOT, 'DELETE', `${PATH}/alice`);
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve();
      late.sends(`login alice ${SECRET}\n/join ops\n`);
      expect((await deleting).status).toBe(200);
      await chat.settle();
      expect([ticks, chat.hub.users.has(fold('alice')), chat.hub.holds.has(fold('alice'))]).toEqual([
        ticks,
        false,
        false,
      ]);
      const { members } = (await api.get(LOCAL, '/api/rooms/ops/members')).body;
      expect(members.map(({ name }: { name: string }) => name)).toEqual(['bob']);
      expect(chat.logged.filter(line => line.startsWith('error'))).toEqual([]);
    }
  });

  test('is nobody’s own', async () => {
    const { api, names } = await world();
    expect(await api.refusal(account('alice', true), 'DELETE', `${PATH}/Alice`)).toBe('409 that-is-you');
    expect(await api.refusal(ROOT, 'DELETE', `${PATH}/bob`)).toBe('404 no-such-account');
    expect(await names()).toEqual(['Alice']);
  });

  test('is as it was where the store takes no writes', async () => {
    const { api, chat, names } = await world();
    chat.backend.failNext('store-full');
    expect(await api.refusal(ROOT, 'DELETE', `${PATH}/alice`)).toBe('507 store-full');
    expect(await names()).toEqual(['Alice']);
  });
});

test('a topic is set and taken away, by who does it', async () => {
  const { api, bob } = await world();
  const put = (what: object) => api.ask(LOCAL, 'PUT', '/api/rooms/OPS/topic', what);
  expect((await put({ body: { topic: ' deploys only ' } })).body).toEqual({
    room: 'ops',
    topic: 'deploys only',
  });
  expect(bob.screen().join()).toContain('deploys only');
  expect((await api.get(LOCAL, '/api/rooms/ops')).body).toMatchObject({ topicFrom: 'parley' });
  expect((await put({ text: 'as text' })).body.topic).toBe('as text');
  expect((await put({ body: { topic: '' } })).body.topic).toBe('');
  expect((await put({ body: { topic: 'two\nlines' } })).body.code).toBe('several-lines');
  expect(await api.refusal(ROOT, 'PUT', '/api/rooms/nowhere/topic', { body: { topic: 'x' } })).toBe(
    '404 no-such-room',
  );
});

test('a deleted account is nobody at once: its basic auth is refused, its cookie stands for nobody', async () => {
  const http = await HttpChat.start(({ chat, sessions }) => [
    ...userRoutes(chat.hub),
    ...sessionRoutes({ hub: chat.hub, sessions }),
    meRoute(chat.hub),
  ]);
  await (await http.chat.account('alice', SECRET)).drops();
  const signedIn = await http.asks('POST', '/api/session', { body: { name: 'alice', password: SECRET } });
  const cookie = { headers: { Cookie: (signedIn.headers.get('set-cookie') ?? '').split(';', 1)[0] ?? '' } };
  const auth = { headers: basic('alice', SECRET) };
  const who = async (sent: object) => ((await (await http.asks('GET', '/api/me', sent)).json()) as Me).kind;
  expect([await who(cookie), await who(auth)]).toEqual(['account', 'account']);
  expect((await http.asks('DELETE', `${PATH}/alice`, { from: '' })).status).toBe(200);
  expect(await who(cookie)).toBe('nobody');
  expect(await problemOf(await http.asks('GET', '/api/me', auth))).toEqual([401, 'wrong-password']);
});
