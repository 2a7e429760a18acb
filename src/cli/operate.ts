/**
 * Operators' commands, each the same way: the line is read by the grammar, the work is done at the running parley
 * (or on its store, where that makes sense), and what is refused is said in one line with its exit code.
 */
import { type CommandDef, defineCommand } from 'citty';
import { type ErrorCode, Refusal } from '../chat/errors.ts';
import type { Log } from '../chat/ports.ts';
import { clean } from '../chat/text.ts';
import { systemWorld } from '../config/world.ts';
import { COMMANDS } from './commands.ts';
import { atEither, atRunning, type Desk, NobodyThere, type OnStore } from './desk.ts';
import { complain, EXIT, edgeOf, print } from './edge.ts';
import { type Line, readLine } from './operator-line.ts';
import { askSecret } from './secret.ts';

/** The terminal as commands use it. */
export interface Io {
  /** Data, on standard output: all there is on it. */
  print(text: string): Promise<void>;
  /** Everything else: what was done, on standard error. */
  say(sentence: string): void;
  /** A password: asked for without echo, or the first line of standard input. */
  secret(what: string): Promise<string>;
}

export interface Work {
  /** Also on the store of a parley that is not running: where there is one, or one is made for it. */
  readonly onStore?: OnStore;
  /** Answers the exit code where that is not 0. */
  run(line: Line, desk: Desk, io: Io): Promise<number | undefined>;
}

const io: Io = { print, say: sentence => complain(clean(sentence)), secret: askSecret };

/** A command with one kind of work, or one for each of its verbs. */
export function operatorCommand(name: string, work: Work | Readonly<Record<string, Work>>): CommandDef {
  return defineCommand({
    meta: { name },
    run: async ({ rawArgs, data }) => {
      const line = readLine(name, COMMANDS[name] ?? { takes: '' }, rawArgs, systemWorld);
      if ('length' in line) {
        complain(line[0] ?? '');
        return EXIT.usage;
      }
      const chosen = isWork(work) ? work : work[line.verb];
      if (!chosen) throw new Error(`${name} ${line.verb} has no work`);
      return await perform(chosen, line, edgeOf(data).log);
    },
  });
}

function isWork(work: Work | Readonly<Record<string, Work>>): work is Work {
  return typeof work['run'] === 'function';
}

/** What to do next, for those who are at a shell and not in the chat. */
const ADVICE: Partial<Record<ErrorCode, string>> = {
  'no-such-account': 'All of them: parley user list',
  'no-such-room': 'All of them: parley room list',
  'name-owned': 'To change its password: parley user passwd NAME',
  'name-taken': 'Take another name, or have whoever is there protect it: /password',
};

/** The refusal's own sentence, its advice replaced where that is for the chat. */
function atShell({ code, message }: Refusal): string {
  const advice = ADVICE[code];
  if (advice === undefined) return message;
  const [sentence = message] = message.split('. ', 1);
  return `${sentence}. ${advice}`;
}

async function perform(work: Work, line: Line, log: Log): Promise<number> {
  const run = (desk: Desk) => work.run(line, desk, io);
  try {
    const code = await (work.onStore
      ? atEither(line.config, log, work.onStore, run)
      : atRunning(line.config, run));
    return code ?? EXIT.ok;
  } catch (error) {
    if (error instanceof NobodyThere) {
      complain(`${error.message}. Start it, or name its socket: --http-socket PATH, or its data: --data DIR`);
      return EXIT.nobody;
    }
    if (!(error instanceof Refusal)) throw error;
    complain(clean(atShell(error)));
    return EXIT.failed;
  }
}
