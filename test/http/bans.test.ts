/** Bans of the server, for those who come over HTTP. */
import { expect, test } from 'bun:test';
import type { Ban } from '../../src/chat/event.ts';
import { route } from '../../src/http/route.ts';
import { sessionRoutes } from '../../src/http/session.ts';
import { basic, bearer, HttpChat, problemOf } from '../helper/http.ts';

const SECRET = `parley_${'a'.repeat(43)}`;
const PASSWORD = 'correct horse';
const BOB: Ban = { kind: 'name', what: 'bob', label: 'bob', reason: 'spam' };
const NEAR: Ban = { kind: 'address', what: '192.0.2.0/24', label: '192.0.2.0/24', reason: '' };

async function start() {
  const http = await HttpChat.start(({ chat, sessions }) => [
    ...sessionRoutes({ hub: chat.hub, sessions }),
    route({
      method: 'GET',
      path: '/who',
      need: 'anybody',
      summary: '',
      answers: { 200: { what: 'it' } },
      run: ask => Response.json(ask.caller.kind),
    }),
  ]);
  const { chat } = http;
  await (await chat.account('bob', PASSWORD)).drops();
  const hash = new Bun.CryptoHasher('sha256').update(SECRET).digest('hex');
  const part = { rooms: null, read: true, write: true, created: 1, lastUsed: null };
  await http.during(chat.backend.addToken({ id: 'abcd1234', name: 'bot', ...part }, hash));
  const body = { name: 'bob', password: PASSWORD };
  const signIn = (from: string) => http.asks('POST', '/api/session', { body, from });
  const set = (await signIn('192.0.2.1')).headers.get('set-cookie') ?? '';
  return { http, bans: chat.hub.serverBans, signIn, cookie: { Cookie: set.split(';')[0] ?? '' } };
}

test('a banned name is nobody’s by its cookie, and refused with its password', async () => {
  const { http, bans, signIn, cookie } = await start();
  const who = (headers: Readonly<Record<string, string>>) => http.asks('GET', '/who', { headers });
  // Its password is remembered from here on, and is of no use all the same.
  for (const headers of [cookie, basic('bob', PASSWORD)])
    expect(await (await who(headers)).json()).toBe('account');
  bans.set(BOB);
  expect(await (await who(cookie)).json()).toBe('nobody');
  expect(await problemOf(await who(basic('bob', PASSWORD)))).toEqual([403, 'server-banned']);
  expect(await problemOf(await signIn('203.0.113.1'))).toEqual([403, 'server-banned']);
  expect(await (await who(bearer(SECRET))).json()).toBe('token');
  bans.set({ ...BOB, what: 'bot', label: 'bot' });
  expect(await problemOf(await who(bearer(SECRET)))).toEqual([403, 'server-banned']);
  bans.remove(BOB);
  expect(await (await who(cookie)).json()).toBe('account');
});

test('a banned address is refused whatever it asks for, and the local socket is not', async () => {
  const { http, bans, signIn } = await start();
  bans.set(NEAR);
  const who = (from: string) => http.asks('GET', '/who', { from });
  expect(await problemOf(await who('192.0.2.1'))).toEqual([403, 'server-banned']);
  expect(await problemOf(await signIn('192.0.2.200'))).toEqual([403, 'server-banned']);
  expect((await who('203.0.113.1')).status).toBe(200);
  expect(await (await who('')).json()).toBe('local');
  bans.remove(NEAR);
  expect((await who('192.0.2.1')).status).toBe(200);
});
