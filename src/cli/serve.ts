/** `parley serve`: the daemon, from its settings to its exit code. */
import { defineCommand } from 'citty';
import { Refusal } from '../chat/errors.ts';
import { firstProblem, loadSettings, reloaded } from '../config/load.ts';
import { systemWorld } from '../config/world.ts';
import { type Config, mostConnections } from '../config.ts';
import { systemClock } from '../ops/clock.ts';
import type { LogSettings, OpsLog } from '../ops/log.ts';
import type { Running } from '../server.ts';
import { VERSION } from '../version.ts';
import { EXIT, edgeOf, print, tooFewFiles } from './edge.ts';
import { catchSignals } from './signals.ts';

export default defineCommand({
  meta: { name: 'serve' },
  run: ({ rawArgs, data }) => serve(rawArgs, edgeOf(data).log),
});

async function serve(argv: readonly string[], log: OpsLog): Promise<number> {
  const { config, problems } = loadSettings(argv, systemWorld);
  log.configure(logSettings(config));
  const problem = firstProblem(problems);
  if (problem) {
    log.error(problem.message, { code: problem.code });
    return EXIT.usage;
  }
  warnOfOpenFiles(config, log);
  const nextSignal = catchSignals();
  // Loaded here, so that the other commands need not wait for it.
  const { start } = await import('../server.ts');
  const running = await orRefusal(start(config, { clock: systemClock, log }));
  if (running instanceof Refusal) {
    log.error(running.message, { code: running.code });
    return EXIT.failed;
  }
  await print(`parley ${VERSION} listening on ${running.addresses.join(', ')}\n`);

  let inForce = config;
  for (;;) {
    const asked = await nextSignal();
    if (asked.to === 'stop') {
      log.info('stopping', { signal: asked.signal });
      await running.stop();
      return EXIT.ok;
    }
    inForce = await reload(argv, running, inForce, log);
  }
}

/** Puts new settings in force, all of them or none; answers those that now are. */
async function reload(
  argv: readonly string[],
  running: Running,
  inForce: Config,
  log: OpsLog,
): Promise<Config> {
  const next = loadSettings(argv, systemWorld);
  const problem = firstProblem(next.problems);
  const { config, waiting } = reloaded(inForce, next.config);
  const outcome = problem ?? (await orRefusal(running.reload(config)));
  if (outcome instanceof Refusal) {
    log.error(`not reloaded, the settings in force stay: ${outcome.message}`, { code: outcome.code });
    return inForce;
  }
  log.configure(logSettings(config));
  const restart = [...new Set([...waiting, ...outcome])];
  if (restart.length > 0) log.warn('some changed settings need a restart', { settings: restart.join(', ') });
  log.info('settings reloaded');
  return config;
}

/** A refusal as a value; a bug goes on as the exception it is. */
async function orRefusal<T>(promise: Promise<T>): Promise<T | Refusal> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function warnOfOpenFiles({ connections }: Config, log: OpsLog): void {
  const openFiles = systemWorld.openFiles();
  if (connections > mostConnections(openFiles)) log.warn(tooFewFiles(openFiles, connections));
}

function logSettings(config: Config): LogSettings {
  return { level: config.logLevel, format: config.logFormat };
}
