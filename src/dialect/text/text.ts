/**
 * The text dialect: what a line typed into nc or telnet means, and how answers read.
 *
 * Outside a room, bare words are commands. Inside a room every line is said to it, except a bare `leave`
 * and lines that start with `/` (`//` says a line that starts with a slash).
 *
 * Lines that are only said go ahead together, as many as a turn brings. What is answered waits for the outcome
 * of what was said before it, so the screen is the same however the lines came in.
 */
import type { Refusal } from '../../chat/errors.ts';
import type { Hub } from '../../chat/hub.ts';
import type { Face, Outbox, Skippable } from '../../chat/ports.ts';
import type { Seat } from '../../chat/seat.ts';
import type { Session } from '../../chat/session.ts';
import { say } from '../../chat/speech.ts';
import { clean } from '../../chat/text.ts';
import type { Context, Page } from '../../command/row.ts';
import type { Commands } from '../../command/run.ts';
import { framed, LINE_END, prompt } from './encoder.ts';
import { notice } from './format.ts';
import { TextPage } from './page.ts';

/** What a dialect needs of the connection it speaks over. */
export interface TextTransport {
  readonly outbox: Outbox;
  /** The next line from the client goes to `answer` instead of the dialect; '' when it hangs up first. */
  takeLine(answer: (line: string) => void): void;
}

/** A command that asked something and has no answer yet, as plain data. */
export interface Question {
  readonly command: string;
  /** What it was answered before. No command asks anything after a password. */
  readonly answers: readonly string[];
}

/** A command while it runs. */
interface Asking {
  readonly command: string;
  readonly answers: string[];
  /** Answers that are here already, from before the command was begun again, and whether the next question is. */
  readonly known: readonly string[];
  shown: boolean;
}

export class TextDialect implements Face {
  /** The question that waits for an answer. */
  question: Question | null = null;

  constructor(
    private readonly hub: Hub,
    private readonly session: Session,
    private readonly commands: Commands,
    private readonly transport: TextTransport,
  ) {}

  /** One line from the client. A promise where it takes longer; the next line is to wait for it. */
  line(line: string): void | Promise<void> {
    const { session } = this;
    session.heard(this.hub.clock.now());
    const slash = line.startsWith('/') && !line.startsWith('//');
    const text = line.startsWith('/') ? line.slice(1) : line;
    if (text.trim() === '') return this.prompt();
    const seat = slash || isLeave(text) ? null : session.current;
    return seat ? this.say(seat, text) : this.command(text.trim());
  }

  private say(seat: Seat, text: string): void | Promise<void> {
    const { session } = this;
    const refused = say(this.hub, session, seat, text);
    if (refused) return session.whenSettled().then(() => this.refuse(refused));
    if (this.isCommand(text)) return session.whenSettled().then(() => this.hint(seat.room.name, text));
    this.prompt();
  }

  /** A line that is nothing but a command was most likely meant as one: it is said all the same. */
  private hint(room: string, text: string): void {
    this.notice(`That was said to ${room}. For the command: /${text.trim().toLowerCase()}`);
    this.prompt();
  }

  private refuse(refused: Refusal): void {
    this.hub.count(refused.code);
    this.refusal(refused);
  }

  private isCommand(text: string): boolean {
    const word = text.trim();
    return word.length < SHORT && this.commands.find(word) !== undefined;
  }

  private command(words: string): void | Promise<void> {
    const running = this.run({ command: words, answers: [], known: [], shown: false });
    if (running) return running.then(() => this.prompt());
    this.prompt();
  }

  /** Begins a command again that another program had asked this question for: it is on the screen already. */
  async askAgain({ command, answers }: Question): Promise<void> {
    await this.run({ command, answers: [], known: answers, shown: true });
    this.prompt();
  }

  private run(asking: Asking): void | Promise<void> {
    const { command } = asking;
    const at = command.search(/\s/);
    const verb = clean(at < 0 ? command : command.slice(0, at));
    return this.commands.run(this.context(asking), verb, at < 0 ? '' : command.slice(at + 1));
  }

  // ——— Face: `* notice` and `! code: what is wrong` ———

  notice(text: string): void {
    this.push(notice(text, this.session.options) + LINE_END);
  }

  refusal(refused: Refusal): void {
    this.push(`! ${refused.code}: ${clean(refused.message)}${LINE_END}`);
  }

  private push(text: string): void {
    this.transport.outbox.pushText(this.session.options.prompt ? framed(text, this.session) : text);
  }

  /** Made for each command: a connection that is idle keeps none. */
  private context(asking: Asking): Context {
    const { hub, session, transport } = this;
    return {
      hub,
      session,
      show: (_data, say) => this.show(say),
      ask: question => this.ask(question, asking),
      drained: () => transport.outbox.drained(),
      randomBytes: count => crypto.getRandomValues(new Uint8Array(count)),
    };
  }

  /** A session with a prompt gets it again after each of its lines. */
  private prompt(): void {
    const { session } = this;
    if (session.options.prompt && !session.closed) this.transport.outbox.pushText(prompt(session));
  }

  private show(say: (page: Page) => void): void {
    const page = new TextPage(this.session.options, this.hub.clock.now());
    say(page);
    this.push(page.text);
  }

  private ask(question: string, asking: Asking): Promise<string | null> {
    const known = asking.known[asking.answers.length];
    if (known !== undefined) {
      asking.answers.push(known);
      return Promise.resolve(known);
    }
    if (!asking.shown) this.transport.outbox.pushText(`${question} `);
    asking.shown = false;
    this.question = asking;
    return new Promise(resolve => {
      this.transport.takeLine(line => {
        this.question = null;
        const answer = line.trim();
        asking.answers.push(answer);
        resolve(answer === '' ? null : answer);
      });
    });
  }
}

/** Longer than any verb. */
const SHORT = 40;

/** Inside a room, too, this one leaves it. */
function isLeave(text: string): boolean {
  return text.trim().toLowerCase() === 'leave';
}

/** The notice of lines skipped for a slow reader, a line a room, with the command that shows them. */
export function skippedNotice(skips: readonly Skippable[]): string {
  return skips
    .map(
      ({ room, lines, after }) =>
        `* ${lines} ${lines === 1 ? 'line' : 'lines'} in ${clean(room)} skipped: you were not reading. To read them: /history ${clean(room)} ${lines} after #${after}${LINE_END}`,
    )
    .join('');
}

export function greeting(version: string, serverName: string, welcome: string, guests: boolean): string {
  const begin = guests ? 'register <name>' : 'register <name> <password>';
  const first = `* parley ${version} at ${clean(serverName)}. To begin: ${begin}. Commands: help${LINE_END}`;
  return welcome === '' ? first : `${first}* ${clean(welcome)}${LINE_END}`;
}
