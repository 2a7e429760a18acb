/**
 * A connection that makes load and costs next to nothing: it looks at text only while it waits for some, and
 * otherwise hands the bytes it was sent to whoever measures.
 */

type Take = (bytes: Buffer) => void;

const ignore = (): void => {};

/** Text that is waited for: the end of the waiting is where it comes first. */
type Wanted = string | RegExp;

interface Waiting {
  readonly wanted: Wanted;
  readonly resolve: (text: string) => void;
  readonly reject: (why: Error) => void;
}

/** Characters kept of an answer that goes on and on. */
const KEPT = 65_536;
const OVERLAP = 1024;

export class LoadClient {
  /** Bytes received so far. */
  received = 0;
  /** What becomes of bytes that nobody waits for. */
  take: Take = ignore;
  /** Called once, when the connection has ended and nobody waits for anything. */
  gone: () => void = ignore;
  private waiting: Waiting | null = null;
  private text = '';
  private rest: Buffer | null = null;
  private over = false;

  private constructor(private readonly socket: Bun.Socket<LoadClient | null>) {}

  static async connect(port: number, host = '127.0.0.1'): Promise<LoadClient> {
    const socket = await Bun.connect<LoadClient | null>({ hostname: host, port, data: null, socket: HOOKS });
    const client = new LoadClient(socket);
    socket.data = client;
    return client;
  }

  send(text: string): void {
    this.write(Buffer.from(text));
  }

  /** Sends, and resolves once the answer has `wanted` in it, to all that has come by then. */
  ask(text: string, wanted: Wanted): Promise<string> {
    const answered = this.until(wanted);
    this.send(text);
    return answered;
  }

  /** Resolves once `wanted` has come, counted from now on. Rejects where the connection ends first. */
  until(wanted: Wanted): Promise<string> {
    this.text = '';
    return new Promise((resolve, reject) => {
      if (this.over) reject(new Error('the connection is closed'));
      else this.waiting = { wanted, resolve, reject };
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

  /** The bytes may be changed afterwards: what the kernel does not take is copied. */
  write(bytes: Buffer): void {
    if (this.rest) {
      this.rest = Buffer.concat([this.rest, bytes]);
      return;
    }
    const taken = Math.max(0, this.socket.write(bytes));
    if (taken < bytes.length) this.rest = Buffer.from(bytes.subarray(taken));
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
    if (this.over) return;
    this.over = true;
    if (this.waiting)
      this.waiting.reject(
        new Error(`the connection ended; last came: ${this.text.slice(-300).trim() || 'nothing'}`),
      );
    else this.gone();
  }

  private look({ wanted, resolve }: Waiting, bytes: Buffer): void {
    this.text += bytes.toString('latin1');
    const { text } = this;
    if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) {
      this.waiting = null;
      this.text = '';
      resolve(text);
    } else if (text.length > KEPT) this.text = text.slice(-OVERLAP);
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
