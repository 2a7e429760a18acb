/** What the tests of `src/net/` share: an acceptor that remembers, raw clients, and waiting for facts. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Networks } from '../../src/chat/address.ts';
import { Counters, type LinkEnd } from '../../src/chat/counters.ts';
import { Refusal } from '../../src/chat/errors.ts';
import type { Log, LogFields } from '../../src/chat/ports.ts';
import type { Accept, LinkHandler, Peer } from '../../src/net/accept.ts';
import { type Inherited, inherit, type Passed } from '../../src/net/activation.ts';
import { type Listen, parseListen } from '../../src/net/address.ts';
import type { TlsFiles } from '../../src/net/certificate.ts';
import { type Listener, type ListenRules, listen } from '../../src/net/listen.ts';
import type { Link } from '../../src/wire/link.ts';
import { FakeClock } from '../helper/clock.ts';

/** Lets a test await that something is so; asked again whenever something happened. */
export class Facts {
  private waiting: (() => void)[] = [];

  happened(): void {
    const woken = this.waiting;
    this.waiting = [];
    for (const wake of woken) wake();
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>(resolve => this.waiting.push(resolve));
  }
}

/** A connection as the acceptor sees it. */
export class Taken implements LinkHandler {
  received = '';
  ended = false;
  why: LinkEnd | null = null;
  drains = 0;
  onDrain: () => void = () => {};

  constructor(
    readonly link: Link,
    readonly peer: Peer,
    private readonly facts: Facts,
  ) {}

  data(bytes: Uint8Array): void {
    this.received += Buffer.from(bytes).toString('latin1');
    this.facts.happened();
  }

  drain(): void {
    this.drains++;
    this.onDrain();
    this.facts.happened();
  }

  end(): void {
    this.ended = true;
    this.facts.happened();
  }

  gone(why: LinkEnd): void {
    if (this.why) throw new Error('gone came twice');
    this.why = why;
    this.facts.happened();
  }

  say(text: string): void {
    const bytes = Buffer.from(text);
    if (this.link.write(bytes, 0) !== bytes.length) throw new Error('a short write');
  }
}

/** A client that keeps whatever comes; it closes its half only when told to. */
export class Client {
  received = Buffer.alloc(0);
  ended = false;
  closed = false;
  commonName = '';

  private constructor(
    private readonly facts: Facts,
    public socket: Bun.Socket<undefined>,
  ) {}

  static async connect(where: Listen, facts: Facts, tls = where.tls): Promise<Client> {
    const box: { client: Client | null } = { client: null };
    const ready = Promise.withResolvers<void>();
    const options = {
      allowHalfOpen: true,
      ...(tls && { tls: { rejectUnauthorized: false } }),
      socket: {
        open: (socket: Bun.Socket<undefined>) => {
          box.client = new Client(facts, socket);
          if (!tls) ready.resolve();
        },
        handshake: (socket: Bun.Socket<undefined>) => {
          // `success` is about trust, and a self-signed certificate has none. Without a handshake: null.
          const certificate = socket.getPeerCertificate() as { subject?: { CN?: unknown } } | null;
          if (box.client) box.client.commonName = String(certificate?.subject?.CN ?? '');
          ready.resolve();
        },
        data: (_: unknown, bytes: Buffer) => box.client?.onData(bytes),
        end: () => box.client?.onEnd(),
        close: () => {
          ready.resolve();
          box.client?.onClose();
        },
      },
    };
    if (where.kind === 'unix') await Bun.connect({ ...options, unix: where.path });
    else
      await Bun.connect({ ...options, hostname: where.host === '*' ? '::1' : where.host, port: where.port });
    await ready.promise;
    if (!box.client) throw new Error('never open');
    return box.client;
  }

