/**
 * A full screen of a terminal, drawn over itself without a flicker: the alternate screen, so that what was there
 * before is there again afterwards, however it ends.
 */
export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** What a line is, for those who see colours. */
export type Style = 'plain' | 'title' | 'bad' | 'faint';

export interface ScreenLine {
  readonly text: string;
  readonly style?: Style;
}

/** The terminal: Bun's standard output, or a test's. */
export interface Output {
  write(text: string, done?: () => void): unknown;
  readonly columns?: number;
  readonly rows?: number;
}

/** Alternate screen, no cursor, no wrapping; and back. */
const ENTER = '\x1b[?1049h\x1b[?25l\x1b[?7l';
const LEAVE = '\x1b[?7h\x1b[?25h\x1b[?1049l';
/** Shown at once by terminals that know of it. */
const BEGIN = '\x1b[?2026h\x1b[H';
const END = '\x1b[J\x1b[?2026l';

const STYLES: Readonly<Record<Style, string>> = { plain: '', title: '7', bad: '1;31', faint: '2' };

const USUAL: Size = { columns: 80, rows: 24 };

export class Screen {
  private open = false;
  /** The last frame is not out yet: the terminal is slower than we are. */
  private busy = false;
  private readonly leave = (): void => this.close();

  constructor(
    private readonly output: Output,
    private readonly color: boolean,
  ) {}

  get size(): Size {
    return { columns: this.output.columns || USUAL.columns, rows: this.output.rows || USUAL.rows };
  }

  /** Shows these lines, and nothing else; those beyond the screen are left out. */
  draw(lines: readonly ScreenLine[]): void {
    if (this.busy) return;
    if (!this.open) {
      this.open = true;
      process.on('exit', this.leave);
      this.output.write(ENTER);
    }
    const { rows } = this.size;
    const text = lines.slice(0, rows).map(line => `${styled(line, this.color)}\x1b[K`);
    this.busy = true;
    this.output.write(`${BEGIN}${text.join('\r\n')}${END}`, () => {
      this.busy = false;
    });
  }

  close(): void {
    if (!this.open) return;
    this.open = false;
    process.off('exit', this.leave);
    this.output.write(LEAVE);
  }
}

export function styled({ text, style = 'plain' }: ScreenLine, color: boolean): string {
  return color && style !== 'plain' ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
}
