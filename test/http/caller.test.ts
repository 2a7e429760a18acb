import { describe, expect, test } from 'bun:test';
import { any } from 'valibot';
import { fold } from '../../src/chat/names.ts';
import type { Passwords, Token } from '../../src/chat/ports.ts';
import { type Need, route } from '../../src/http/route.ts';
import { sessionRoutes } from '../../src/http/session.ts';
import type { ChatSettings } from '../helper/chat.ts';
import { basic, bearer, HttpChat, problemOf } from '../helper/http.ts';

const NEEDS: readonly Need[] = ['anybody', 'person', 'read', 'write', 'operator'];
const SECRET = `parley_${'a'.repeat(43)}`;
const HOUR = 3_600_000;
const ORIGIN = { Origin: 'http://parley.test' };

/** `/me` says who asks; `/read` and so on need what they say; `POST /text` takes text. */
async function start(settings: ChatSettings = {}): Promise<HttpChat> {
  const answers = { 200: { what: 'it' } };
  const http = await HttpChat.start(
    ({ chat, sessions }) => [
      ...sessionRoutes({ hub: chat.hub, sessions }),
      ...NEEDS.map(need =>
        route({
          method: 'GET',
          path: `/${need}`,
          need,
          summary: '',
          answers,
          run: ask => Response.json(ask.caller),
        }),
      ),
      route({
        method: 'POST',
        path: '/text',
        need: 'write',
        summary: '',
        answers,
        text: plain => plain,
        body: any(),
        run: ask => Response.json(ask.body),
      }),
    ],
    settings,
  );
  const { chat } = http;
  for (const name of ['alice', 'root']) await (await chat.account(name, `password of ${name}`)).drops();
  await http.during(chat.backend.setOperator(fold('root'), true));
  return http;
}

async function token(http: HttpChat, part: Partial<Token> = {}, secret = SECRET): Promise<Token> {
  const token = {
    id: 'abcd1234',
    name: 'bot',
    rooms: null,
    read: true,
    write: true,
    created: 1,
    lastUsed: null,
    ...part,
  };
  const hash = new Bun.CryptoHasher('sha256').update(secret).digest('hex');
  expect(await http.during(http.chat.backend.addToken(token, hash))).toBe('added');
  return token;
}

const who = async (http: HttpChat, headers: Readonly<Record<string, string>>, from?: string) =>
  (await http.asks('GET', '/anybody', { headers, ...(from !== undefined && { from }) })).json();
const ALICE = { kind: 'account', name: 'alice', operator: false };

describe('a token', () => {
  test('is who it is for, and its use is noted', async () => {
    const http = await start();
    const { id } = await token(http);
    http.chat.clock.advance(5000);
    expect(await who(http, bearer(SECRET))).toMatchObject({ kind: 'token', token: { id, name: 'bot' } });
    expect(await who(http, { Authorization: `bearer  ${SECRET}` })).toMatchObject({ kind: 'token' });
    await http.chat.settle();
    const [stored] = await http.during(http.chat.backend.tokens());
    expect(stored?.lastUsed).toBe(http.chat.clock.now());
  });

  test('that is wrong is refused, also where nobody need be anybody', async () => {
    const http = await start();
    await token(http);
    for (const secret of ['x', `${SECRET}a`, SECRET.slice(1), 'parley_', SECRET.toUpperCase()]) {
      const answer = await http.asks('GET', '/anybody', { headers: bearer(secret) });
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
      expect(await problemOf(answer)).toEqual([401, 'bad-token']);
    }
    await http.during(http.chat.backend.removeToken('abcd1234'));
    expect(await problemOf(await http.asks('GET', '/anybody', { headers: bearer(SECRET) }))).toEqual([
      401,
      'bad-token',
    ]);
  });

  test('may do what it is for, and is never an operator', async () => {
    const http = await start();
    await token(http, { id: 'reader00', write: false }, `${SECRET}r`);
    await token(http, { id: 'writer00', read: false }, `${SECRET}w`);
    const status = async (secret: string) => {
      const all: Record<string, number> = {};
      for (const need of NEEDS)
        all[need] = (await http.asks('GET', `/${need}`, { headers: bearer(secret) })).status;
      return all;
    };
    expect(await status(`${SECRET}r`)).toEqual({
      anybody: 200,
      person: 200,
      read: 200,
      write: 403,
      operator: 403,
    });
    expect(await status(`${SECRET}w`)).toEqual({
      anybody: 200,
      person: 200,
      read: 403,
      write: 200,
      operator: 403,
    });
    expect(await problemOf(await http.asks('GET', '/write', { headers: bearer(`${SECRET}r`) }))).toEqual([
      403,
      'token-scope',
    ]);
    expect(await problemOf(await http.asks('GET', '/operator', { headers: bearer(`${SECRET}r`) }))).toEqual([
      403,
      'not-server-operator',
    ]);
  });
});

