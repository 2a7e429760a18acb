/**
 * An upgrade in place: another program goes on with this process, its listeners and its plain connections.
 *
 * Promises: nothing is touched before the other program has shown that it starts with these settings and reads
 * what it would be handed; from then on there is a program in this process at any time, this one again where
 * the other could not be started after all.
 */
import { constants } from 'node:os';
import { Refusal, refusal } from '../chat/errors.ts';
import type { Log } from '../chat/ports.ts';
import type { Leaving } from './leave.ts';
import { type Libc, loadLibc } from './libc.ts';
import type { Program } from './program.ts';
import { rehearse } from './rehearse.ts';
import { descriptorsIn, type HandoverState, VARIABLE, writeTo } from './state.ts';

export interface Upgrade {
  /** Null where this program was not started from a file of its own. */
  readonly program: Program | null;
  /** The settings that it was started with. */
  readonly args: readonly string[];
  readonly leaving: Leaving;
  /** Nothing is kept but in this process. */
  readonly memory: boolean;
  readonly log: Log;
  /** Somebody wants parley to stop. */
  stopping(): boolean;
  /** It is going to happen: whoever asked may still be told. */
  going(version: string): void;
}

/** Puts the program that is now where this one was in its place. Answers only where it did not. */
export async function upgrade({
  program,
  args,
  leaving,
  memory,
  log,
  stopping,
  going,
}: Upgrade): Promise<Refusal> {
  if (!program) return refusal('not-upgraded', 'this parley is run from its source');
  if (memory)
    return refusal('not-upgraded', 'with --memory all that was said would be lost. Restart it instead');
  if (leaving.obstacle !== null) return refusal('not-upgraded', leaving.obstacle);
  const libc = await loadLibc();
  if (!libc) return refusal('not-upgraded', 'the C library cannot be called here. Restart it instead');
  const file = libc.memoryFile('parley-handover');
  if (file < 0) return refusal('not-upgraded', 'there is no file in memory to be had. Restart it instead');
  writeTo(file, leaving.state());
  const version = await rehearse(program.path, args, file);
  if (version instanceof Refusal || stopping()) {
    libc.close(file);
    return version instanceof Refusal ? version : refusal('not-upgraded', 'it is to stop');
  }
  log.info('upgrading', { to: version });
  going(version);
  const state = await leaving.leave('upgraded');
  become(libc, program, file, { ...state, stopping: stopping() });
}

/** Everything in here happens at once: nothing that is written down changes any more. */
function become(libc: Libc, program: Program, file: number, state: HandoverState): never {
  writeTo(file, state);
  for (const fd of [file, ...descriptorsIn(state)]) libc.inherit(fd, true);
  // Until the next program listens to them, they would end it.
  libc.ignore([constants.signals.SIGHUP, constants.signals.SIGUSR2]);
  const env = { ...process.env, [VARIABLE]: String(file) };
  libc.become(program.path, program.argv, env);
  libc.become(program.itself, program.argv, env);
  throw new Error('neither the new program nor this one could be started');
}
