/**
 * A connection that makes load and costs next to nothing: it looks at text only while it waits for some, and
 * otherwise hands the bytes it was sent to whoever measures. (test/helper/client.ts is for tests: it keeps
 * every line.)
 */

type Take = (bytes: Buffer) => void;

const ignore: Take = () => {};

export class LoadClient {
  /** Bytes received so far. */
  received = 0;
  /** What becomes of bytes that nobody waits for. */
  take: Take = ignore;
  private waiting: { readonly wanted: string; readonly resolve: () => void } | null = null;
  private reject: (why: Error) => void = () => {};
  private text = '';
  private rest: Buffer | null = null;
  private over = false;

  private constructor(private readonly socket: Bun.Socket<LoadClient | null>) {}

  static async connect(port: number): Promise<LoadClient> {
    const socket = await Bun.connect<LoadClient | null>({
      hostname: '127.0.0.1',
      port,
      data: null,
      socket: HOOKS,
    });
    const client = new LoadClient(socket);
    socket.data = client;
    return client;
  }

  /** Connects, takes a name, and goes into rooms one after the other. */
  static async signedIn(port: number, name: string, ...rooms: string[]): Promise<LoadClient> {
    const client = await LoadClient.connect(port);
    await client.ask(`register ${name}\n`, '* Next: ');
    for (const room of rooms) await client.ask(`/join ${room}\n`, `* You are in ${room}.`);
    return client;
  }

  send(text: string): void {
    this.write(Buffer.from(text));
  }

  /** Sends, and resolves once the answer has `wanted` in it. */
  ask(text: string, wanted: string): Promise<void> {
    const answered = this.until(wanted);
    this.send(text);
    return answered;
  }

  /** Resolves once `wanted` has come, counted from now on. Rejects where the connection ends first. */
  until(wanted: string): Promise<void> {
    this.text = '';
    return new Promise((resolve, reject) => {
      if (this.over) reject(new Error('the connection is closed'));
      this.waiting = { wanted, resolve };
      this.reject = reject;
    });
  }

  /** Stops reading: a sleeper. */
  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): void {
    this.socket.end();
  }

  onData(bytes: Buffer): void {
    this.received += bytes.length;
    if (this.waiting) this.look(this.waiting, bytes);
    else this.take(bytes);
  }

  onDrain(): void {
    const { rest } = this;
    this.rest = null;
    if (rest) this.write(rest);
  }

  onClose(): void {
    this.over = true;
    this.reject(new Error(`the connection ended; last came: ${this.text.slice(-300)}`));
  }

  private look(
    { wanted, resolve }: { readonly wanted: string; readonly resolve: () => void },
    bytes: Buffer,
  ): void {
    this.text += bytes.toString('latin1');
    if (this.text.includes(wanted)) {
      this.waiting = null;
      this.text = '';
      resolve();
    } else if (this.text.length > 65_536) this.text = this.text.slice(-wanted.length - 1024);
  }

  private write(bytes: Buffer): void {
    if (this.rest) {
      this.rest = Buffer.concat([this.rest, bytes]);
      return;
    }
    const taken = Math.max(0, this.socket.write(bytes));
    if (taken < bytes.length) this.rest = bytes.subarray(taken);
  }
}

/** One set of callbacks for all connections. */
const HOOKS: Bun.SocketHandler<LoadClient | null> = {
  data: (socket, bytes) => socket.data?.onData(bytes),
  drain: socket => socket.data?.onDrain(),
  close: socket => socket.data?.onClose(),
  end: socket => socket.data?.onClose(),
  error: socket => socket.data?.onClose(),
};

/** Has every line that reaches a connection read from now on. */
export function takeLines(client: LoadClient, each: (line: string) => void): void {
  let rest = '';
  client.take = bytes => {
    const parts = (rest + bytes.toString('latin1')).split('\n');
    rest = parts.pop() ?? '';
    for (const part of parts) each(part);
  };
}

/** Runs `work` for 0 … `count` - 1, at most `width` of them at once. */
export async function inParallel<T>(
  count: number,
  width: number,
  work: (at: number) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) {
      const at = next++;
      results[at] = await work(at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, count) }, worker));
  return results;
}