describe('basic auth', () => {
  test('is the account, however its name is written', async () => {
    const http = await start();
    expect(await who(http, basic('ALICE', 'password of alice'))).toEqual(ALICE);
    expect(await who(http, basic('root', 'password of root'))).toEqual({
      kind: 'account',
      name: 'root',
      operator: true,
    });
    expect((await http.asks('GET', '/operator', { headers: basic('root', 'password of root') })).status).toBe(
      200,
    );
    expect(
      await problemOf(await http.asks('GET', '/operator', { headers: basic('alice', 'password of alice') })),
    ).toEqual([403, 'not-server-operator']);
  });

  test('that is wrong is refused, and does not tell which names there are', async () => {
    const http = await start();
    for (const [name, password] of [
      ['alice', 'wrong'],
      ['nobody', 'wrong'],
      ['alice', ''],
      ['', ''],
    ] as const) {
      const answer = await http.asks('GET', '/anybody', { headers: basic(name, password) });
      // A browser is not to put up a box of its own.
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="parley"');
      expect(await problemOf(answer)).toEqual([401, 'wrong-password']);
    }
  });

  test('of no use is refused as what it is', async () => {
    const http = await start();
    const noColon = Buffer.from('alice').toString('base64');
    const latin1 = Buffer.from('alice:\xe9', 'latin1').toString('base64');
    for (const text of [
      '',
      'Basic',
      'Basic ###',
      `Basic ${noColon}`,
      `Basic ${latin1}`,
      'Digest x',
      'Bearer',
      'Bearer a b',
    ])
      expect([
        text,
        await problemOf(await http.asks('GET', '/anybody', { headers: { Authorization: text } })),
      ]).toEqual([text, [401, 'bad-credentials']]);
  });

  test('shares the limits on guessing with the chat, in both directions', async () => {
    const http = await start({ rules: { signInAttemptsPerAddress: 3 } });
    const guess = async (from?: string) =>
      problemOf(
        await http.asks('GET', '/anybody', { headers: basic('alice', 'wrong'), ...(from && { from }) }),
      );
    expect(await guess()).toEqual([401, 'wrong-password']);
    const person = http.chat.connect();
    await person.types('login alice wrong');
    expect(await guess()).toEqual([401, 'wrong-password']);
    const answer = await http.asks('GET', '/anybody', { headers: basic('alice', 'password of alice') });
    expect(answer.headers.get('retry-after')).toBe('60');
    expect(await problemOf(answer)).toEqual([429, 'too-many-attempts']);
    expect((await person.asks('login alice password of alice')).join()).toContain('too-many-attempts');
    expect(await guess('198.51.100.1')).toEqual([401, 'wrong-password']);
  });

  test('costs a slow hash once in a while, and not once a request', async () => {
    let verified = 0;
    const passwords: Passwords = {
      hash: async password => `hash of ${password}`,
      verify: async (password, hash) => {
        verified++;
        return hash === `hash of ${password}`;
      },
    };
    const http = await start({
      passwords,
      rules: { signInAttemptsPerAccount: 3, signInAttemptsPerAddress: 0 },
    });
    const asks = async (password: string, from = '192.0.2.1') =>
      (await http.asks('GET', '/anybody', { headers: basic('alice', password), from })).status;
    for (let i = 0; i < 10; i++) expect(await asks('password of alice')).toBe(200);
    expect(verified).toBe(1);
    // It is for one address, and for minutes.
    expect(await asks('password of alice', '192.0.2.2')).toBe(200);
    expect(verified).toBe(2);
    http.chat.clock.advance(6 * 60_000);
    expect(await asks('password of alice')).toBe(200);
    expect(verified).toBe(3);
    // It is no way around the limits: one wrong guess, and each that follows counts.
    for (let i = 0; i < 3; i++) expect(await asks('wrong')).toBe(401);
    expect(await asks('wrong')).toBe(429);
    expect(await asks('password of alice')).toBe(429);
    http.chat.clock.advance(6 * 60_000);
    expect(await asks('password of alice')).toBe(200);
    // A new password ends it.
    verified = 0;
    await http.during(http.chat.backend.setPassword(fold('alice'), 'hash of new'));
    expect(await asks('password of alice')).toBe(401);
    expect(verified).toBe(1);
  });
});

