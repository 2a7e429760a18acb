/** The server under test in a process of its own: started, watched from outside through /proc, stopped. */
import { type Memory, memoryOf, processorTimeOf } from '../../../src/bench/processes.ts';
import { BINARY, remove, scratch } from '../../helper/daemon.ts';
import { onServerCore } from './cores.ts';

export type { Memory };

/** Servers that run, with the stores that are theirs: neither outlives the benchmark, however that ends. */
const running = new Map<Bun.Subprocess, string | null>();
process.on('exit', () => {
  for (const [child, own] of running) {
    child.kill('SIGKILL');
    if (own !== null) remove(own);
  }
});

export class Server {
  private constructor(
    readonly process: Bun.Subprocess<'ignore', 'pipe', 'pipe'>,
    readonly port: number,
    /** 0 where it serves no HTTP. */
    readonly httpPort: number,
    /** ms from starting the process to its saying that it is ready. */
    readonly startTook: number,
    private readonly own: string | null,
    private readonly logged: Promise<string>,
  ) {}

  /** Starts parley on a free loopback port with a store of its own, unless `args` name one. */
  static async parley(args: readonly string[] = [], binary = BINARY): Promise<Server> {
    const own = args.includes('--data') ? null : scratch();
    const data = own === null ? [] : ['--data', own];
    return await Server.run(
      [binary, '--host', '127.0.0.1', '--port', '0', '--limits', 'off', ...data, ...args],
      own,
    );
  }

  /** Starts anything that says `listening on HOST:PORT` when it is ready. `own` goes with it. */
  static async run(command: readonly string[], own: string | null = null): Promise<Server> {
    const began = performance.now();
    const child = Bun.spawn(onServerCore(command), {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'pipe',
      env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
    });
    running.set(child, own);
    void child.exited.then(() => running.delete(child));
    const logged = new Response(child.stderr).text();
    const reader = child.stdout.getReader();
    let said = '';
    while (!said.includes('\n')) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the server did not start: ${await logged}`);
      said += new TextDecoder().decode(value);
    }
    const took = performance.now() - began;
    const port = Number(/listening on \S*:(\d+)/.exec(said)?.[1]);
    const httpPort = Number(/http on \S*:(\d+)/.exec(said)?.[1] ?? 0);
    return new Server(child, port, httpPort, took, own, logged);
  }

  get memory(): Memory {
    return memoryOf(this.process.pid);
  }

  /** ms of processor time used so far, by all of its threads. */
  get cpu(): number {
    return processorTimeOf(this.process.pid);
  }

  /** Ends it the hard way: what is measured next starts from nothing anyway. */
  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await this.process.exited;
    if (this.own !== null) remove(this.own);
  }

  /** Ends it as systemd does. Throws with its log where it does not end well. */
  async stop(): Promise<void> {
    this.process.kill('SIGTERM');
    const code = await this.process.exited;
    if (this.own !== null) remove(this.own);
    if (code !== 0) throw new Error(`the server ended with ${code}: ${await this.logged}`);
  }
}
