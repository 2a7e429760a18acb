/**
 * A stand-in for the server behind the dashboard: the true page with the true headers, and a stream and an API
 * that say what a test tells them to. It remembers what it was asked to do, and can go away and come back on
 * the same port.
 */
import type { DashboardEvents, Movement, RoomLine, Sample, Totals } from '../../../src/http/dashboard.ts';
import { withHeaders } from '../../../src/http/headers.ts';
import { pageRoutes } from '../../../src/http/pages/assets.ts';
import type { Ask } from '../../../src/http/route.ts';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export const PASSWORD = 'correct horse';

export class Stub {
  readonly asked: Asked[] = [];
  private readonly routes = new Map(pageRoutes().map(route => [route.path, route]));
  private readonly watchers = new Set<ReadableStreamDefaultController<Uint8Array>>();
  private readonly log: string[] = [];
  private readonly waiting: { want(asked: Asked): boolean; got(asked: Asked): void }[] = [];
  private server: ReturnType<typeof Bun.serve> | null = null;
  private signedIn: string | null = null;
  private boot = 1;
  /** Streams in all, and those that went on where one had broken. */
  opened = 0;
  resumed = 0;
  /** Nobody is given a stream: each asks, and is told 503. */
  busy = false;
  /** What `hello` says; `tick` keeps its samples up. */
  hello: DashboardEvents['hello'];
  connections: unknown[] = [];
  bans: { kind: string; what: string; label: string; reason: string }[] = [];

  constructor(now: number, part: Partial<DashboardEvents['hello']> = {}) {
    this.hello = {
      version: '0.1.0',
      server: 'chat.example.org',
      startedAt: now,
      health: { state: 'ok', why: '' },
      totals: TOTALS,
      rooms: [],
      movements: [],
      seconds: [],
      minutes: [],
      ...part,
    };
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private port = 0;

  /** Listens; on the same port as before, if it did. */
  start(): void {
    this.server = Bun.serve({
      hostname: '127.0.0.1',
      port: this.port,
      idleTimeout: 0,
      fetch: async request => withHeaders(await this.answer(request), false),
    });
    this.port = this.server.port ?? 0;
  }

  /** Goes away at once, streams and all. */
  async stop(): Promise<void> {
    for (const watcher of this.watchers) watcher.close();
    this.watchers.clear();
    await this.server?.stop(true);
    this.server = null;
  }

  /** Forgets all that was streamed, as a server that was started anew. */
  reboot(part: Partial<DashboardEvents['hello']>): void {
    this.boot++;
    this.log.length = 0;
    this.hello = { ...this.hello, ...part };
  }

  /** The session is over, and the page does not know yet. */
  signOut(): void {
    this.signedIn = null;
  }

  /** A second is over. */
  tick(sample: Sample, totals: Partial<Totals> = {}): void {
    this.hello = {
      ...this.hello,
      totals: { ...this.hello.totals, ...totals },
      seconds: [...this.hello.seconds, sample].slice(-600),
    };
    this.send('tick', { sample, health: this.hello.health, totals: this.hello.totals });
  }

  setHealth(health: DashboardEvents['hello']['health']): void {
    this.hello = { ...this.hello, health };
  }

  setRooms(rooms: readonly RoomLine[]): void {
    this.hello = { ...this.hello, rooms };
    this.send('rooms', rooms);
  }

  move(movement: Movement): void {
    this.hello = { ...this.hello, movements: [...this.hello.movements, movement].slice(-50) };
    this.send('movement', movement);
  }

  send<Name extends keyof DashboardEvents>(name: Name, data: DashboardEvents[Name]): void {
    this.log.push(`event: ${name}\ndata: ${JSON.stringify(data)}\n`);
    const text = this.framed(this.log.length);
    for (const watcher of this.watchers) watcher.enqueue(text);
  }

  /** Resolves with the next request (or one that came already) that fits. */
  async request(method: string, path: string): Promise<Asked> {
    const want = (asked: Asked) => asked.method === method && asked.path === path;
    const before = this.asked.find(want);
    return before ?? (await new Promise(got => this.waiting.push({ want, got })));
  }

  private framed(id: number): Uint8Array {
    return new TextEncoder().encode(`id: ${this.boot}-${id}\n${this.log[id - 1]}\n`);
  }

  private async answer(request: Request): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const page = this.routes.get(pathname);
    // The rows of pages look at nothing but the request.
    if (page) return await page.run({ request } as Ask<never, never>);
    if (pathname === '/events') {
      this.opened++;
      if (this.busy) return problem(503, 'too many are watching.');
      return this.stream(request.headers.get('last-event-id'));
    }
    const text = await request.text();
    const asked: Asked = {
      method: request.method,
      path: decodeURIComponent(pathname),
      query: Object.fromEntries(searchParams),
      body: text === '' ? null : JSON.parse(text),
    };
    this.asked.push(asked);
    const answer = this.api(asked);
    for (const { want, got } of this.waiting) if (want(asked)) got(asked);
    return answer;
  }

