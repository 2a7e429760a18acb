/** Operators' commands over a chat in memory: the real line, the real routes, a made-up terminal. */

import { Refusal } from '../../src/chat/errors.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { Desk, type Send } from '../../src/cli/desk.ts';
import type { Io, Work } from '../../src/cli/operate.ts';
import { readLine } from '../../src/cli/operator-line.ts';
import { fakeWorld } from '../helper/world.ts';
import { Api, LOCAL } from '../http/api/api.ts';

type Works = Readonly<Record<string, Work | Readonly<Record<string, Work>>>>;

export interface Said {
  /** What was printed, what was said, and how it ended: an exit code, or the code of the refusal. */
  readonly out: string;
  readonly err: readonly string[];
  readonly end: number | string;
}

export class Operated {
  private constructor(
    readonly api: Api,
    private readonly works: Works,
  ) {}

  static async start(works: Works): Promise<Operated> {
    return new Operated(await Api.start(), works);
  }

  get chat(): Api['chat'] {
    return this.api.chat;
  }

  /** Runs one; `secret` is what is typed where a password is asked for. */
  async run(argv: readonly string[], secret = ''): Promise<Said> {
    const [name = '', ...rest] = argv;
    const line = readLine(name, COMMANDS[name] ?? { takes: '' }, rest, fakeWorld());
    if ('length' in line) throw new Error(line.join('\n'));
    const works = this.works[name];
    const work = works && (isWork(works) ? works : works[line.verb]);
    if (!work) throw new Error(`${name} has no work`);
    let out = '';
    const err: string[] = [];
    const io: Io = {
      print: async text => {
        out += text;
      },
      say: sentence => void err.push(sentence),
      secret: async what => {
        err.push(`${what}?`);
        return secret;
      },
    };
    try {
      const end = (await work.run(line, new Desk(this.send, 'here'), io)) ?? 0;
      return { out, err, end };
    } catch (error) {
      if (error instanceof Refusal) return { out, err, end: error.code };
      throw error;
    } finally {
      await this.chat.settle();
    }
  }

  private readonly send: Send = (method, path, body) =>
    this.api.raw(LOCAL, method, path, body === undefined ? {} : { body });
}

function isWork(works: Work | Readonly<Record<string, Work>>): works is Work {
  return typeof works['run'] === 'function';
}
