/** `parley export`: what was said, as lines of JSON on standard output. */
import { defineCommand } from 'citty';
import { systemWorld } from '../config/world.ts';
import { listOf, readWithSettings } from './arguments.ts';
import { complain, EXIT } from './edge.ts';
import type { Line } from './operator-line.ts';
import { dataOf, misused, orRefused } from './store.ts';
import { parseWhen } from './when.ts';

const TO_TERMINAL = 'this is for a file or another program: parley export > FILE';

export default defineCommand({
  meta: { name: 'export' },
  async run({ rawArgs }) {
    const read = readWithSettings('export', rawArgs, systemWorld);
    if ('length' in read) return misused(read);
    const now = Date.now();
    const since = whenOf(read, 'since', now, 0);
    const until = whenOf(read, 'until', now, Number.MAX_SAFE_INTEGER);
    if (typeof since === 'string') return misused([since]);
    if (typeof until === 'string') return misused([until]);
    if (process.stdout.isTTY) complain(TO_TERMINAL);
    const choice = { rooms: listOf(read, 'room'), since, until, private: read.flags.has('private') };
    const { exportStore } = await import('../backend/embedded/export.ts');
    return await orRefused(async () => {
      for (const part of exportStore(dataOf(read.config), choice)) {
        // Whoever read it has left: `| head`.
        if (!(await written(part))) return EXIT.ok;
      }
      return EXIT.ok;
    });
  },
});

/** The time a flag gives, or what is wrong with it. */
function whenOf(read: Line, flag: string, now: number, otherwise: number): number | string {
  const text = read.flags.get(flag)?.[0];
  if (text === undefined) return otherwise;
  return parseWhen(text, now) ?? `--${flag}: ${JSON.stringify(text)} is no time. Write 2026-01-31, or 7d`;
}

/** False where nobody takes it any more. */
function written(text: string): Promise<boolean> {
  return new Promise(done => process.stdout.write(text, error => done(!error)));
}
