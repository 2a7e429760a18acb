/**
 * `parley drain`: has the daemon take nobody new, tell everyone, and end, as SIGTERM does; shows how far it is
 * and returns when it is gone.
 */
import { Refusal } from '../chat/errors.ts';
import type { Clock } from '../chat/ports.ts';
import { DRAINING, STATUS, type StatusJson } from '../http/api/daemon-shapes.ts';
import { systemClock } from '../ops/clock.ts';
import { type Desk, NobodyThere } from './desk.ts';
import { EXIT } from './edge.ts';
import { operatorCommand, type Work } from './operate.ts';
import { counted, span } from './table.ts';

/** ms between two looks. */
const LOOK = 250;
/** ms that the process has, beyond its own drain timeout, to write down what is left and end. */
const LAST_STEPS = 10_000;

export function drainWith(clock: Clock, alive: (pid: number) => boolean): Work {
  return {
    run: async (_, desk, io) => {
      const { pid } = await desk.ask('GET', '/api/status', STATUS);
      const { connections, timeoutMs } = await desk.ask('POST', '/api/drain', DRAINING);
      const timeout = timeoutMs > 0 ? `, at most ${span(timeoutMs)}` : '';
      io.say(`stopping: ${counted(connections, 'connection')} to be told and closed${timeout}`);
      const end = clock.now() + timeoutMs + LAST_STEPS;
      let left = connections;
      for (;;) {
        const status = await look(desk);
        // Whatever looks after it may have started the next one already.
        if (status === null ? !alive(pid) : status.pid !== pid) break;
        const now = status ? connectionsIn(status) : left;
        if (now !== left) io.say(`${counted(now, 'connection')} left`);
        left = now;
        if (clock.now() >= end) {
          io.say(`process ${pid} has not ended yet. To see why: its log`);
          return EXIT.failed;
        }
        await new Promise<void>(resolve => clock.after(LOOK, resolve));
      }
      io.say('parley has stopped');
      return undefined;
    },
  };
}

/** Null once nobody answers. */
async function look(desk: Desk): Promise<StatusJson | null> {
  try {
    return await desk.ask('GET', '/api/status', STATUS);
  } catch (error) {
    // It may stop half-way through an answer.
    if (error instanceof NobodyThere || error instanceof Refusal) return null;
    throw error;
  }
}

function connectionsIn({ connections: { text, json, irc } }: StatusJson): number {
  return text + json + irc;
}

/** Whether there is such a process, ours or not. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

export default operatorCommand('drain', drainWith(systemClock, isAlive));
