/** `parley bench`: load on a server, and what it does with it. The tool itself is in `src/bench/`. */
import { existsSync } from 'node:fs';
import { defineCommand } from 'citty';
import { serveLoad } from '../bench/load.ts';
import { listenerOn, pin } from '../bench/processes.ts';
import { allWell, tableOf } from '../bench/report.ts';
import { RunFailure, run } from '../bench/run.ts';
import { systemWorld } from '../config/world.ts';
import { VERSION } from '../version.ts';
import { type BenchSettings, planOf, readBenchSettings } from './bench-settings.ts';
import { complain, EXIT, print } from './edge.ts';

/** Starts this program as a process that makes load; not for people. */
const LOAD_PROCESS = '--load-process';
/** Where a compiled program finds itself: there is no file of source to name then. */
const COMPILED = '/$bunfs/';
/** Ended by Ctrl-C, as a shell tells it. */
const INTERRUPTED = 130;

export default defineCommand({
  meta: { name: 'bench' },
  async run({ rawArgs }) {
    if (rawArgs[0] === LOAD_PROCESS) {
      await serveLoad();
      return EXIT.ok;
    }
    const settings = readBenchSettings(rawArgs);
    if ('length' in settings) {
      for (const problem of settings) complain(problem);
      return EXIT.usage;
    }
    return await bench(settings);
  },
});

async function bench(settings: BenchSettings): Promise<number> {
  const pid = settings.pid === 'auto' ? listenerOn(settings.target.port) : settings.pid;
  if (settings.pid === 'auto' && pid === null)
    return refuse(`--pid: it cannot be seen who listens on port ${settings.target.port}. Name the process.`);
  if (pid !== null && !existsSync(`/proc/${pid}/stat`)) return refuse(`--pid: there is no process ${pid}.`);
  const plan = planOf(settings, pid, systemWorld.openFiles());
  if (typeof plan === 'string') return refuse(plan);
  if (plan.core !== null && !pin(plan.core))
    return refuse(`--core: this process cannot be put on core ${plan.core} (taskset).`);

  const stop = new AbortController();
  process.on('SIGINT', () => {
    // Who asks a second time does not want to wait.
    if (stop.signal.aborted) process.exit(INTERRUPTED);
    stop.abort();
  });
  const tells = settings.progress ?? process.stderr.isTTY === true;
  try {
    const report = await run(plan, {
      version: VERSION,
      loadCommand: [
        process.execPath,
        ...(Bun.main.startsWith(COMPILED) ? [] : [Bun.main]),
        'bench',
        LOAD_PROCESS,
      ],
      stop: stop.signal,
      progress: text => {
        if (tells) process.stderr.write(`${text}\n`);
      },
    });
    await print(settings.json ? `${JSON.stringify(report)}\n` : tableOf(report));
    if (stop.signal.aborted) return INTERRUPTED;
    return allWell(report) ? EXIT.ok : EXIT.failed;
  } catch (error) {
    if (!(error instanceof RunFailure)) throw error;
    complain(error.message);
    return stop.signal.aborted ? INTERRUPTED : EXIT.failed;
  }
}

function refuse(why: string): number {
  complain(why);
  return EXIT.usage;
}
