/**
 * Counts the lines of load that reach one connection, at next to no cost: all of them are of one length there,
 * so a look at where each must begin and end tells whether the next is one more of them. Whatever does not fit
 * is split and looked at: a notice, an error, a ping.
 */
import { Mark } from './mark.ts';

const NEWLINE = 10;

/** What becomes of a mark: of connections whose lines are read one by one. */
type See = (mark: Mark) => void;
type Other = (line: Buffer) => void;

export class Reader {
  /** Lines of load so far. */
  count = 0;
  /** Bytes of one, with its end; 0 until the first has come. */
  private width = 0;
  /** The byte it begins with. */
  private first = 0;
  /** The start of a line whose end has not come. */
  private tail: Buffer | null = null;
  private readonly mark = new Mark();

  /** `see` null: lines are only counted. `other` is given every other line, without its LF. */
  constructor(
    private readonly see: See | null,
    private readonly other: Other,
  ) {}

  take(bytes: Buffer): void {
    let at = 0;
    if (this.tail) {
      const tail = this.tail;
      this.tail = null;
      const missing = this.width - tail.length;
      if (missing > 0 && missing <= bytes.length && bytes[missing - 1] === NEWLINE) {
        this.lines(Buffer.concat([tail, bytes.subarray(0, missing)]), 0);
        at = missing;
      } else bytes = Buffer.concat([tail, bytes]);
    }
    this.lines(bytes, at);
  }

  private lines(bytes: Buffer, at: number): void {
    while (at < bytes.length) {
      at = this.regular(bytes, at);
      if (at === bytes.length) return;
      const end = bytes.indexOf(NEWLINE, at);
      if (end < 0) {
        this.tail = Buffer.from(bytes.subarray(at));
        return;
      }
      this.irregular(bytes, at, end);
      at = end + 1;
    }
  }

  /** Takes the lines of load from `at` on; answers where the first thing begins that is none. */
  private regular(bytes: Buffer, at: number): number {
    const { width, first, see, mark } = this;
    if (width === 0) return at;
    let end = at + width - 1;
    while (end < bytes.length && bytes[end] === NEWLINE && bytes[at] === first) {
      if (see) {
        if (!mark.read(bytes, end)) break;
        see(mark);
      }
      this.count++;
      at = end + 1;
      end += width;
    }
    return at;
  }

  private irregular(bytes: Buffer, at: number, end: number): void {
    if (!this.mark.read(bytes, end)) {
      this.other(bytes.subarray(at, end));
      return;
    }
    this.width = end + 1 - at;
    this.first = bytes[at] ?? 0;
    this.count++;
    this.see?.(this.mark);
  }
}
