/** The completion scripts of each shell. */
import { bashScript } from './bash.ts';
import { fishScript } from './fish.ts';
import { zshScript } from './zsh.ts';

const SCRIPTS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export type Shell = keyof typeof SCRIPTS;

export function isShell(word: string): word is Shell {
  return Object.hasOwn(SCRIPTS, word);
}

export function completions(shell: Shell): string {
  return SCRIPTS[shell]();
}
