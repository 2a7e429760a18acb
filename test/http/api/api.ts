/**
 * The API over a chat in memory: requests go through the real router, and every answer is held to what the
 * OpenAPI document says of its route.
 */
import { expect } from 'bun:test';
import { parse } from 'valibot';
import { Networks } from '../../../src/chat/address.ts';
import { Follows } from '../../../src/chat/follow.ts';
import type { Token } from '../../../src/chat/ports.ts';
import { Publisher } from '../../../src/chat/publish.ts';
import { controlRoutes } from '../../../src/http/api/control.ts';
import { openapiRoute } from '../../../src/http/api/openapi.ts';
import { operatorRoutes } from '../../../src/http/api/operators.ts';
import { apiRoutes } from '../../../src/http/api/routes.ts';
import { PROBLEM } from '../../../src/http/api/shapes.ts';
import { Pattern, readUrl } from '../../../src/http/path.ts';
import type { Caller, Route } from '../../../src/http/route.ts';
import { Router } from '../../../src/http/router.ts';
import type { Control } from '../../../src/ops/control.ts';
import { Chat, type ChatSettings } from '../../helper/chat.ts';

export const SECRET = 'correct horse';

export const NOBODY: Caller = { kind: 'nobody' };
export const LOCAL: Caller = { kind: 'local' };

/** A daemon that does as it is asked. */
const CONTROL: Control = {
  reload: async () => ({ changed: [], restart: [] }),
  upgrade: async () => '1.2.3',
  stop: () => {},
};

export function account(name: string, operator = false): Caller {
  return { kind: 'account', name, operator };
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON there is; the document's shape was checked.
  readonly body: any;
}

export interface Request_ {
  readonly body?: unknown;
  readonly text?: string | Uint8Array;
  readonly headers?: Record<string, string>;
}

export class Api {
  readonly routes: Route[];
  readonly router: Router;
  readonly follows: Follows;
  readonly refused: string[] = [];
  /** What the server knows of. */
  tokens: Token[] = [];
  private readonly callers = new Map<string, Caller>();

  private constructor(readonly chat: Chat) {
    const { hub } = chat;
    const kept = hub.backend.tokens.bind(hub.backend);
    hub.backend.tokens = async () => [...this.tokens, ...(await kept())];
    this.follows = new Follows(hub);
    this.routes = apiRoutes({ hub, publisher: new Publisher(hub), follows: this.follows });
    this.routes.push(
      ...operatorRoutes(hub),
      ...controlRoutes({ control: CONTROL, connections: () => hub.sessions.size, drainTimeout: () => 0 }),
      openapiRoute(() => this.routes, 'test'),
    );
    this.router = new Router(
      this.routes,
      {
        log: hub.log,
        count: code => void this.refused.push(code),
        callerOf: async request => ({ caller: this.callerOf(request), cookie: false }),
      },
      { proxyFrom: new Networks([]), exempt: new Networks([]), onlyTls: false },
    );
  }

  static async start(settings: ChatSettings = {}): Promise<Api> {
    return new Api(await Chat.start(settings));
  }

  /** A token that the server knows. */
  token(name: string, parts: Partial<Token> = {}): Caller {
    const token: Token = {
      id: `t${this.tokens.length}`,
      name,
      rooms: null,
      read: true,
      write: true,
      created: 0,
      lastUsed: null,
      ...parts,
    };
    this.tokens.push(token);
    return { kind: 'token', token };
  }

  /** Asks without looking at the answer; resolves when it has begun. */
  async raw(caller: Caller, method: string, path: string, what: Request_ = {}): Promise<Response> {
    const key = JSON.stringify(caller);
    this.callers.set(key, caller);
    const headers = new Headers({ 'x-caller': key, ...what.headers });
    if (what.body !== undefined && !headers.has('content-type'))
      headers.set('content-type', 'application/json');
    const body = what.body === undefined ? (what.text ?? null) : JSON.stringify(what.body);
    const request = new Request(`http://here${path}`, { method, headers, body: body as string | null });
    const peer = { address: '192.0.2.1', tls: false, keepOpen: () => {} };
    return await this.during(this.router.handle(request, peer));
  }

  async ask(caller: Caller, method: string, path: string, what: Request_ = {}): Promise<Answer> {
    const response = await this.raw(caller, method, path, what);
    const text = await response.text();
    const answer = { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
    this.check(method, path, answer);
    return answer;
  }

  get(caller: Caller, path: string): Promise<Answer> {
    return this.ask(caller, 'GET', path);
  }

  say(caller: Caller, room: string, text: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.ask(caller, 'POST', `/api/rooms/${room}/messages`, { body: { text }, headers });
  }

  /** The code of a refused request, with its status. */
  async refusal(caller: Caller, method: string, path: string, what: Request_ = {}): Promise<string> {
    const { status, body } = await this.ask(caller, method, path, what);
    return `${status} ${body.code ?? 'answered'}`;
  }

  /** Lets turns end until this is done. */
  async during<T>(work: Promise<T>): Promise<T> {
    let done = false;
    const watched = work.finally(() => {
      done = true;
    });
    watched.catch(() => {});
    while (!done) {
      await new Promise(resolve => setImmediate(resolve));
      await this.chat.settle();
    }
    return await watched;
  }

  private callerOf(request: Request): Caller {
    return this.callers.get(request.headers.get('x-caller') ?? '') ?? NOBODY;
  }

  /** What came is what the route's row, and so the document, says comes. */
  private check(method: string, path: string, { status, headers, body }: Answer): void {
    const type = headers.get('content-type');
    if (status >= 400) {
      expect(type).toBe('application/problem+json');
      expect(parse(PROBLEM, body)).toEqual(body);
      expect(body.status).toBe(status);
      expect(this.refused.pop()).toBe(body.code);
      return;
    }
    const read = readUrl(path);
    const segments = 'segments' in read ? read.segments : [];
    const row = this.routes.find(each => each.method === method && new Pattern(each.path).match(segments));
    const answer = row?.answers[status];
    expect(answer).toBeDefined();
    expect(type).toBe(answer?.type ?? 'application/json');
    if (answer?.shape) expect(parse(answer.shape, body)).toEqual(body);
  }
}

/** Reads a stream of events, a chunk at a time. */
export class EventReader {
  private readonly reader;
  private readonly decoder = new TextDecoder();
  text = '';

  constructor(
    private readonly api: Api,
    readonly response: Response,
  ) {
    if (!response.body) throw new Error('there is no stream');
    this.reader = response.body.getReader();
  }

  /** The next chunk; null at the end. */
  async next(): Promise<string | null> {
    const { value, done } = await this.api.during(this.reader.read());
    if (done) return null;
    const chunk = this.decoder.decode(value, { stream: true });
    this.text += chunk;
    return chunk;
  }

  /** Asks for the next chunk now, whenever it comes. */
  ahead(): Promise<string | null> {
    return this.reader.read().then(({ value, done }) => (done ? null : this.decoder.decode(value)));
  }

  cancel(): Promise<void> {
    return this.reader.cancel();
  }
}
