/** `parley man`: prints the man page. */
import { defineCommand } from 'citty';
import { readArguments } from './arguments.ts';
import { EXIT, print } from './edge.ts';
import { manPage } from './man/page.ts';
import { misused } from './store.ts';

export default defineCommand({
  meta: { name: 'man' },
  async run({ rawArgs }) {
    const read = readArguments('man', rawArgs);
    if ('length' in read) return misused(read);
    await print(manPage());
    return EXIT.ok;
  },
});
