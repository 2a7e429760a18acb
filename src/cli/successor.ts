/**
 * The daemon and the programs before and after it in its place (see `upgrade/`). All of that is loaded when it
 * is wanted: most starts have nothing before them.
 */
import { Refusal } from '../chat/errors.ts';
import type { Log } from '../chat/ports.ts';
import type { Inherited, Passed } from '../net/activation.ts';
import type { Running } from '../server.ts';
import type { FdStore } from '../upgrade/fdstore.ts';
import type { Handed } from '../upgrade/handed.ts';
import { STORED, VARIABLE } from '../upgrade/state.ts';
import type { Upgrade } from '../upgrade/upgrade.ts';
import type { Asked, Requests } from './requests.ts';

type Environment = Record<string, string | undefined>;

/** What a start finds. */
export interface Left {
  /** Null where there was nobody before. */
  readonly handed: Handed | null;
  /** It is the same process; then these go on listening. */
  readonly inPlace: boolean;
  readonly listeners: readonly Inherited[];
  /** Of what systemd passed, that which is not about this. */
  readonly others: readonly Passed[];
}

/** What another program left for this one: in its place, or with systemd. Refused where nobody can go on. */
export async function whatWasLeft(
  env: Environment,
  passed: readonly Passed[],
  log: Log,
): Promise<Left | Refusal> {
  const others = passed.filter(({ name }) => name !== STORED);
  const inPlace = env[VARIABLE] !== undefined;
  const nothing = { handed: null, inPlace: false, listeners: [], others };
  if (!inPlace && others.length === passed.length) return nothing;
  const { takeHanded, takeStored } = await import('../upgrade/handed.ts');
  if (inPlace) {
    const handed = await takeHanded(env);
    return handed instanceof Refusal
      ? handed
      : { handed, inPlace, listeners: handed.state.listeners, others };
  }
  const handed = await takeStored(passed);
  if (!(handed instanceof Refusal)) return { ...nothing, handed };
  log.error(handed.message, { code: handed.code });
  return nothing;
}

/** Where systemd keeps connections over a restart; null where it does not. */
export async function fdStore(env: Environment): Promise<FdStore | null> {
  return env['FDSTORE'] ? await (await import('../upgrade/fdstore.ts')).fdStoreOf(env) : null;
}

/** Leaves the connections with systemd for the next start, and ends; answers only where it cannot. */
export async function keepForNext(store: FdStore, running: Running, log: Log): Promise<void> {
  const { keepAndExit } = await import('../upgrade/keep.ts');
  await keepAndExit(store, running.leaving, log);
}

export interface UpgradeAsked extends Pick<Upgrade, 'program' | 'args' | 'memory' | 'log'> {
  readonly running: Running;
  readonly requests: Requests;
  readonly asked: Exclude<Asked, { to: 'stop' }>;
}

/** Has the program that is there now go on with this process; answers only where it does not. */
export async function upgradeTo({ running, requests, asked, ...rest }: UpgradeAsked): Promise<Refusal> {
  const { upgrade } = await import('../upgrade/upgrade.ts');
  return await upgrade({
    ...rest,
    leaving: running.leaving,
    stopping: () => requests.stopping,
    going: version => {
      if (asked.to === 'upgrade') asked.answer(version);
    },
  });
}
