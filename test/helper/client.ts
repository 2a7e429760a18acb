/**
 * A text client over a real socket. It queues every line from the first moment and waits for facts: the next
 * line, a line like this, the answer to a command, the end. Nothing waits for milliseconds.
 */

/** What the socket calls back. */
interface Hooks {
  data(bytes: Uint8Array): void;
  closed(): void;
}

export class TextClient {
  /** Every line received so far. */
  readonly received: string[] = [];
  private taken = 0;
  private partial = '';
  private readonly decoder = new TextDecoder();
  private over = false;
  private wakers: (() => void)[] = [];
  private tags = 0;
  private backlog: Uint8Array[] = [];

  private constructor(private readonly socket: Bun.Socket<Hooks>) {}

  static async connect(
    where:
      | number
      | { readonly unix: string }
      | { readonly hostname: string; readonly port: number; readonly tls: object },
  ): Promise<TextClient> {
    let client: TextClient | null = null;
    const early: Uint8Array[] = [];
    const hooks: Hooks = {
      data: bytes => (client ? client.onData(bytes) : void early.push(Uint8Array.from(bytes))),
      closed: () => client?.onClosed(),
    };
    const socket = {
      data: (_: Bun.Socket<Hooks>, bytes: Uint8Array) => hooks.data(bytes),
      drain: () => client?.flush(),
      close: () => hooks.closed(),
      end: () => hooks.closed(),
      error: () => hooks.closed(),
    };
    // Bun's types want one kind of target at a time; it takes either.
    const target = (
      typeof where === 'number' ? { hostname: '127.0.0.1', port: where } : where
    ) as Bun.UnixSocketOptions<Hooks>;
    const connected = await Bun.connect<Hooks>({ ...target, socket, data: hooks });
    client = new TextClient(connected);
    for (const bytes of early) client.onData(bytes);
    return client;
  }

  /** Connects and takes a name. */
  static async signedIn(port: number, name: string, ...rooms: string[]): Promise<TextClient> {
    const client = await TextClient.connect(port);
    client.send(`register ${name}`, ...rooms.map(room => `/join ${room}`));
    await client.sync();
    return client;
  }

  send(...lines: string[]): void {
    this.write(Buffer.from(lines.map(line => `${line}\n`).join('')));
  }

  write(bytes: Uint8Array): void {
    this.backlog.push(bytes);
    if (this.backlog.length === 1) this.flush();
  }

  private flush(): void {
    for (;;) {
      const bytes = this.backlog[0];
      if (!bytes) return;
      const taken = Math.max(0, this.socket.write(bytes));
      if (taken < bytes.length) {
        this.backlog[0] = bytes.subarray(taken);
        return;
      }
      this.backlog.shift();
    }
  }

  /** The next line. Rejects when the connection ends first. */
  async next(): Promise<string> {
    for (;;) {
      const line = this.received[this.taken];
      if (line !== undefined) {
        this.taken++;
        return line;
      }
      if (this.over)
        throw new Error(`the connection ended; the last lines were:\n${this.received.slice(-5).join('\n')}`);
      await this.change();
    }
  }

  /** Takes lines up to the first that matches, and answers them all. */
  async until(wanted: RegExp | string): Promise<string[]> {
    const lines: string[] = [];
    for (;;) {
      const line = await this.next();
      lines.push(line);
      if (typeof wanted === 'string' ? line.includes(wanted) : wanted.test(line)) return lines;
    }
  }

  /** Resolves once everything sent so far was run; answers the lines that came meanwhile. */
  async sync(): Promise<string[]> {
    const tag = `sync${++this.tags}x${Math.random().toString(36).slice(2, 8)}`;
    this.send(`/${tag}`);
    return (await this.until(`! unknown-command: ${tag}`)).slice(0, -1);
  }

  /** Sends a command and answers its lines. */
  async asks(line: string): Promise<string[]> {
    await this.sync();
    this.send(line);
    return await this.sync();
  }

  /** Resolves when the other side closed. */
  async ended(): Promise<void> {
    while (!this.over) await this.change();
  }

  /** Stops and restarts reading: a sleeper. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): void {
    this.socket.end();
  }

  private onData(bytes: Uint8Array): void {
    const parts = (this.partial + this.decoder.decode(bytes, { stream: true })).split('\n');
    this.partial = parts.pop() ?? '';
    for (const part of parts) this.received.push(part);
    this.wake();
  }

  private onClosed(): void {
    this.over = true;
    this.wake();
  }

  private change(): Promise<void> {
    return new Promise(resolve => this.wakers.push(resolve));
  }

  private wake(): void {
    const { wakers } = this;
    this.wakers = [];
    for (const wake of wakers) wake();
  }
}
