/** `parley serve`: the daemon, from its settings to its exit code. */
import { defineCommand } from 'citty';
import { Refusal } from '../chat/errors.ts';
import type { LogFields } from '../chat/ports.ts';
import { firstProblem, loadSettings, reloaded } from '../config/load.ts';
import { systemWorld } from '../config/world.ts';
import { type Config, mostConnections } from '../config.ts';
import { inherit, takePassed } from '../net/activation.ts';
import { systemClock } from '../ops/clock.ts';
import type { Reloaded } from '../ops/control.ts';
import type { LogSettings, OpsLog } from '../ops/log.ts';
import { notifyOf } from '../ops/notify.ts';
import type { Running } from '../server.ts';
import { Program } from '../upgrade/program.ts';
import { VERSION } from '../version.ts';
import { EXIT, edgeOf, print, tooFewFiles } from './edge.ts';
import { Requests } from './requests.ts';
import { catchSignals } from './signals.ts';
import { fdStore, keepForNext, upgradeTo, whatWasLeft } from './successor.ts';

/** Said where systemd passed sockets. */
const FROM_SYSTEMD =
  'the chat listens on the sockets that systemd passed: host, port, listen and tls-port do not count';

export default defineCommand({
  meta: { name: 'serve' },
  run: ({ rawArgs, data }) => serve(rawArgs, edgeOf(data).log),
});

async function serve(argv: readonly string[], log: OpsLog): Promise<number> {
  const { config, problems } = loadSettings(argv, systemWorld);
  log.configure(logSettings(config));
  const notify = await notifyOf(process.env, process.pid, systemClock, log);
  const fail = (why: Refusal, code: number) => {
    log.error(why.message, { code: why.code });
    notify?.failed(why);
    return code;
  };
  const problem = firstProblem(problems);
  if (problem) return fail(problem, EXIT.usage);
  warnOfOpenFiles(config, log);
  const program = Program.running();
  const requests = new Requests();
  catchSignals(requests);
  const passed = takePassed(process.env, process.pid);
  const left = await whatWasLeft(process.env, passed, log);
  if (left instanceof Refusal) return fail(left, EXIT.failed);
  const { handed, inPlace, others } = left;
  const inherited = inPlace ? left.listeners : await inherit(others);
  if (inherited instanceof Refusal) return fail(inherited, EXIT.failed);
  if (inherited.length > 0 && !inPlace) log.info(FROM_SYSTEMD);
  // Loaded here, so that the other commands need not wait for it.
  const { start } = await import('../server.ts');
  const running = await orRefusal(
    start(config, {
      clock: systemClock,
      log,
      inherited,
      operated: { control: requests.control, tail: log.tail },
      handed,
    }),
  );
  if (running instanceof Refusal) return fail(running, EXIT.failed);
  // Whoever waited for that line has read it, before the upgrade.
  if (!inPlace) await print(`parley ${VERSION} listening on ${running.addresses.join(', ')}\n`);
  notify?.ready(() => running.status());
  const store = await fdStore(process.env);
  if (others.length < passed.length) store?.clear();
  if (handed?.state.stopping) requests.put({ to: 'stop', who: {} });

  let inForce = config;
  for (;;) {
    const asked = await requests.next();
    if (asked.to === 'stop') {
      log.info('stopping', asked.who);
      notify?.stopping(inForce.drainTimeout);
      // Whoever drains wants everyone to be told.
      if (store && asked.who['signal'] === 'SIGTERM' && !inForce.memory)
        await keepForNext(store, running, log);
      await running.stop();
      notify?.close();
      return EXIT.ok;
    }
    notify?.reloading();
    // Over the socket, each is asked for by itself.
    if (asked.to === 'upgrade' || (program?.replaced && asked.who['by'] === undefined)) {
      const { memory } = inForce;
      const refused = await upgradeTo({ program, args: argv, running, memory, log, requests, asked });
      log.error(refused.message, { ...asked.who, code: refused.code });
      if (asked.to === 'upgrade') {
        asked.answer(refused);
        notify?.reloaded(refused);
        continue;
      }
    }
    const outcome = await reload(argv, running, inForce, log, asked.who);
    if (!(outcome instanceof Refusal)) inForce = outcome.config;
    asked.answer(outcome);
    notify?.reloaded(outcome instanceof Refusal ? outcome : null);
  }
}

/** Puts new settings in force and answers them, all of them or none. `who`: who asks, for the log. */
async function reload(
  argv: readonly string[],
  running: Running,
  inForce: Config,
  log: OpsLog,
  who: LogFields,
): Promise<(Reloaded & { readonly config: Config }) | Refusal> {
  const next = loadSettings(argv, systemWorld);
  const problem = firstProblem(next.problems);
  const { config, changed, waiting } = reloaded(inForce, next.config);
  const outcome = problem ?? (await orRefusal(running.reload(config)));
  if (outcome instanceof Refusal) {
    log.error(`not reloaded, the settings in force stay: ${outcome.message}`, {
      ...who,
      code: outcome.code,
    });
    return outcome;
  }
  log.configure(logSettings(config));
  const restart = [...new Set([...waiting, ...outcome])];
  if (restart.length > 0) log.warn('some changed settings need a restart', { settings: restart.join(', ') });
  log.info('settings reloaded', who);
  return { config, changed, restart };
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