  private stream(last: string | null): Response {
    const [boot, id] = (last ?? '').split('-').map(Number);
    const from = boot === this.boot && id !== undefined ? id : null;
    let own: ReadableStreamDefaultController<Uint8Array> | null = null;
    const body = new ReadableStream<Uint8Array>({
      start: controller => {
        own = controller;
        const encoder = new TextEncoder();
        controller.enqueue(encoder.encode('retry: 100\n\n'));
        if (from === null) {
          const again = last === null ? '' : 'event: resync\ndata: {"why":"too long ago"}\n\n';
          const hello = `id: ${this.boot}-${this.log.length}\nevent: hello\ndata: ${JSON.stringify(this.hello)}\n\n`;
          controller.enqueue(encoder.encode(again + hello));
        } else {
          this.resumed++;
          for (let next = from + 1; next <= this.log.length; next++) controller.enqueue(this.framed(next));
        }
        this.watchers.add(controller);
      },
      cancel: () => {
        if (own) this.watchers.delete(own);
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  }

  private api({ method, path, query, body }: Asked): Response {
    const at = `${method} ${path}`;
    if (at === 'GET /api/me') {
      return Response.json(
        this.signedIn ? { kind: 'account', name: this.signedIn, operator: true } : { kind: 'nobody' },
      );
    }
    if (at === 'POST /api/session') {
      const { name, password } = body as { name: string; password: string };
      if (password !== PASSWORD) return problem(401, 'that is not the password.');
      this.signedIn = name;
      return Response.json({ name, operator: true });
    }
    if (at === 'DELETE /api/session') {
      this.signedIn = null;
      return new Response(null, { status: 204 });
    }
    if (!this.signedIn) return problem(401, 'sign in first.');
    if (at === 'GET /api/connections') {
      const offset = Number(query['offset']);
      const found = this.connections.filter(one => JSON.stringify(one).includes(query['search'] ?? ''));
      return Response.json({
        total: found.length,
        connections: found.slice(offset, offset + Number(query['limit'])),
      });
    }
    if (at === 'GET /api/bans') return Response.json({ bans: this.bans });
    if (at === 'POST /api/bans') {
      const { what, reason } = body as { what: string; reason: string };
      this.bans = [...this.bans, { kind: 'name', what, label: what, reason }];
      return Response.json({ label: what, closed: 2 }, { status: 201 });
    }
    if (at === 'POST /api/announcements') return Response.json({ connections: 1 });
    if (path.endsWith('/close')) return Response.json({ room: 'ops', putOut: 4, key: 'sesame' });
    if (method === 'DELETE' && path.startsWith('/api/bans/')) {
      this.bans = this.bans.filter(ban => `/api/bans/${ban.label}` !== path);
    }
    return new Response(null, { status: 204 });
  }
}

const TOTALS: Totals = {
  messages: 0,
  deliveries: 0,
  signIns: 0,
  connections: 0,
  skipped: 0,
  closed: {},
  watchers: 1,
};

function problem(status: number, detail: string): Response {
  return new Response(JSON.stringify({ type: 'urn:parley:error:x', title: 'No', status, detail }), {
    status,
    headers: { 'content-type': 'application/problem+json' },
  });
}

/** A sample with nothing in it but what is told. */
export function sample(at: number, part: Partial<Sample> = {}): Sample {
  return {
    at,
    text: 0,
    json: 0,
    irc: 0,
    rooms: 0,
    messages: 0,
    deliveries: 0,
    lag: 0.2,
    commit: 0.3,
    outbox: 0,
    memory: 40 * 1024 * 1024,
    ...part,
  };
}
