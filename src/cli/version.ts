/** `parley version` */
import { defineCommand } from 'citty';
import { VERSION } from '../version.ts';
import { complain, EXIT, print } from './edge.ts';

export default defineCommand({
  meta: { name: 'version' },
  async run({ rawArgs }) {
    if (rawArgs.length > 0) {
      complain(`version takes no ${JSON.stringify(rawArgs[0])}.`);
      return EXIT.usage;
    }
    await print(`parley ${VERSION}\n`);
    return EXIT.ok;
  },
});
