/** `parley backup FILE`: a verified copy of the store, whether parley runs on it or not. */
import { resolve } from 'node:path';
import { defineCommand } from 'citty';
import { systemWorld } from '../config/world.ts';
import { readWithSettings } from './arguments.ts';
import { complain, EXIT } from './edge.ts';
import { dataOf, misused, orRefused, summaryOf } from './store.ts';

export default defineCommand({
  meta: { name: 'backup' },
  async run({ rawArgs }) {
    const read = readWithSettings('backup', rawArgs, systemWorld);
    if ('length' in read) return misused(read);
    const [target = ''] = read.words;
    if (target === '-')
      return misused(['a backup is verified before it has its name: write it to a file, not to -']);
    const { backUp } = await import('../backend/embedded/backup.ts');
    return await orRefused(() => {
      const options = { force: read.flags.has('force'), tell: complain };
      const { file, stats } = backUp(dataOf(read.config), resolve(target), options);
      complain(`${file}: ${summaryOf(stats)}; sound`);
      return EXIT.ok;
    });
  },
});
