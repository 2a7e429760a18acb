/**
 * A parley that really runs: the compiled binary in a process of its own, with a data directory of its own.
 * Ready when it says so; everything it logged is at hand when something goes wrong.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Another build may be judged: TEST_BINARY. */
export const BINARY: string = process.env['TEST_BINARY'] ?? join(import.meta.dir, '../../dist/parley');

/** A new empty directory, for the test that asked for it. */
export function scratch(): string {
  return mkdtempSync(join(tmpdir(), 'parley-test-'));
}

export class Daemon {
  private constructor(
    readonly process: Bun.Subprocess<'ignore', 'pipe', 'pipe'>,
    /** `HOST:PORT`, … as announced. */
    readonly addresses: readonly string[],
    private readonly journal: Journal,
  ) {}

  /** Starts the binary on a free loopback port, without HTTP unless asked for; resolves once it is ready, rejects with its log if it never is. */
  static start(...args: string[]): Promise<Daemon> {
    return Daemon.run(BINARY, ...args);
  }

  /** The same, of another file. */
  static async run(binary: string, ...args: string[]): Promise<Daemon> {
    const child = Bun.spawn([binary, '--host', '127.0.0.1', '--port', '0', '--http-port', 'off', ...args], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
    });
    const journal = new Journal(child.stderr);
    const reader = child.stdout.getReader();
    let said = '';
    while (!said.includes('\n')) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`parley did not start: ${await journal.all}`);
      said += new TextDecoder().decode(value);
    }
    reader.releaseLock();
    const addresses = /listening on (.*)\n/.exec(said)?.[1]?.split(', ') ?? [];
    return new Daemon(child, addresses, journal);
  }

  get port(): number {
    return Number(/:(\d+)$/.exec(this.addresses[0] ?? '')?.[1]);
  }

  /** Where HTTP is answered: `http://HOST:PORT`, with `--http-port auto`. */
  get http(): string {
    return this.announced('http');
  }

  get https(): string {
    return this.announced('https');
  }

  private announced(scheme: string): string {
    const where = this.addresses.find(address => address.startsWith(`${scheme} on `));
    if (where === undefined) throw new Error(`${scheme} is spoken nowhere: ${this.addresses.join(', ')}`);
    return where.replace(' on ', '://');
  }

  get pid(): number {
    return this.process.pid;
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.exited;
  }

  /** Ends it as systemd does; answers the exit code. */
  async stop(): Promise<number> {
    this.process.kill('SIGTERM');
    return await this.process.exited;
  }

  /** All it logged, once it has ended. */
  log(): Promise<string> {
    return this.journal.all;
  }

  /** Resolves once it has logged a line like this since the last such call; rejects when it ends first. */
  logs(wanted: RegExp): Promise<void> {
    return this.journal.line(wanted);
  }
}

/** What a daemon logs, as it comes. */
class Journal {
  readonly all: Promise<string>;
  private text = '';
  private taken = 0;
  private ended = false;
  private wake: () => void = () => {};

  constructor(stream: ReadableStream<Uint8Array>) {
    this.all = this.read(stream);
  }

  async line(wanted: RegExp): Promise<void> {
    for (;;) {
      const end = this.text.lastIndexOf('\n') + 1;
      const found = this.text
        .slice(this.taken, end)
        .split('\n')
        .find(line => wanted.test(line));
      if (found !== undefined) {
        this.taken = this.text.indexOf(found, this.taken) + found.length;
        return;
      }
      if (this.ended) throw new Error(`parley ended without logging ${wanted}:\n${this.text}`);
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
    }
  }

  private async read(stream: ReadableStream<Uint8Array>): Promise<string> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) {
      this.text += decoder.decode(bytes, { stream: true });
      this.wake();
    }
    this.ended = true;
    this.wake();
    return this.text;
  }
}

export function remove(dir: string): void {
  rmSync(dir, { recursive: true, force: true });
}
