/** `parley completions bash|zsh|fish`: prints what makes a shell complete commands, settings and live names. */
import { defineCommand } from 'citty';
import { readArguments } from './arguments.ts';
import { completions, isShell } from './completions/scripts.ts';
import { EXIT, print } from './edge.ts';
import { misused } from './store.ts';

export default defineCommand({
  meta: { name: 'completions' },
  async run({ rawArgs }) {
    const read = readArguments('completions', rawArgs);
    if ('length' in read) return misused(read);
    const [shell = ''] = read.words;
    if (!isShell(shell))
      return misused([`${JSON.stringify(shell)} is none of them. There are: bash, zsh, fish`]);
    await print(completions(shell));
    return EXIT.ok;
  },
});
