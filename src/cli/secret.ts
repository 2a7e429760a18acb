/**
 * Passwords: never an argument, as those show in the list of processes and stay in the shell's history. At a
 * terminal they are asked for twice and not shown; otherwise the first line of standard input is one.
 */
import { refusal } from '../chat/errors.ts';
import { catchKeys } from './keys.ts';

const MOST_BYTES = 4096;

/** Where a password is typed. */
export interface Typing {
  show(text: string): void;
  /** The next key; null when there are no more. */
  next(): Promise<string | null>;
}

/** `what`: whose it is, as it is asked for. */
export async function askSecret(what: string): Promise<string> {
  if (!process.stdin.isTTY) return await firstLine(Bun.stdin.stream());
  const keys: (string | null)[] = [];
  let wake: (() => void) | null = null;
  const restore = catchKeys(key => {
    keys.push(key);
    wake?.();
  });
  try {
    return await typedTwice(what, {
      show: text => void process.stderr.write(text),
      next: async () => {
        while (keys.length === 0)
          await new Promise<void>(resume => {
            wake = resume;
          });
        return keys.shift() ?? null;
      },
    });
  } finally {
    restore();
  }
}

/** The first line, without its end. */
export async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const bytes of stream) {
    chunks.push(bytes);
    length += bytes.length;
    if (bytes.includes(10) || length > MOST_BYTES) break;
  }
  const line = Buffer.concat(chunks).toString().split('\n', 1)[0]?.replace(/\r$/, '') ?? '';
  if (line === '') throw refusal('no-password', 'none came on standard input');
  return line;
}

export async function typedTwice(what: string, typing: Typing): Promise<string> {
  const password = await typed(`${what}: `, typing);
  if ((await typed('Once more: ', typing)) !== password)
    throw refusal('no-password', 'those two are not the same');
  return password;
}

/** Keys up to Enter. Ctrl-C and Ctrl-D end it without one; Backspace and Ctrl-U take back. */
async function typed(prompt: string, typing: Typing): Promise<string> {
  typing.show(prompt);
  const line: string[] = [];
  for (;;) {
    const key = (await typing.next()) ?? '\x04';
    if (key === '\r' || key === '\n') {
      typing.show('\n');
      return line.join('');
    }
    if (key === '\x03' || key === '\x04') {
      typing.show('\n');
      throw refusal('no-password', 'none was given');
    }
    if (key === '\x7f' || key === '\b') line.pop();
    else if (key === '\x15') line.length = 0;
    else if (!key.startsWith('\x1b') && key >= ' ') line.push(key);
  }
}
