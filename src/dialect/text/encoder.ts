/**
 * The variants of the text dialect: one encoder for each combination of the options that change a line.
 * Lines end in LF, which both nc and telnet show well.
 */
import type { ChatEvent } from '../../chat/event.ts';
import type { Options } from '../../chat/options.ts';
import type { Clock, Encoder } from '../../chat/ports.ts';
import type { Session } from '../../chat/session.ts';
import { clean } from '../../chat/text.ts';
import { eventLine } from './format.ts';

export const LINE_END = '\n';
/** Back to the start of the line and clear it: takes a prompt away before something is shown. */
const ERASE = '\r\x1b[K';

class TextVariant implements Encoder {
  readonly frame: Encoder['frame'];

  constructor(
    readonly index: number,
    private readonly options: Options,
    private readonly clock: Clock,
  ) {
    this.frame = options.prompt ? framed : null;
  }

  line(event: ChatEvent): string {
    const line = eventLine(event, this.options, this.clock.now());
    return line === '' ? '' : line + LINE_END;
  }
}

/** Shows a text to a session with a prompt: the prompt goes, the text comes, the prompt comes back. */
export function framed(text: string, session: Session): string {
  return text === '' ? '' : `${ERASE}${text}${promptOf(session)}`;
}

/** The prompt on a line of its own: shown twice, it is seen once. */
export function prompt(session: Session): string {
  return ERASE + promptOf(session);
}

function promptOf(session: Session): string {
  return `${clean(session.current?.room.name ?? session.user?.name ?? 'parley')}> `;
}

export class TextEncoders {
  private readonly variants: (TextVariant | undefined)[] = [];

  constructor(private readonly clock: Clock) {}

  /** The encoder for these options; the same one for the same options. */
  for(options: Options): Encoder {
    const { time, color, notices, prompt } = options;
    const index = (time ? 1 : 0) | (color ? 2 : 0) | (notices ? 4 : 0) | (prompt ? 8 : 0);
    let variant = this.variants[index];
    if (!variant) {
      variant = new TextVariant(index, options, this.clock);
      this.variants[index] = variant;
    }
    return variant;
  }
}
