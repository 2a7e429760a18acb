/** `parley restore FILE --data DIR`: a backup becomes the store of a parley that is not running. */
import { resolve } from 'node:path';
import { defineCommand } from 'citty';
import { systemWorld } from '../config/world.ts';
import { readWithSettings } from './arguments.ts';
import { complain, EXIT } from './edge.ts';
import { dataOf, misused, orRefused, summaryOf } from './store.ts';

export default defineCommand({
  meta: { name: 'restore' },
  async run({ rawArgs }) {
    const read = readWithSettings('restore', rawArgs, systemWorld);
    if ('length' in read) return misused(read);
    const [backup = ''] = read.words;
    const { restore } = await import('../backend/embedded/backup.ts');
    return await orRefused(() => {
      const options = { force: read.flags.has('force'), tell: complain };
      const stamp = new Date().toISOString().slice(0, 19).replace(/[-:]/g, '');
      const { file, stats, aside } = restore(resolve(backup), dataOf(read.config), stamp, options);
      if (aside !== null) complain(`the store that was there is now ${aside}`);
      complain(`${file}: ${summaryOf(stats)}; sound`);
      return EXIT.ok;
    });
  },
});
