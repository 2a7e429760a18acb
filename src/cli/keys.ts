/** Keys as they are pressed, at a terminal: no echo, no line, no signal from Ctrl-C. */

/** An arrow or another key that sends a sequence is one key; so is a character. */
const KEY = /\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|[\s\S]/gu;

export function keysIn(text: string): readonly string[] {
  return text.match(KEY) ?? [];
}

/** Tells of each key from now on, null where there are no more; answers what makes the terminal as it was. */
export function catchKeys(pressed: (key: string | null) => void): () => void {
  const { stdin } = process;
  const take = (text: string): void => {
    for (const key of keysIn(text)) pressed(key);
  };
  const end = (): void => pressed(null);
  const restore = (): void => {
    process.off('exit', restore);
    stdin.off('data', take).off('end', end);
    stdin.setRawMode(false);
    stdin.pause();
  };
  // Whatever ends the process, the terminal is not left without echo.
  process.on('exit', restore);
  stdin.setRawMode(true);
  stdin.setEncoding('utf8');
  stdin.on('data', take).on('end', end).resume();
  return restore;
}
