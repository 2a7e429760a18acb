/**
 * The composition root: puts settings, backend, hub, dialects and listeners together, and takes them apart
 * again. What a part does is in the part; here is only who knows whom, and in which order things start, are
 * reloaded and stop.
 */
import { EmbeddedBackend } from './backend/embedded/backend.ts';
import { type MemoryBackend, memoryBackend } from './backend/memory/backend.ts';
import type { Bounds } from './backend/options.ts';
import { Networks } from './chat/address.ts';
import { makeOperator } from './chat/credentials.ts';
import { Refusal } from './chat/errors.ts';
import { restoreHub } from './chat/handover.ts';
import { Hub } from './chat/hub.ts';
import type { Clock, Log, LogFields, Meter, Turn } from './chat/ports.ts';
import { commands } from './command/table.ts';
import { showBytes } from './config/kind.ts';
import { httpPlacesOf, listenersOf } from './config/listen.ts';
import type { Config } from './config.ts';
import { type ClientShared, SPEAK_FIRST } from './dialect/client.ts';
import { Greeter } from './dialect/greeter.ts';
import { TextEncoders } from './dialect/text/encoder.ts';
import type { Http, HttpDeps, Operated } from './http/start.ts';
import type { Inherited } from './net/activation.ts';
import { formatListen } from './net/address.ts';
import { loadCertificate, type TlsFiles } from './net/certificate.ts';
import { Clients, type Gate } from './net/clients.ts';
import { type Listener, type ListenRules, listen } from './net/listen.ts';
import { HealthCheck } from './ops/health.ts';
import { OpsMeter } from './ops/meter.ts';
import { Argon2Passwords } from './ops/passwords.ts';
import { StatusLine } from './ops/status.ts';
import { LoopTurn } from './ops/turn.ts';
import { enter } from './upgrade/enter.ts';
import type { Handed } from './upgrade/handed.ts';
import { Leaving } from './upgrade/leave.ts';
import { VERSION } from './version.ts';
import { Wire, type WireSettings } from './wire/connection.ts';
import { Flusher } from './wire/flusher.ts';

