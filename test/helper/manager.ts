/** A service manager as a daemon sees it: a socket to notify. */
import { join } from 'node:path';

export class Manager {
  private readonly decoder = new TextDecoder();
  private text = '';

  private constructor(
    /** For `NOTIFY_SOCKET`. */
    readonly address: string,
    private readonly child: Bun.Subprocess<'ignore', 'pipe', 'inherit'>,
    private readonly reader: { read(): Promise<{ value?: Uint8Array | undefined; done: boolean }> },
  ) {}

  /** Resolves once it can be notified. */
  static async start(address: string): Promise<Manager> {
    const child = Bun.spawn([process.execPath, join(import.meta.dir, 'notify-socket.ts'), address], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'inherit',
    });
    const manager = new Manager(address, child, child.stdout.getReader());
    await manager.next();
    return manager;
  }

  /** The next message. */
  async next(): Promise<string> {
    for (;;) {
      const end = this.text.indexOf('\n');
      if (end >= 0) {
        const line = this.text.slice(0, end);
        this.text = this.text.slice(end + 1);
        return String(JSON.parse(line));
      }
      const { value, done } = await this.reader.read();
      if (done) throw new Error('the manager is gone');
      this.text += this.decoder.decode(value, { stream: true });
    }
  }

  /** The next message that has `part` in it; those before it are passed over. */
  async until(part: string): Promise<string> {
    for (;;) {
      const message = await this.next();
      if (message.includes(part)) return message;
    }
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.child.exited;
  }
}
