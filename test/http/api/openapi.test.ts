import { describe, expect, test } from 'bun:test';
import { parse } from 'valibot';
import { ERROR_CODES } from '../../../src/chat/errors.ts';
import { EXAMPLES } from '../../../src/http/api/examples.ts';
import { openapi, templateOf } from '../../../src/http/api/openapi.ts';
import { route } from '../../../src/http/route.ts';
import { Api, account, LOCAL, NOBODY } from './api.ts';

async function document(): Promise<{ api: Api; doc: Any }> {
  const api = await Api.start();
  return { api, doc: (await api.get(NOBODY, '/api/openapi.json')).body };
}

// biome-ignore lint/suspicious/noExplicitAny: a JSON document, looked into here and there.
type Any = any;

describe('the OpenAPI document', () => {
  test('describes every route of the API, and no other', async () => {
    const { api, doc } = await document();
    const described = Object.entries<object>(doc.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map(method => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(
      api.routes.map(row => `${row.method} ${templateOf(row.path)}`).toSorted(),
    );
  });

  test('has each of what it describes answered by a route', async () => {
    const { api, doc } = await document();
    for (const [path, methods] of Object.entries<object>(doc.paths))
      for (const method of Object.keys(methods)) {
        const where = path.replace('{id}', '1').replaceAll(/\{\w+\}/g, 'ops');
        const response = await api.raw(account('nobody'), method.toUpperCase(), where);
        const { code } =
          response.status === 200 ? { code: '' } : ((await response.json()) as { code: string });
        expect([code, where]).not.toEqual(['not-found', where]);
        expect([code, where]).not.toEqual(['wrong-method', where]);
        await response.body?.cancel().catch(() => {});
      }
  });

  test('leaves out what is not of the API, and knows operators from others', () => {
    const answers = { 204: { what: 'done' }, 404: { what: 'there is none' } };
    const common = { summary: 'x', answers, run: () => new Response(null) };
    const doc: Any = openapi(
      [
        route({ ...common, method: 'GET', path: '/metrics', need: 'anybody' }),
        route({ ...common, method: 'DELETE', path: '/api/bans/:label*', need: 'operator' }),
      ],
      '1.2.3',
    );
    expect(Object.keys(doc.paths)).toEqual(['/api/bans/{label}']);
    const { security, responses } = doc.paths['/api/bans/{label}'].delete;
    expect(security).toEqual([{ basic: [] }, { cookie: [] }]);
    expect(Object.keys(responses)).toEqual(['204', '404', 'default']);
    expect(responses['404'].content['application/problem+json'].schema.$ref).toBe(
      '#/components/schemas/Problem',
    );
    expect([doc.openapi, doc.info.version]).toEqual(['3.1.0', '1.2.3']);
  });

  test('refers to nothing that is not in it', async () => {
    const { doc } = await document();
    const references = [...JSON.stringify(doc).matchAll(/"\$ref":"([^"]*)"/g)].map(([, to = '']) => to);
    expect(references.length).toBeGreaterThan(5);
    for (const to of new Set(references)) {
      const found = to
        .replace('#/', '')
        .split('/')
        .reduce<Any>((at, key) => at?.[key], doc);
      expect([to, typeof found]).toEqual([to, 'object']);
    }
    for (const { security = [] } of Object.values<Any>(doc.paths).flatMap(Object.values<Any>))
      for (const scheme of security.flatMap(Object.keys))
        expect(doc.components.securitySchemes).toHaveProperty(scheme);
  });

  test('names every operation once, and every parameter of its path', async () => {
    const { doc } = await document();
    const ids: string[] = [];
    for (const [path, methods] of Object.entries<Any>(doc.paths))
      for (const { operationId, parameters = [], summary } of Object.values<Any>(methods)) {
        ids.push(operationId);
        expect(summary).not.toBe('');
        const named = parameters
          .filter((each: Any) => each.in === 'path')
          .map((each: Any) => `{${each.name}}`);
        expect(path.match(/\{\w+\}/g) ?? []).toEqual(named);
      }
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('knows whole numbers, headers and every code', async () => {
    const { doc } = await document();
    const { get, post } = doc.paths['/api/rooms/{room}/messages'];
    const limit = get.parameters.find((each: Any) => each.name === 'limit');
    expect(limit).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 500 },
    });
    expect(post.parameters.map((each: Any) => each.name)).toContain('Idempotency-Key');
    expect(Object.keys(post.requestBody.content)).toEqual(['application/json', 'text/plain']);
    const { parameters, responses } = doc.paths['/api/rooms/{room}/events'].get;
    expect(parameters.map((each: Any) => each.name)).toEqual(['room', 'after', 'Last-Event-ID']);
    expect(Object.keys(responses['200'].content)).toEqual(['text/event-stream']);
    expect(doc.components.schemas.Problem.properties.code.enum).toEqual([...ERROR_CODES]);
  });

  test('has examples that are what it says', async () => {
    const { api } = await document();
    for (const [key, { body, answer }] of Object.entries(EXAMPLES)) {
      const row = api.routes.find(({ method, path }) => `${method} ${path}` === key);
      if (!row) throw new Error(`no route: ${key}`);
      if (body !== undefined && row.body) expect(parse(row.body, body)).toMatchObject(body as object);
      const { shape } = row.answers[200] ?? {};
      if (answer !== undefined && shape) expect(parse(shape, answer)).toEqual(answer);
    }
  });

  test('is made once, and is the same for all', async () => {
    const { api, doc } = await document();
    expect((await api.get(LOCAL, '/api/openapi.json')).body).toEqual(doc);
  });
});