interface BackendPorts {
  readonly turn: Turn;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface Running {
  /** Where it listens, the true ports named: the chat, then HTTP as `http on HOST:PORT`. */
  readonly addresses: readonly string[];
  /** How it does, in one line. */
  status(): string;
  /**
   * Puts new settings in force, all of them or (rejecting with the `Refusal`) none. Answers the names of
   * settings that need a restart beyond those their rows say.
   */
  reload(config: Config): Promise<string[]>;
  /** Takes nobody new, tells everyone, lets outboxes empty within the deadline, and closes the store. */
  stop(): Promise<void>;
  /** The way out where another program goes on with all that is here. */
  readonly leaving: Leaving;
}

export interface StartDeps {
  readonly clock: Clock;
  readonly log: Log;
  /** Sockets for the chat that listen already, in place of those that the settings ask for. */
  readonly inherited?: readonly Inherited[];
  /** What operators reach beside the chat: without it, they cannot reload, drain or read the log. */
  readonly operated?: Operated;
  /** What another program left, to be gone on with. */
  readonly handed?: Handed | null;
}

/** Starts parley. Rejects with the `Refusal` that says what to do; nothing is left running then. */
export async function start(config: Config, deps: StartDeps): Promise<Running> {
  const { clock, log, inherited = [], operated, handed = null } = deps;
  const meter = new OpsMeter(clock);
  const turn = new LoopTurn(log, meter);
  const backend = backendFor(config, { turn, clock, log, meter });
  const hub = new Hub({ backend, turn, clock, log, passwords: new Argon2Passwords() }, config);
  const flusher = new Flusher(turn);
  const wire = new Wire(wireSettings(config), clock, flusher, hub.counters);
  const clients = new Clients(
    {
      hub,
      commands,
      encoders: new TextEncoders(clock),
      greeter: new Greeter(clock, SPEAK_FIRST),
      version: VERSION,
      ...clientSettings(config, null),
    },
    wire,
    gateSettings(config),
  );
  const listeners: Listener[] = [];
  let http: Http | null = null;
  let { drainTimeout, serverName } = config;
  let entered: LogFields | null = null;
  // Nothing is run before everybody is back.
  if (handed) wire.flow = 'held';
  await hub.start();
  try {
    if (handed) await restoreHub(hub, handed.state.hub);
    const free = listenersOf(config).map(where => ({ where, fd: null }));
    for (const place of inherited.length > 0 ? inherited : free) {
      const { where, fd } = place;
      const own = fd === null || place.own === true;
      const ports = { accept: clients, clock, log, counters: hub.counters };
      const listener = await listen(where, tlsFiles(config), listenRules(config), ports, fd, own);
      if (!(listener instanceof Refusal)) listeners.push(listener);
      else if (handed?.inPlace) giveUp(log, listener, 'a listener', () => handed.close(fd ?? -1));
      else throw listener;
    }
    if (handed) entered = await enter({ hub, clients, listeners }, handed);
    if (config.oper) await makeOperator(hub, config.oper.name, config.oper.password);
    http = await startHttp(handed ? samePorts(config, handed) : config, {
      hub,
      clock,
      log,
      meter,
      outbox: flusher.totals,
      serverName: () => serverName,
      drainTimeout: () => drainTimeout,
      chat: () => listeners.map(listener => formatListen(listener.where)),
      operated: operated ?? null,
    }).catch(error => {
      // The chat is there, with everybody in it.
      if (!handed?.inPlace || !(error instanceof Refusal)) throw error;
      return giveUp(log, error, 'HTTP');
    });
  } catch (error) {
    for (const listener of listeners) listener.close();
    await hub.stop();
    throw error;
  }
  clients.configure(clientSettings(config, http), gateSettings(config));
  clients.startSweeping();
  if (http) http.phase = 'running';
  const check = new HealthCheck(hub);
  check.phase = 'running';
  if (entered) log.info(handed?.inPlace ? 'upgraded' : 'restarted', entered);
  const status = new StatusLine(hub, check, clock);

  return {
    status: () => status.next(),
    addresses: [...listeners.map(listener => formatListen(listener.where)), ...(http?.addresses ?? [])],
    reload: async next => {
      const files = tlsFiles(next);
      const rotating = listeners.filter(listener => listener.where.tls);
      // Checked whole before anything changes, so that a bad certificate leaves all settings as they were.
      if (files && (rotating.length > 0 || next.httpsPort !== null)) {
        const certificate = await loadCertificate(files, clock.now());
        if (certificate instanceof Refusal) throw certificate;
        for (const listener of rotating) {
          const refused = await listener.rotate(files);
          if (refused) throw refused;
        }
        const refused = await http?.rotate(files);
        if (refused) throw refused;
      }
      for (const listener of listeners) listener.rules = listenRules(next);
      backend.setOptions({ ...bounds(next), sync: next.sync });
      ({ drainTimeout, serverName } = next);
      hub.setRules(next);
      http?.setRules(next);
      wire.configure(wireSettings(next));
      clients.configure(clientSettings(next, http), gateSettings(next));
      return [];
    },
    stop: async () => {
      if (http) http.phase = 'stopping';
      check.phase = 'stopping';
      for (const listener of listeners) listener.close();
      await clients.drain(drainTimeout);
      await http?.stop();
      await hub.stop();
      log.info('stopped');
    },
    leaving: new Leaving({
      hub,
      clients,
      listeners,
      outbox: flusher.totals,
      http: {
        ports: http?.ports ?? { httpPort: null, httpsPort: null },
        stop: async () => await http?.stop(),
      },
    }),
  };
}

/** Goes on without something that an upgrade could not keep. */
function giveUp(log: Log, why: Refusal, what: string, alsoDo: () => void = () => {}): null {
  log.error(`${what} was lost over an upgrade: ${why.message}`, { code: why.code });
  alsoDo();
  return null;
}

/** Where any free port would do, the one that was taken before. */
function samePorts(config: Config, { state }: Handed): Config {
  const same = (asked: number | null, before: number | null) => (asked === 0 ? (before ?? 0) : asked);
  return {
    ...config,
    httpPort: same(config.httpPort, state.httpPort),
    httpsPort: same(config.httpsPort, state.httpsPort),
  };
}

/** Null where HTTP is spoken nowhere. */
async function startHttp(config: Config, deps: HttpDeps): Promise<Http | null> {
  if (httpPlacesOf(config).length === 0) return null;
  // Loaded here, so that a parley without HTTP is none the larger.
  const { Http } = await import('./http/start.ts');
  return await Http.start(config, tlsFiles(config), deps);
}

function backendFor(config: Config, ports: BackendPorts): EmbeddedBackend | MemoryBackend {
  const options = { ...ports, ...bounds(config) };
  return config.memory
    ? memoryBackend(options)
    : new EmbeddedBackend({ ...options, dir: config.data, sync: config.sync });
}

function bounds(config: Config): Bounds {
  return {
    mailbox: config.waitingMessages,
    retention: { age: config.historyAge, lines: config.historyLines, bytes: config.historyBytes },
  };
}

function wireSettings(config: Config): WireSettings {
  return {
    lineBytes: config.lineBytes,
    outbox: { soft: config.outboxSoft, hard: config.outboxHard },
    rate: { perSecond: config.lineRate, burst: config.lineBurst },
    floodClose: config.floodClose,
    drain: config.drainTimeout,
  };
}

function clientSettings(
  { serverName, welcome, outboxHard }: Config,
  http: Http | null,
): Pick<ClientShared, 'serverName' | 'welcome' | 'outboxHard' | 'page'> {
  return { serverName, welcome, outboxHard: showBytes(outboxHard), page: http?.page ?? null };
}

function gateSettings(config: Config): Gate {
  return {
    connections: config.connections,
    perAddress: config.connectionsPerAddress,
    exempt: new Networks(config.exemptFrom),
    memory: config.maxMemory,
    signInTimeout: config.signInTimeout,
  };
}

function listenRules(config: Config): ListenRules {
  return {
    proxyFrom: new Networks(config.proxyFrom),
    exempt: new Networks(config.exemptFrom),
    waiting: config.connections,
    waitingPerAddress: config.connectionsPerAddress,
  };
}

function tlsFiles(config: Config): TlsFiles | null {
  return config.tlsCert === null ? null : { cert: config.tlsCert, key: config.tlsKey ?? config.tlsCert };
}
