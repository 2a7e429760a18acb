/** `/api/openapi.json`: the API as OpenAPI 3.1, made from the rows of the routes and nothing else. */
import { toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { type Need, type Route, route } from '../route.ts';
import { json } from './answer.ts';
import { EXAMPLES } from './examples.ts';
import { NAMED } from './shapes.ts';

type Json = Readonly<Record<string, unknown>>;

/** What is asked of whoever uses a route. */
const SECURITY: Readonly<Record<Need, readonly Json[]>> = {
  anybody: [{}],
  person: [{ bearer: [] }, { basic: [] }, { cookie: [] }],
  read: [{ bearer: [] }, { basic: [] }, { cookie: [] }],
  write: [{ bearer: [] }, { basic: [] }, { cookie: [] }],
  operator: [{ basic: [] }, { cookie: [] }],
  // Who may open the socket may ask.
  local: [{}],
};

const SECURITY_SCHEMES: Json = {
  bearer: {
    type: 'http',
    scheme: 'bearer',
    description:
      'A token, made with: parley token create. It may be for some rooms only, to read or to write.',
  },
  basic: { type: 'http', scheme: 'basic', description: 'Name and password of an account.' },
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: 'parley',
    description: 'What signing in on the page sets. Requests that change something must come from the page.',
  },
};

const DESCRIPTION =
  'Speak, read, follow and search the rooms of a parley chat server. Over the local socket every request is the operator’s. Refusals are problem documents (RFC 9457) with the codes of the chat; one that says Retry-After may be repeated then.';

/** Where in the document a named shape is. */
const REFERENCE = '#/components/schemas/';

/** Describes the routes under `/api` there are when it is asked; made once. */
export function openapiRoute(routes: () => readonly Route[], version: string): Route {
  let made: object | null = null;
  return route({
    method: 'GET',
    path: '/api/openapi.json',
    need: 'anybody',
    summary: 'This document',
    answers: { 200: { what: 'OpenAPI 3.1.', type: 'application/json' } },
    run: () => {
      made ??= openapi(routes(), version);
      return json(made);
    },
  });
}

export function openapi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const each of routes) {
    if (!each.path.startsWith('/api/')) continue;
    const path = templateOf(each.path);
    paths[path] ??= {};
    paths[path][each.method.toLowerCase()] = operation(each);
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: { title: 'parley', version, description: DESCRIPTION, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    paths,
    components: { schemas: named(), securitySchemes: SECURITY_SCHEMES },
  };
}

/** `/api/rooms/:room` -> `/api/rooms/{room}` */
export function templateOf(path: string): string {
  return path.replace(/:([A-Za-z]+)\*?/g, '{$1}');
}

function operation(row: Route): Json {
  const { details, summary, need } = row;
  const parameters = [...pathParameters(row), ...queryParameters(row), ...headerParameters(row)];
  return {
    operationId: operationId(row),
    summary: capital(summary),
    ...(details !== undefined && { description: details }),
    security: SECURITY[need],
    ...(parameters.length > 0 && { parameters }),
    ...(row.body && { requestBody: requestBody(row, row.body) }),
    responses: responses(row),
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** `GET /api/rooms/:room/messages` -> `getRoomsRoomMessages` */
function operationId({ method, path }: Route): string {
  const words = path.replace(/^\/api\//, '').match(/[A-Za-z]+/g) ?? [];
  return method.toLowerCase() + words.map(capital).join('');
}

function pathParameters({ path }: Route): Json[] {
  const names = [...path.matchAll(/:([A-Za-z]+)/g)].map(([, name = '']) => name);
  return names.map(name => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
}

function queryParameters({ query }: Route): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = toJsonSchema(query, OPTIONS);
  return Object.entries(properties).map(([name, schema]) => {
    const { description, ...rest } = schema === true || schema === false ? {} : schema;
    return { name, in: 'query', required: required.includes(name), description, schema: rest };
  });
}

/** Headers that mean something to a route beside those of HTTP. */
function headerParameters({ method, path, answers }: Route): Json[] {
  const header = (name: string, description: string, schema: Json): Json => ({
    name,
    in: 'header',
    required: false,
    description,
    schema,
  });
  if (method === 'POST' && path.endsWith('/messages'))
    return [
      header('Idempotency-Key', 'The same request with the same key is done once within a day.', {
        type: 'string',
        pattern: '^[!-~]{1,255}$',
      }),
    ];
  if (answers[200]?.type !== 'text/event-stream') return [];
  return [
    header('Last-Event-ID', 'The id of the last event that was read: what follows it comes first.', {
      type: 'string',
    }),
  ];
}

function requestBody({ text, method, path }: Route, body: GenericSchema): Json {
  const example = EXAMPLES[`${method} ${path}`]?.body;
  const schema = toJsonSchema(body, OPTIONS);
  const content: Record<string, unknown> = {
    'application/json': { schema: withoutDialect(schema), ...(example !== undefined && { example }) },
  };
  if (text) {
    // Its text is the one thing that is said in the body.
    const [plain] = Object.values(example ?? {});
    content['text/plain'] = { schema: { type: 'string' }, ...(plain !== undefined && { example: plain }) };
  }
  return { required: body.type !== 'optional', content };
}

function responses({ answers, method, path }: Route): Json {
  const all: Record<string, unknown> = {};
  for (const [status, { what, shape, type }] of Object.entries(answers)) {
    if (Number(status) >= 400) {
      all[status] = { description: capital(what), content: PROBLEM_CONTENT };
      continue;
    }
    const example = EXAMPLES[`${method} ${path}`]?.answer;
    const schema = shape && { schema: withoutDialect(toJsonSchema(shape, OPTIONS)) };
    const media = type ?? (shape ? 'application/json' : null);
    all[status] = {
      description: capital(what),
      ...(media && {
        content: { [media]: { ...schema, ...(shape && example !== undefined && { example }) } },
      }),
    };
  }
  all['default'] = {
    description: 'It was refused: `code` says why.',
    content: PROBLEM_CONTENT,
  };
  return all;
}

const PROBLEM_EXAMPLE: Json = {
  type: 'urn:parley:error:no-such-room',
  title: 'Not Found',
  status: 404,
  detail: 'there is no room called opps. To make it: /join opps',
  code: 'no-such-room',
};

const PROBLEM_CONTENT: Json = {
  'application/problem+json': { schema: { $ref: `${REFERENCE}Problem` }, example: PROBLEM_EXAMPLE },
};

function named(): Json {
  return toJsonSchemaDefs(NAMED, OPTIONS);
}

const OPTIONS: Parameters<typeof toJsonSchema>[1] = {
  target: 'draft-2020-12',
  typeMode: 'input',
  definitions: NAMED,
  overrideRef: ({ referenceId }) => `${REFERENCE}${referenceId}`,
  // What a check says in code, metadata says for the document (`wholeNumber` in shapes.ts).
  ignoreActions: ['check'],
  overrideAction: ({ valibotAction }) => {
    const metadata = 'metadata' in valibotAction ? valibotAction.metadata : null;
    return isDocumented(metadata) ? metadata.documented : null;
  },
};

function isDocumented(metadata: unknown): metadata is { readonly documented: object } {
  return typeof metadata === 'object' && metadata !== null && 'documented' in metadata;
}

/** A schema within the document: what it says of itself and the definitions it brings are there already. */
function withoutDialect(schema: object): Json {
  const { $schema: _, $defs: __, ...rest } = schema as Record<string, unknown>;
  return rest;
}
