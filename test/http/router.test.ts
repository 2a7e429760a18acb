import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { array, maxValue, minLength, number, object, optional, pipe, string, toNumber } from 'valibot';
import { ERROR_CODES, refusal } from '../../src/chat/errors.ts';
import { problem, statusOf } from '../../src/http/problem.ts';
import { type Ask, type Need, type Route, route } from '../../src/http/route.ts';
import { HTTP_RULES, HttpChat, problemOf } from '../helper/http.ts';

function plain(path: string, extra: Partial<Pick<Route, 'method' | 'need'>> = {}, body = ''): Route {
  return route({
    method: extra.method ?? 'GET',
    path,
    need: extra.need ?? 'anybody',
    summary: 'a test',
    answers: { 200: { what: 'it' } },
    run: ask => new Response(body || JSON.stringify(ask.params)),
  });
}

const echo = route({
  method: 'POST',
  path: '/api/echo',
  need: 'anybody',
  summary: 'says it again',
  query: object({ limit: optional(pipe(string(), toNumber(), number(), maxValue(100))) }),
  body: object({ text: pipe(string(), minLength(1)), more: optional(array(object({ id: number() }))) }),
  text: plain => ({ text: plain }),
  most: 1000,
  answers: { 200: { what: 'it' } },
  run: ask => Response.json({ query: ask.query, body: ask.body }),
});

const jsonOnly = route({
  method: 'PUT',
  path: '/api/echo',
  need: 'anybody',
  summary: 'the same',
  body: object({ text: string() }),
  answers: { 200: { what: 'it' } },
  run: ask => Response.json(ask.body),
});

const start = () =>
  HttpChat.start(() => [
    plain('/', {}, 'the page'),
    plain('/api/rooms', {}, 'rooms'),
    plain('/api/rooms/:room'),
    plain('/api/rooms/first', {}, 'the first'),
    plain('/api/rooms/:room/messages/:id'),
    plain('/api/bans/:label*', { method: 'DELETE' }),
    plain('/api/rooms', { method: 'POST' }, 'made'),
    route({
      method: 'GET',
      path: '/bug',
      need: 'anybody',
      summary: 'a bug',
      answers: {},
      run: () => {
        throw new TypeError('secret detail');
      },
    }),
    route({
      method: 'GET',
      path: '/refused',
      need: 'anybody',
      summary: 'a refusal',
      answers: {},
      run: async () => {
        throw refusal('too-many-searches', 17);
      },
    }),
    route({
      method: 'GET',
      path: '/stream',
      need: 'anybody',
      summary: 'a stream',
      answers: {},
      run: (ask: Ask) => {
        ask.keepOpen();
        return new Response(new ReadableStream({ cancel: () => void cancelled++ }));
      },
    }),
    echo,
    jsonOnly,
  ]);
let cancelled = 0;

describe('a path', () => {
  test('finds its route, what is given before what is named', async () => {
    const http = await start();
    const text = async (path: string) => (await http.asks('GET', path)).text();
    expect(await text('/')).toBe('the page');
    expect(await text('/api/rooms')).toBe('rooms');
    expect(await text('/api/rooms/first')).toBe('the first');
    expect(await text('/api/rooms/ops')).toBe('{"room":"ops"}');
    expect(await text('/api/rooms/ops/messages/7')).toBe('{"room":"ops","id":"7"}');
  });

  test('is decoded once', async () => {
    const http = await start();
    const params = async (path: string) => (await http.asks('GET', path)).json();
    expect(await params('/api/rooms/caf%C3%A9')).toEqual({ room: 'café' });
    expect(await params('/api/rooms/%25')).toEqual({ room: '%' });
    expect(await params('/api/rooms/a%2541')).toEqual({ room: 'a%41' });
    expect(await params('/api/rooms/a%3Fb%23c+d')).toEqual({ room: 'a?b#c+d' });
    expect(await (await http.asks('DELETE', '/api/bans/10.0.0.0%2F8')).json()).toEqual({
      label: '10.0.0.0/8',
    });
  });

  test('that is a trick is refused', async () => {
    const http = await start();
    for (const path of [
      '/api/rooms/a%2Fb',
      '/api/rooms/..%2f..%2fetc',
      '/api/rooms/%00',
      '/api/rooms/a%0d%0aSet-Cookie:x',
      '/api/rooms/%',
      '/api/rooms/%zz',
      '/api/rooms/%ff',
      '/api/rooms/%c0%ae',
      '/api//rooms',
      '//api/rooms',
      '//evil.test/api/rooms',
      '/api/rooms//messages/7',
    ])
      expect([path, await problemOf(await http.asks('GET', path))]).toEqual([path, [400, 'bad-path']]);
    expect(http.chat.hub.counters.refusals['bad-path']).toBe(12);
  });

  test('has no dots left when it is matched', async () => {
    const http = await start();
    for (const path of ['/x/../api/rooms', '/x/%2e%2e/api/rooms', '/./api/x/%2E./rooms', '/../../api/rooms'])
      expect([path, await (await http.asks('GET', path)).text()]).toEqual([path, 'rooms']);
  });

  test('there is nothing at is 404', async () => {
    const http = await start();
    for (const path of ['/nothing', '/api', '/api/rooms/', '/api/rooms/ops/', '/API/rooms', '/api/rooms/a/b'])
      expect([path, await problemOf(await http.asks('GET', path))]).toEqual([path, [404, 'not-found']]);
  });

  test('whatever it is, is answered and never with a bug', async () => {
    const http = await start();
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.webPath(),
          fc.string({ unit: fc.constantFrom('/', '%', '2', 'f', '.', 'a', '\\', '?', '#') }),
        ),
        async text => {
          const answer = await http.router.handle(new Request(`http://parley.test/${text}`), {
            address: '192.0.2.1',
            tls: false,
            keepOpen: () => {},
          });
          expect(answer.status).toBeLessThan(500);
        },
      ),
    );
  });
});

