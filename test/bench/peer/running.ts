/**
 * A server under test: started on the server's core in a directory of its own, proved to be the process that
 * answers, watched through /proc, and gone without a trace afterwards.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { listenerOn, memoryOf, processorTimeOf } from '../../../src/bench/processes.ts';
import { remove, scratch } from '../../helper/daemon.ts';
import { onServerCore } from '../kit/cores.ts';
import { PROGRAM_LENGTH, programOf } from './proc.ts';

/** How to start one kind of server. */
export interface Recipe {
  readonly name: string;
  readonly label: string;
  readonly dialect: 'text' | 'irc';
  /** Sign-ins under way at once, where no storm is wanted: what gets a crowd in soonest. */
  readonly atOnce: number;
  /** What the kernel calls its process. */
  readonly program: string;
  /** Writes what it needs into `dir`, and answers the words that start it on that port of 127.0.0.1. */
  readonly command: (dir: string, port: number) => readonly string[];
  /** Whether it takes a port of its own choice and says `listening on HOST:PORT`. */
  readonly announces: boolean;
}

/** ms until a server that says nothing is given up. */
const PATIENCE = 20_000;
/** As many open files as this user may have at all, then the command in the same process. */
const ALL_FILES = ['sh', '-c', 'ulimit -n "$(ulimit -Hn)" && exec "$@"', 'sh'];

/** Neither servers nor their directories outlive the benchmark, however that ends. */
const all = new Set<Running>();
process.on('exit', () => {
  for (const running of all) running.vanish();
});

export class Running {
  private constructor(
    readonly recipe: Recipe,
    private readonly child: Bun.Subprocess,
    readonly dir: string,
    readonly port: number,
  ) {}

  static async start(recipe: Recipe): Promise<Running> {
    const dir = scratch();
    const wanted = recipe.announces ? 0 : freePort();
    const log = join(dir, 'output');
    const child = Bun.spawn(onServerCore([...ALL_FILES, ...recipe.command(dir, wanted)]), {
      stdin: 'ignore',
      stdout: Bun.file(log),
      stderr: Bun.file(join(dir, 'errors')),
      // No settings of whoever runs this.
      env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC' },
    });
    const unready = new Running(recipe, child, dir, wanted);
    all.add(unready);
    const end = performance.now() + PATIENCE;
    for (;;) {
      const port = recipe.announces ? announced(log) : wanted;
      if (port > 0 && (await accepts(port))) {
        all.delete(unready);
        const running = new Running(recipe, child, dir, port);
        all.add(running);
        running.prove();
        return running;
      }
      if (child.exitCode !== null || performance.now() > end)
        throw new Error(`${recipe.label} did not start: ${unready.said}`);
      await Bun.sleep(5);
    }
  }

  get pid(): number {
    return this.child.pid;
  }

  /** ms of processor time used so far. */
  get cpu(): number {
    return processorTimeOf(this.pid);
  }

  /** Bytes resident. */
  get resident(): number {
    return memoryOf(this.pid).resident;
  }

  /** Bytes of the files in its directory. */
  get stored(): number {
    return sizeOf(this.dir);
  }

  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The end of what it printed. */
  get said(): string {
    const files = ['output', 'errors'].map(name => join(this.dir, name)).filter(file => existsSync(file));
    return files.map(file => readFileSync(file, 'utf8').slice(-500)).join('\n');
  }

  /** Ends it the hard way: what is measured next starts from nothing anyway. */
  async end(): Promise<void> {
    this.vanish();
    await this.child.exited;
  }

  vanish(): void {
    all.delete(this);
    this.child.kill('SIGKILL');
    remove(this.dir);
  }

  /** Throws where the process that is watched is not the one that listens. */
  private prove(): void {
    const program = programOf(this.pid);
    if (program !== this.recipe.program.slice(0, PROGRAM_LENGTH) || listenerOn(this.port) !== this.pid)
      throw new Error(`process ${this.pid} (${program}) is not ${this.recipe.label} on port ${this.port}`);
  }
}

export function sizeOf(dir: string): number {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' }).reduce((sum, name) => {
    const stat = statSync(join(dir, name), { throwIfNoEntry: false });
    return sum + (stat?.isFile() ? stat.size : 0);
  }, 0);
}

function announced(log: string): number {
  if (!existsSync(log)) return 0;
  return Number(/listening on \S*:(\d+)/.exec(readFileSync(log, 'utf8'))?.[1] ?? 0);
}

async function accepts(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data: () => {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
}

/** A port that nobody has just now. */
function freePort(): number {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}