describe('the cookie of the page', () => {
  const signIn = async (http: HttpChat, name = 'alice', tls = false) => {
    const body = { name, password: `password of ${name}` };
    const answer = await http.asks('POST', '/api/session', { body, tls, headers: ORIGIN });
    expect(answer.status).toBe(200);
    const set = answer.headers.get('set-cookie') ?? '';
    return { answer, set, cookie: { Cookie: `other=1; ${set.split(';')[0]}; parley_x=2` } };
  };

  test('is who signed in', async () => {
    const http = await start();
    const { answer, set, cookie } = await signIn(http);
    expect(await answer.json()).toEqual({ name: 'alice', operator: false });
    expect(set).toMatch(/^parley=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict$/);
    expect((await signIn(http, 'alice', true)).set).toEndWith('; Secure');
    expect(await who(http, cookie)).toEqual(ALICE);
  });

  test('is not to be had with a wrong password, nor as a form of another site', async () => {
    const http = await start();
    const wrong = { name: 'alice', password: 'wrong' };
    const right = { name: 'alice', password: 'password of alice' };
    const post = async (body: unknown, headers = {}) =>
      problemOf(await http.asks('POST', '/api/session', { body, headers }));
    expect(await post(wrong)).toEqual([401, 'wrong-password']);
    expect(await post({ ...right, name: 'nobody' })).toEqual([401, 'wrong-password']);
    expect(await post(right, { Origin: 'http://evil.test' })).toEqual([403, 'bad-origin']);
    expect(await post('name=alice', { 'Content-Type': 'application/x-www-form-urlencoded' })).toEqual([
      415,
      'wrong-content-type',
    ]);
    expect(await post({ name: 'alice' })).toEqual([400, 'bad-request']);
    expect(http.sessions.size).toBe(0);
  });

  test('runs out, and is then nobody’s', async () => {
    const http = await start();
    const { cookie } = await signIn(http);
    for (let i = 0; i < 3; i++) {
      http.chat.clock.advance(11 * HOUR);
      expect(await who(http, cookie)).toEqual(ALICE);
    }
    http.chat.clock.advance(12 * HOUR);
    expect(await who(http, cookie)).toEqual({ kind: 'nobody' });
    expect(await problemOf(await http.asks('GET', '/person', { headers: cookie }))).toEqual([
      401,
      'sign-in-required',
    ]);
    for (const value of ['', 'x', 'a'.repeat(5000)])
      expect(await who(http, { Cookie: `parley=${value}` })).toEqual({ kind: 'nobody' });
  });

  test('ends on signing out, on signing in anew, and with the password', async () => {
    const http = await start();
    const first = await signIn(http);
    const out = await http.asks('DELETE', '/api/session', { headers: { ...first.cookie, ...ORIGIN } });
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      204,
      'parley=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0',
    ]);
    expect(await who(http, first.cookie)).toEqual({ kind: 'nobody' });

    const second = await signIn(http);
    const body = { name: 'root', password: 'password of root' };
    await http.asks('POST', '/api/session', { body, headers: { ...second.cookie, ...ORIGIN } });
    expect(await who(http, second.cookie)).toEqual({ kind: 'nobody' });

    const third = await signIn(http);
    await http.during(http.chat.backend.setPassword(fold('alice'), 'another'));
    expect(await who(http, third.cookie)).toEqual({ kind: 'nobody' });
  });

  test('gives an operator’s rights for as long as the account has them', async () => {
    const http = await start();
    const { cookie } = await signIn(http, 'root');
    expect((await http.asks('GET', '/operator', { headers: cookie })).status).toBe(200);
    await http.during(http.chat.backend.setOperator(fold('root'), false));
    expect(await problemOf(await http.asks('GET', '/operator', { headers: cookie }))).toEqual([
      403,
      'not-server-operator',
    ]);
  });

  test('changes nothing for a page of another site', async () => {
    const http = await start();
    const { cookie } = await signIn(http);
    const post = (headers: Record<string, string>, body: unknown = 'hi') =>
      http.asks('POST', '/text', { headers: { ...cookie, ...headers }, body });
    expect(await problemOf(await post({ Origin: 'http://evil.test' }, 1))).toEqual([403, 'bad-origin']);
    expect(await problemOf(await post({}, 1))).toEqual([403, 'bad-origin']);
    // Text is what a form of another site could send.
    expect(await problemOf(await post({ ...ORIGIN, 'Content-Type': 'text/plain' }))).toEqual([
      415,
      'wrong-content-type',
    ]);
    expect(await (await post(ORIGIN, { a: 1 })).json()).toEqual({ a: 1 });
    const curl = await http.asks('POST', '/text', {
      headers: { ...basic('alice', 'password of alice'), 'Content-Type': 'text/plain' },
      body: 'hi',
    });
    expect(await curl.json()).toBe('hi');
  });

  test('is one of a bounded number, in all and of one account', async () => {
    const http = await start();
    const mine = await signIn(http, 'root');
    const oldest = await signIn(http);
    for (let i = 0; i < 20; i++) await signIn(http);
    expect(http.sessions.size).toBe(21);
    expect(await who(http, oldest.cookie)).toEqual({ kind: 'nobody' });
    expect(await who(http, mine.cookie)).toMatchObject({ name: 'root' });
    for (let i = 0; i < 1200; i++) http.sessions.begin({ name: `user${i}`, passwordHash: '' });
    expect(http.sessions.size).toBe(1000);
  });
});

test('the unix socket is the operator’s, unless another says who it is', async () => {
  const http = await start();
  await token(http);
  expect(await who(http, {}, '')).toEqual({ kind: 'local' });
  expect(await who(http, bearer(SECRET), '')).toMatchObject({ kind: 'token' });
  expect(await problemOf(await http.asks('GET', '/anybody', { headers: bearer('x'), from: '' }))).toEqual([
    401,
    'bad-token',
  ]);
});

test('no secret is ever logged', async () => {
  const http = await start();
  await who(http, bearer(SECRET));
  await who(http, basic('alice', 'my wrong password'));
  await who(http, basic('alice', 'password of alice'));
  const logged = http.chat.logged.join('\n');
  expect(logged).toContain('wrong password {"name":"alice","address":"192.0.2.1"}');
  for (const secret of [SECRET, 'my wrong password', 'password of']) expect(logged).not.toContain(secret);
});