describe('a method', () => {
  test('that a path does not take is told which it does', async () => {
    const http = await start();
    for (const method of ['PUT', 'DELETE', 'PATCH']) {
      const answer = await http.asks(method, '/api/rooms');
      expect(answer.headers.get('allow')).toBe('GET, HEAD, POST, OPTIONS');
      expect(await problemOf(answer)).toEqual([405, 'wrong-method']);
    }
  });

  test('HEAD is answered as GET, without the body, and a stream behind it ends', async () => {
    const http = await start();
    const answer = await http.asks('HEAD', '/api/rooms');
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect((await http.asks('HEAD', '/api/echo')).status).toBe(405);
    cancelled = 0;
    expect((await http.asks('HEAD', '/stream')).status).toBe(200);
    expect([cancelled, http.kept]).toEqual([1, 1]);
  });

  test('OPTIONS says what a path takes, and lets no other site in', async () => {
    const http = await start();
    const answer = await http.asks('OPTIONS', '/api/rooms', {
      headers: { Origin: 'https://evil.test', 'Access-Control-Request-Method': 'POST' },
    });
    expect([answer.status, answer.headers.get('allow')]).toEqual([204, 'GET, HEAD, POST, OPTIONS']);
    expect([...answer.headers.keys()].filter(name => name.startsWith('access-control'))).toEqual([]);
    expect((await http.asks('OPTIONS', '/nothing')).status).toBe(404);
  });

  test('two routes for one are a bug that shows at once', () => {
    expect(HttpChat.start(() => [plain('/a'), plain('/a')])).rejects.toThrow('two routes for GET /a');
  });
});

describe('what a request brings', () => {
  const post = async (body: unknown, headers: Record<string, string> = {}, path = '/api/echo') =>
    (await start()).asks('POST', path, { body, headers });

  test('is handed on as its shapes make it', async () => {
    const answer = await post({ text: 'hi', more: [{ id: 1 }] }, {}, '/api/echo?limit=7');
    expect(await answer.json()).toEqual({ query: { limit: 7 }, body: { text: 'hi', more: [{ id: 1 }] } });
  });

  test('may be plain text where its route says so, taken as it is', async () => {
    for (const type of ['text/plain', 'text/plain; charset=UTF-8', 'application/x-www-form-urlencoded']) {
      const answer = await post('a=b&c%20d\n', { 'Content-Type': type });
      expect(((await answer.json()) as { body: unknown }).body).toEqual({ text: 'a=b&c%20d\n' });
    }
  });

  test('is refused with the field that is wrong, in words', async () => {
    const detail = async (answer: Response) => {
      const { code, detail } = (await answer.json()) as { code: string; detail: string };
      expect([answer.status, code]).toEqual([400, 'bad-request']);
      return detail;
    };
    expect(await detail(await post({ text: 'a' }, {}, '/api/echo?limit=700'))).toStartWith(
      'that request is wrong: limit: ',
    );
    expect(await detail(await post({ text: 'a' }, {}, '/api/echo?limti=7'))).toBe(
      'that request is wrong: there is no parameter limti here. There is: limit.',
    );
    expect(await detail(await post({ text: 'a' }, {}, '/api/echo?limit=1&limit=2'))).toBe(
      'that request is wrong: limit is there twice.',
    );
    expect(await detail(await post({}))).toBe('that request is wrong: text is missing.');
    expect(await detail(await post({ text: 5 }))).toBe(
      'that request is wrong: text: expected string but received 5.',
    );
    expect(await detail(await post({ text: 'a', more: [{ id: 1 }, { id: 'x' }] }))).toBe(
      'that request is wrong: more.1.id: expected number but received "x".',
    );
    expect(await detail(await post([]))).toContain('text is missing');
    expect(await detail(await post(undefined))).toBe('that request is wrong: the body is missing.');
    const long = await detail(await post({ text: 'a', more: `${'\u202e'.repeat(250)}` }));
    expect(long.length).toBeLessThan(300);
    expect(long).not.toContain('\u202e');
  });

  test('is bounded, whether its length is said or not, and not read beyond', async () => {
    const http = await start();
    expect(await problemOf(await post({ text: 'a'.repeat(1000) }))).toEqual([413, 'body-too-large']);
    let pulled = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: controller => {
        pulled++;
        controller.enqueue(new Uint8Array(400));
      },
    });
    const request = new Request('http://parley.test/api/echo', { method: 'POST', body: endless });
    expect(await problemOf(await http.sends(request))).toEqual([413, 'body-too-large']);
    expect(pulled).toBeLessThan(6);
    // What says less than it is, is counted all the same.
    const lying = new Request('http://parley.test/api/echo', {
      method: 'POST',
      body: 'a'.repeat(2000),
      headers: { 'Content-Length': '5' },
    });
    expect(await problemOf(await http.sends(lying))).toEqual([413, 'body-too-large']);
  });

  test('is UTF-8, of a type that is taken', async () => {
    const json = { 'Content-Type': 'application/json' };
    expect(await problemOf(await post('{"text":', json))).toEqual([400, 'bad-json']);
    expect(await problemOf(await post(new Uint8Array([0x22, 0xff, 0x22]), json))).toEqual([400, 'bad-utf8']);
    for (const type of ['application/xml', 'multipart/form-data; boundary=x', 'text/plain; charset=latin1'])
      expect(await problemOf(await post('a', { 'Content-Type': type }))).toEqual([415, 'wrong-content-type']);
    expect(await problemOf(await post('{}', { ...json, 'Content-Encoding': 'gzip' }))).toEqual([
      415,
      'wrong-content-type',
    ]);
    const put = await (await start()).asks('PUT', '/api/echo', {
      body: '{"text":"a"}',
      headers: { 'Content-Type': 'text/plain' },
    });
    expect(await problemOf(put)).toEqual([415, 'wrong-content-type']);
  });

  test('of a query is not looked at by pages', async () => {
    const http = await start();
    expect((await http.asks('GET', '/?utm=1')).status).toBe(200);
    expect(await problemOf(await http.asks('GET', '/api/rooms?utm=1'))).toEqual([400, 'bad-request']);
  });
});

