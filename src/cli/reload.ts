/** `parley reload`: has the daemon read its settings again, as SIGHUP does, and says what came of it. */
import type { InferOutput } from 'valibot';
import { Refusal } from '../chat/errors.ts';
import { RELOADED } from '../http/api/daemon-shapes.ts';
import type { Desk } from './desk.ts';
import { operatorCommand, type Work } from './operate.ts';
import { json } from './table.ts';

export const RELOAD: Work = {
  run: async ({ flags }, desk, io) => {
    const { changed, restart } = await reloadAt(desk);
    if (flags.has('json')) {
      await io.print(json({ changed, restart }));
      return undefined;
    }
    io.say(
      changed.length === 0 ? 'reloaded: no live setting is another one' : `reloaded: ${changed.join(', ')}`,
    );
    if (restart.length > 0) io.say(`changed too, and waiting for a restart: ${restart.join(', ')}`);
    return undefined;
  },
};

async function reloadAt(desk: Desk): Promise<InferOutput<typeof RELOADED>> {
  try {
    return await desk.ask('POST', '/api/reload', RELOADED);
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === 'cannot-reach') throw error;
    throw new Refusal(error.code, `not reloaded, the settings in force stay: ${error.message}`);
  }
}

export default operatorCommand('reload', RELOAD);
