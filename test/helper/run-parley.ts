/** Runs the program from its source, as a shell would, in an environment that holds only what is given. */
const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

interface Options {
  readonly env?: Record<string, string>;
  readonly cwd?: string;
  /** A script to run in the same process first. */
  readonly preload?: string;
}

/** Runs to its end. */
export async function runParley(argv: readonly string[], options: Options = {}): Promise<Ran> {
  const child = spawnParley(argv, options);
  const [out, err, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, out, err };
}

/** Starts it, its output to be read from pipes. */
export function spawnParley(argv: readonly string[], { env = {}, cwd = '/tmp', preload }: Options = {}) {
  const first = preload === undefined ? [] : ['--preload', preload];
  return Bun.spawn([process.execPath, ...first, MAIN, ...argv], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  });
}

/** A started daemon: `ready` is its first line on standard output. */
export interface Started {
  readonly ready: string;
  readonly child: ReturnType<typeof spawnParley>;
  /** The next line of the log that has `part` in it; those before it are passed over. */
  logged(part: string): Promise<string>;
  /** Everything written to standard output after the ready line, once it has ended. */
  rest(): Promise<string>;
}

export async function startParley(argv: readonly string[], options: Options = {}): Promise<Started> {
  const child = spawnParley(argv, options);
  const out = linesOf(child.stdout);
  const log = linesOf(child.stderr);
  const { value: ready } = await out.next();
  if (ready === undefined) throw new Error(`parley did not start: ${(await log.next()).value ?? ''}`);
  return {
    ready,
    child,
    logged: async part => {
      for (;;) {
        const { value, done } = await log.next();
        if (done) throw new Error(`the log ended without: ${part}`);
        if (value.includes(part)) return value;
      }
    },
    rest: async () => {
      let text = '';
      for (;;) {
        const { value, done } = await out.next();
        if (done) return text;
        text += `${value}\n`;
      }
    },
  };
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let pending = '';
  for await (const bytes of stream) {
    const lines = (pending + decoder.decode(bytes, { stream: true })).split('\n');
    pending = lines.pop() ?? '';
    yield* lines;
  }
  if (pending) yield pending;
  return undefined;
}