  get text(): string {
    return this.received.toString();
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  private onData(bytes: Buffer): void {
    this.received = Buffer.concat([this.received, bytes]);
    this.facts.happened();
  }

  private onEnd(): void {
    this.ended = true;
    this.facts.happened();
  }

  private onClose(): void {
    this.closed = true;
    this.ended = true;
    this.facts.happened();
  }
}

export const RULES: ListenRules = {
  proxyFrom: new Networks([]),
  exempt: new Networks([]),
  waiting: 0,
  waitingPerAddress: 0,
};

function inheritedOf(inherited: readonly Inherited[] | Refusal): readonly Inherited[] {
  if (inherited instanceof Refusal) throw new Error(String(inherited));
  return inherited;
}

/** Listeners, clients and what they did; everything is closed and removed by `dispose`. */
export class World implements Accept {
  readonly facts = new Facts();
  readonly clock = new FakeClock(Date.now());
  readonly counters = new Counters();
  readonly logged: string[] = [];
  readonly taken: Taken[] = [];
  readonly dir = mkdtempSync(join(tmpdir(), 'parley-net-'));
  /** What a new connection is greeted with; null turns it away. */
  greet: (link: Link) => boolean = () => true;
  private readonly listeners: Listener[] = [];
  private readonly clients: Client[] = [];

  open(link: Link, peer: Peer): LinkHandler | null {
    const taken = new Taken(link, peer, this.facts);
    this.taken.push(taken);
    this.facts.happened();
    return this.greet(link) ? taken : null;
  }

  /** Listens on `text`, which must succeed. */
  async listen(text: string, files: TlsFiles | null = null, rules = RULES): Promise<Listener> {
    const listener = await this.tryListen(text, files, rules);
    if (listener instanceof Refusal) throw new Error(String(listener));
    return listener;
  }

  async tryListen(text: string, files: TlsFiles | null = null, rules = RULES): Promise<Listener | Refusal> {
    const where = parseListen(text);
    if (where instanceof Refusal) throw new Error(String(where));
    const { clock, counters } = this;
    const listener = await listen(where, files, rules, { accept: this, clock, counters, log: this.log });
    if (!(listener instanceof Refusal)) this.listeners.push(listener);
    return listener;
  }

  /** Listens on the socket passed, as the daemon does. */
  async adopted(passed: Passed, files: TlsFiles | null = null): Promise<Listener> {
    const [inherited] = inheritedOf(await inherit([passed]));
    const { clock, counters } = this;
    if (!inherited) throw new Error('nothing was inherited');
    const { where, fd } = inherited;
    const listener = await listen(where, files, RULES, { accept: this, clock, counters, log: this.log }, fd);
    if (listener instanceof Refusal) throw new Error(String(listener));
    this.listeners.push(listener);
    return listener;
  }

  /** A client, and its other end: the newest connection taken. */
  async pair(listener: Listener): Promise<[Client, Taken]> {
    const before = this.taken.length;
    const client = await this.client(listener);
    await this.facts.until(() => this.taken.length > before);
    return [client, this.last];
  }

  async client(listener: Pick<Listener, 'where'>, tls = listener.where.tls): Promise<Client> {
    const client = await Client.connect(listener.where, this.facts, tls);
    this.clients.push(client);
    return client;
  }

  get last(): Taken {
    const last = this.taken.at(-1);
    if (!last) throw new Error('nothing was taken');
    return last;
  }

  until(isSo: () => boolean): Promise<void> {
    return this.facts.until(isSo);
  }

  /** A self-signed certificate for `name`, made by openssl. */
  certificate(name: string, ...more: string[]): TlsFiles {
    const files = { cert: join(this.dir, `${name}.pem`), key: join(this.dir, `${name}.key`) };
    const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-noenc'];
    const out = ['-keyout', files.key, '-out', files.cert, '-subj', `/CN=${name}`];
    execFileSync('openssl', ['req', '-x509', ...curve, ...out, ...more], { stdio: 'ignore' });
    return files;
  }

  dispose(): void {
    for (const client of this.clients) client.socket.terminate();
    for (const taken of this.taken) taken.link.terminate();
    for (const listener of this.listeners) listener.close();
    rmSync(this.dir, { recursive: true, force: true });
  }

  private readonly log: Log = {
    debug: (message, fields) => this.note('debug', message, fields),
    info: (message, fields) => this.note('info', message, fields),
    warn: (message, fields) => this.note('warn', message, fields),
    error: (message, fields) => this.note('error', message, fields),
  };

  private note(level: string, message: string, fields: LogFields = {}): void {
    this.logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
    this.facts.happened();
  }
}
