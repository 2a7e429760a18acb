/** Requests to the routes in memory: a chat, a router over some of its routes, and who is at the far end. */
import { Networks } from '../../src/chat/address.ts';
import { callerOf } from '../../src/http/caller.ts';
import { CookieSessions } from '../../src/http/cookies.ts';
import type { Peer } from '../../src/http/peer.ts';
import { RememberedPasswords } from '../../src/http/remembered.ts';
import type { Route } from '../../src/http/route.ts';
import { Router, type RouterRules } from '../../src/http/router.ts';
import { Chat, type ChatSettings } from './chat.ts';

export interface Sent {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON unless it is text or bytes. */
  readonly body?: unknown;
  /** The peer's address; '' is the unix socket. */
  readonly from?: string;
  readonly tls?: boolean;
}

export const HTTP_RULES: RouterRules = {
  proxyFrom: new Networks([]),
  exempt: new Networks([]),
  onlyTls: false,
};

export class HttpChat {
  readonly sessions: CookieSessions;
  readonly remembered: RememberedPasswords;
  readonly router: Router;
  /** How many requests asked that their answer be kept open. */
  kept = 0;

  private constructor(
    readonly chat: Chat,
    makeRoutes: (http: HttpChat) => readonly Route[],
  ) {
    const { hub, clock } = chat;
    this.sessions = new CookieSessions(clock);
    this.remembered = new RememberedPasswords(clock);
    const ports = { hub, sessions: this.sessions, remembered: this.remembered };
    this.router = new Router(
      makeRoutes(this),
      {
        log: hub.log,
        count: code => hub.count(code),
        callerOf: (request, client) => callerOf(request, client, ports),
      },
      HTTP_RULES,
    );
  }

  static async start(
    makeRoutes: (http: HttpChat) => readonly Route[],
    settings: ChatSettings = {},
  ): Promise<HttpChat> {
    return new HttpChat(await Chat.start(settings), makeRoutes);
  }

  /** Sends a request and lets everything come to its end; answers what is answered. */
  async asks(method: string, path: string, sent: Sent = {}): Promise<Response> {
    const { body } = sent;
    const json = body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array);
    const request = new Request(`http://parley.test${path}`, {
      method,
      headers: { Host: 'parley.test', ...(json && { 'Content-Type': 'application/json' }), ...sent.headers },
      ...(body !== undefined && { body: json ? JSON.stringify(body) : body }),
    });
    return await this.sends(request, sent);
  }

  /** The same of a request that is made already. */
  async sends(request: Request, { from = '192.0.2.1', tls = false }: Sent = {}): Promise<Response> {
    const peer: Peer = { address: from, tls, keepOpen: () => void this.kept++ };
    return await this.during(this.router.handle(request, peer));
  }

  /** Lets turns pass until a promise is settled. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let over = false;
    const done = promise.finally(() => {
      over = true;
    });
    while (!over) {
      await this.chat.settle();
      await new Promise(resolve => setImmediate(resolve));
    }
    return await done;
  }
}

/** A refusal as it was answered: status and code; throws where the answer is no problem document. */
export async function problemOf(answer: Response): Promise<readonly [status: number, code: string]> {
  const type = answer.headers.get('content-type');
  if (type !== 'application/problem+json') throw new Error(`answered ${answer.status} ${type}`);
  const document = (await answer.json()) as { readonly status: number; readonly code: string };
  if (document.status !== answer.status) throw new Error(`says ${document.status}, is ${answer.status}`);
  return [document.status, document.code];
}

/** Basic auth. */
export function basic(name: string, password: string): Readonly<Record<string, string>> {
  return { Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
}

export function bearer(secret: string): Readonly<Record<string, string>> {
  return { Authorization: `Bearer ${secret}` };
}
