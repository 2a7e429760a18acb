/**
 * `parley handover-check`: whether this program can go on where another one is, with these settings, from what
 * that hands over on standard input. Changes nothing. (See `upgrade/rehearse.ts`.)
 */
import { defineCommand } from 'citty';
import { Refusal } from '../chat/errors.ts';
import { firstProblem, loadSettings } from '../config/load.ts';
import { systemWorld } from '../config/world.ts';
import { readState } from '../upgrade/read.ts';
import { readyLine } from '../upgrade/rehearse.ts';
import { VERSION } from '../version.ts';
import { complain, EXIT, print } from './edge.ts';

export default defineCommand({
  meta: { name: 'handover-check' },
  async run({ rawArgs }) {
    const { config, problems } = loadSettings(rawArgs, systemWorld);
    const why = firstProblem(problems)?.message ?? (await obstacle(config.data, await Bun.stdin.text()));
    if (why !== null) {
      complain(why);
      return EXIT.failed;
    }
    await print(readyLine(VERSION));
    return EXIT.ok;
  },
});

async function obstacle(data: string, handed: string): Promise<string | null> {
  const state = readState(handed);
  if (typeof state === 'string') return `what is handed over: ${state}`;
  const { inspectHeader, storeFile } = await import('../backend/embedded/open.ts');
  try {
    inspectHeader(storeFile(data));
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
  // Whatever the daemon is made of is there.
  await import('../server.ts');
  return null;
}
