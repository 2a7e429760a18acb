/**
 * HTTP, put together: every route there is, who answers them, and where. Loaded only where HTTP is spoken, so
 * that a parley without it is none the larger.
 */
import { Networks } from '../chat/address.ts';
import { Refusal } from '../chat/errors.ts';
import type { Hub } from '../chat/hub.ts';
import type { Clock, Log } from '../chat/ports.ts';
import { httpPlacesOf } from '../config/listen.ts';
import type { Config } from '../config.ts';
import type { TlsFiles } from '../net/certificate.ts';
import type { Control } from '../ops/control.ts';
import type { Phase } from '../ops/health.ts';
import type { LogTail } from '../ops/log-tail.ts';
import type { OpsMeter } from '../ops/meter.ts';
import { VERSION } from '../version.ts';
import type { OutboxTotals } from '../wire/flusher.ts';
import { controlRoutes } from './api/control.ts';
import { LogStreams } from './api/log.ts';
import { openapiRoute } from './api/openapi.ts';
import { operatorRoutes } from './api/operators.ts';
import { scripts } from './api/routes.ts';
import { callerOf } from './caller.ts';
import { CookieSessions } from './cookies.ts';
import { Monitor } from './monitor.ts';
import { pageRoutes } from './pages/assets.ts';
import { RememberedPasswords } from './remembered.ts';
import type { Route } from './route.ts';
import { Router, type RouterRules } from './router.ts';
import { announced, type HttpListener, type HttpPorts, serve } from './server.ts';
import { sessionRoutes } from './session.ts';

/** ms that answers under way have on stopping. */
const LAST_WORDS = 1000;

export interface HttpDeps {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: OpsMeter;
  readonly outbox: OutboxTotals;
  /** What this server is called; may change. */
  serverName(): string;
  /** ms that stopping waits for those who do not read; may change. */
  drainTimeout(): number;
  /** Where the chat listens. */
  chat(): readonly string[];
  readonly operated: Operated | null;
}

/** What is the process's own, and operators reach. */
export interface Operated {
  readonly control: Control;
  readonly tail: LogTail;
}

/** What a group of routes is made of: its table, and what ends its streams. */
export interface Served {
  readonly routes: readonly Route[];
  /** The server is stopping: streams end, so that their readers come back to the next one. */
  close?(): void;
}

/** Every route there is: whoever makes more adds them here. */
function everything(deps: HttpDeps, sessions: CookieSessions, monitor: Monitor): readonly Served[] {
  const { hub, clock, operated, drainTimeout } = deps;
  const connections = (): number => hub.sessions.size;
  const all: Served[] = [
    { routes: sessionRoutes({ hub, sessions }) },
    scripts(hub),
    { routes: operatorRoutes(hub) },
    monitor,
    { routes: pageRoutes() },
    { routes: [openapiRoute(() => all.flatMap(({ routes }) => routes), VERSION)] },
  ];
  if (operated) {
    const log = new LogStreams(operated.tail, clock);
    all.push({ routes: [log.route], close: log.close });
    all.push({ routes: controlRoutes({ control: operated.control, connections, drainTimeout }) });
  }
  return all;
}

export class Http {
  private constructor(
    private readonly router: Router,
    private readonly listeners: readonly HttpListener[],
    private readonly served: readonly Served[],
    private readonly monitor: Monitor,
    private readonly clock: Clock,
  ) {}

  /** Listens everywhere, or rejects with the refusal, and nothing is left listening. */
  static async start(config: Config, files: TlsFiles | null, deps: HttpDeps): Promise<Http> {
    const sessions = new CookieSessions(deps.clock);
    const remembered = new RememberedPasswords(deps.clock);
    const { hub, clock, log } = deps;
    const listeners: HttpListener[] = [];
    const listening = (): string[] => [...deps.chat(), ...listeners.map(announced)];
    const monitor = new Monitor({ ...deps, version: VERSION, listening });
    const served = everything(deps, sessions, monitor);
    const router = new Router(
      served.flatMap(({ routes }) => routes),
      {
        log,
        count: code => hub.count(code),
        callerOf: (request, client) => callerOf(request, client, { hub, sessions, remembered }),
      },
      routerRules(config),
    );
    const ports: HttpPorts = { clock, log, handle: (request, peer) => router.handle(request, peer) };
    for (const where of httpPlacesOf(config)) {
      const listener = await serve(where, files, ports);
      if (listener instanceof Refusal) {
        await new Http(router, listeners, served, monitor, clock).stop();
        throw listener;
      }
      listeners.push(listener);
    }
    return new Http(router, listeners, served, monitor, clock);
  }

  /** For the ready line. */
  get addresses(): readonly string[] {
    return this.listeners.filter(({ where }) => where.kind === 'tcp').map(announced);
  }

  /** The true ports; null where it is not spoken so. */
  get ports(): { readonly httpPort: number | null; readonly httpsPort: number | null } {
    const port = (tls: boolean): number | null => {
      for (const { where } of this.listeners)
        if (where.kind === 'tcp' && where.tls === tls) return where.port;
      return null;
    };
    return { httpPort: port(false), httpsPort: port(true) };
  }

  /** The port that a browser is sent to from the chat's; null where HTTP is spoken on no TCP port. */
  get page(): { readonly port: number; readonly tls: boolean } | null {
    for (const { where } of this.listeners)
      if (where.kind === 'tcp') return { port: where.port, tls: where.tls };
    return null;
  }

  /** Changes certificates; the first refusal, with the old one going on. */
  async rotate(files: TlsFiles): Promise<Refusal | null> {
    for (const listener of this.listeners) {
      const refused = await listener.rotate(files);
      if (refused) return refused;
    }
    return null;
  }

  /** Where the server stands in its life. */
  set phase(phase: Phase) {
    this.monitor.phase = phase;
  }

  setRules(config: Config): void {
    this.router.rules = routerRules(config);
  }

  /** Takes nobody new, ends streams, and after a moment everything else. */
  async stop(): Promise<void> {
    const closed = Promise.all(this.listeners.map(listener => listener.close()));
    for (const { close } of this.served) close?.();
    await Promise.race([closed, new Promise<void>(resolve => this.clock.after(LAST_WORDS, resolve))]);
    await Promise.all(this.listeners.map(listener => listener.stop()));
  }
}

function routerRules(config: Config): RouterRules {
  return {
    proxyFrom: new Networks(config.proxyFrom),
    exempt: new Networks(config.exemptFrom),
    // Browsers would hold it against every port of the host, so it is said only where HTTP is nowhere plain.
    onlyTls: config.httpPort === null,
  };
}