describe('what goes wrong', () => {
  test('is a problem document with the code of the chat', async () => {
    const http = await start();
    const answer = await http.asks('GET', '/refused');
    expect(answer.headers.get('retry-after')).toBe('17');
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toEqual({
      type: 'urn:parley:error:too-many-searches',
      title: 'Too Many Requests',
      status: 429,
      detail: 'too many searches. Try again in 17 s.',
      code: 'too-many-searches',
    });
    expect(http.chat.hub.counters.refusals['too-many-searches']).toBe(1);
  });

  test('inside parley is logged, and told as no more than that', async () => {
    const http = await start();
    const answer = await http.asks('GET', '/bug');
    expect(await answer.clone().text()).not.toContain('secret');
    expect(await problemOf(answer)).toEqual([500, 'internal']);
    expect(http.chat.logged.join()).toContain('secret detail');
    expect(http.chat.hub.counters.refusals.internal).toBe(1);
  });

  test('has a status and a title, whatever its code', async () => {
    for (const code of ERROR_CODES) {
      const answer = problem(Reflect.apply(refusal, null, [code, 'a', 'b', 'c']));
      const { title } = (await answer.json()) as { title: string };
      expect([code, typeof title, answer.status]).toEqual([code, 'string', statusOf(code)]);
      expect(answer.headers.has('www-authenticate')).toBe(answer.status === 401);
    }
  });
});

test('every answer is closed to other sites and to caches', async () => {
  const http = await start();
  for (const [method, path] of [
    ['GET', '/'],
    ['GET', '/nothing'],
    ['GET', '/bug'],
    ['OPTIONS', '/'],
    ['HEAD', '/'],
  ] as const) {
    const { headers } = await http.asks(method, path);
    expect(headers.get('content-security-policy')).toStartWith("default-src 'none'; script-src 'self'; ");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('content-security-policy')).not.toMatch(/unsafe|https?:|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.has('strict-transport-security')).toBe(false);
  }
});

test('browsers are told to come over TLS only where HTTP is spoken nowhere else', async () => {
  const http = await start();
  const hsts = async (tls: boolean) =>
    (await http.asks('GET', '/', { tls })).headers.get('strict-transport-security');
  expect(await hsts(true)).toBeNull();
  http.router.rules = { ...HTTP_RULES, onlyTls: true };
  expect(await hsts(true)).toBe('max-age=31536000');
  expect(await hsts(false)).toBeNull();
});

test('a route is for those it says', async () => {
  const needs: readonly Need[] = ['anybody', 'person', 'read', 'write', 'operator'];
  const http = await HttpChat.start(() => needs.map(need => plain(`/${need}`, { need })));
  for (const need of needs) {
    const answer = await http.asks('GET', `/${need}`);
    if (need === 'anybody') expect(answer.status).toBe(200);
    else expect(await problemOf(answer)).toEqual([401, 'sign-in-required']);
    // The unix socket is the operator's own.
    expect((await http.asks('GET', `/${need}`, { from: '' })).status).toBe(200);
  }
});
