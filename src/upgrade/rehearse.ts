/**
 * Whether another program can take the place of this one, found out before anything changes: it is started
 * beside this one, with the same settings, and reads what it would be handed. It says so in one line of its
 * own, which no other program says by chance.
 */
import { type Refusal, refusal } from '../chat/errors.ts';
import { codeOf, reasonOf } from '../config/world.ts';
import { STATE_VERSION } from './state.ts';

/** The command it is started with. */
export const REHEARSAL = 'handover-check';
/** ms that it may take. */
const PATIENCE = 10_000;
/** Of what it says of a failure. */
const MOST_SHOWN = 300;

/** What it says where it can. */
export function readyLine(version: string): string {
  return `takes over from hand-over ${STATE_VERSION}: parley ${version}\n`;
}

/**
 * The version of the program at `path`; or why it cannot. `args`: the settings of this one. `file`: the
 * descriptor of what it would be handed.
 */
export async function rehearse(
  path: string,
  args: readonly string[],
  file: number,
): Promise<string | Refusal> {
  try {
    const child = Bun.spawn([path, REHEARSAL, ...args], {
      stdin: file,
      stdout: 'pipe',
      stderr: 'pipe',
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    const [out, err] = await Promise.all([child.stdout.text(), child.stderr.text()]);
    await child.exited;
    const version = /: parley (\S+)\n$/.exec(out)?.[1];
    if (child.exitCode === 0 && version !== undefined && out === readyLine(version)) return version;
    return refusal('not-upgraded', `${path} cannot take over: ${lastLine(err) || howItEnded(child)}`);
  } catch (error) {
    const why = codeOf(error) === 'ENOEXEC' ? 'it is no program for this machine' : reasonOf(error);
    return refusal('not-upgraded', `${path} cannot be run: ${why}`);
  }
}

function lastLine(text: string): string {
  return (text.trim().split('\n').at(-1) ?? '').slice(0, MOST_SHOWN);
}

function howItEnded({ exitCode, signalCode }: Bun.Subprocess): string {
  if (signalCode === 'SIGKILL') return 'it did not answer in time';
  return exitCode === 0
    ? 'it is not a parley that knows this hand-over'
    : `it ended with ${signalCode ?? exitCode}`;
}
