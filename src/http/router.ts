/**
 * From a request to its answer: path and method, who asks and whether they may, query and body, and then the
 * route's own work. Whatever goes wrong on the way is answered as a problem document and counted; a bug is
 * logged and told as no more than that.
 */
import { bugText, type ErrorCode, Refusal, refusal } from '../chat/errors.ts';
import type { Log } from '../chat/ports.ts';
import { MOST_BODY, readBody } from './body.ts';
import type { Known } from './caller.ts';
import { withHeaders } from './headers.ts';
import { originRefusal } from './origin.ts';
import { Pattern, readUrl } from './path.ts';
import { type Client, clientOf, type Peer, type PeerRules } from './peer.ts';
import { codeOf, problem } from './problem.ts';
import type { Ask, Caller, Need, Route } from './route.ts';
import { checkBody, checkQuery } from './shape.ts';

export interface RouterPorts {
  readonly log: Log;
  /** Counts a refusal for the metrics. */
  count(code: ErrorCode): void;
  /** Who asks; throws the refusal of a wrong credential. */
  callerOf(request: Request, client: Client): Promise<Known>;
}

export interface RouterRules extends PeerRules {
  /** This host's HTTP is to be had over TLS only. */
  readonly onlyTls: boolean;
}

type Method = Route['method'];

/** The routes of one path. */
interface Place {
  readonly pattern: Pattern;
  readonly methods: Map<Method, Route>;
}

interface Found {
  readonly place: Place;
  readonly params: Readonly<Record<string, string>>;
  readonly url: URL;
}

export class Router {
  private readonly places: readonly Place[];

  constructor(
    routes: readonly Route[],
    private readonly ports: RouterPorts,
    /** Replaced whole on reload. */
    public rules: RouterRules,
  ) {
    const places = new Map<string, Place>();
    for (const route of routes) {
      const place = places.get(route.path) ?? { pattern: new Pattern(route.path), methods: new Map() };
      if (place.methods.has(route.method)) throw new Error(`two routes for ${route.method} ${route.path}`);
      place.methods.set(route.method, route);
      places.set(route.path, place);
    }
    this.places = [...places.values()].sort((a, b) => b.pattern.fixed - a.pattern.fixed);
  }

  /** Never rejects. */
  async handle(request: Request, peer: Peer): Promise<Response> {
    let answer: Response;
    try {
      answer = await this.answer(request, peer);
    } catch (error) {
      answer = this.failed(error, request);
    }
    const code = codeOf(answer);
    if (code !== null) this.ports.count(code);
    if (request.method === 'HEAD') answer = await bodiless(answer);
    return withHeaders(answer, peer.tls && this.rules.onlyTls);
  }

  private async answer(request: Request, peer: Peer): Promise<Response> {
    const found = this.find(request.url);
    if (found instanceof Refusal) return problem(found);
    const { methods } = found.place;
    const allow = { Allow: allowed(methods) };
    if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: allow });
    // What is no method of any route is in no map either.
    const route = methods.get(request.method === 'HEAD' ? 'GET' : (request.method as Method));
    return route
      ? await this.run(route, found, request, peer)
      : problem(refusal('wrong-method', allow.Allow), allow);
  }

  private find(text: string): Found | Refusal {
    const read = readUrl(text);
    if (read instanceof Refusal) return read;
    const { segments, url } = read;
    for (const place of this.places) {
      const params = place.pattern.match(segments);
      if (params) return { place, params, url };
    }
    return segments.some(segment => segment.includes('/'))
      ? refusal('bad-path', 'it has an encoded slash in it')
      : refusal('not-found');
  }

  private async run(route: Route, { url, params }: Found, request: Request, peer: Peer): Promise<Response> {
    const client = clientOf(request, peer, this.rules);
    const { caller, cookie } = await this.ports.callerOf(request, client);
    const refused = originRefusal(request, client.host, cookie) ?? needRefusal(route.need, caller);
    if (refused) return problem(refused);
    const query = checkQuery(route.query, url.searchParams, url.pathname.startsWith('/api/'));
    if (query instanceof Refusal) return problem(query);
    const body = route.body && (await this.body(route, request, cookie));
    if (body instanceof Refusal) return problem(body);
    const { address, limitKey, secure } = client;
    const keepOpen = (seconds?: number) => peer.keepOpen(seconds);
    const ask: Ask = { request, url, params, query, body, caller, address, limitKey, secure, keepOpen };
    // Its shapes were checked just now; the table has forgotten their types.
    return await route.run(ask as Ask<never, never>);
  }

  /** A browser's form can send text for another site's page, but no JSON: with a cookie, it is to be JSON. */
  private async body(route: Route, request: Request, cookie: boolean): Promise<unknown> {
    const text = cookie ? undefined : route.text;
    const body = await readBody(request, { most: route.most ?? MOST_BODY, text });
    return body instanceof Refusal || !route.body ? body : checkBody(route.body, body);
  }

  private failed(error: unknown, request: Request): Response {
    if (error instanceof Refusal) return problem(error);
    // Without the path: what stands for a name in it may be secret (an unlisted room).
    this.ports.log.error('a request failed inside parley', { method: request.method, why: bugText(error) });
    return problem(refusal('internal'));
  }
}

function allowed(methods: ReadonlyMap<Method, Route>): string {
  const own = [...methods.keys()].flatMap(method => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  return [...own, 'OPTIONS'].join(', ');
}

/** What HEAD answers. The work for a stream ends with it. */
async function bodiless(answer: Response): Promise<Response> {
  await answer.body?.cancel();
  return new Response(null, { status: answer.status, headers: answer.headers });
}

/** Why a caller may not use a route, or null. What a token may do in which room is the domain's to say. */
export function needRefusal(need: Need, caller: Caller): Refusal | null {
  if (need === 'anybody' || caller.kind === 'local') return null;
  if (need === 'local') return refusal('local-only');
  if (caller.kind === 'nobody') return refusal('sign-in-required');
  if (need === 'operator')
    return caller.kind === 'account' && caller.operator ? null : refusal('not-server-operator');
  if (caller.kind === 'token' && (need === 'read' || need === 'write') && !caller.token[need])
    return refusal('token-scope', need === 'read' ? 'reading' : 'writing');
  return null;
}
