/** Says marked lines on a connection: written in place into bytes made once, several of them in one write. */
import type { LoadClient } from './load-client.ts';
import { markedText, stamp } from './mark.ts';

/** Lines in one write at most. */
const BATCH = 64;

export class Speaker {
  /** Lines so far. */
  said = 0;
  private readonly lines: Buffer;
  private readonly width: number;
  private readonly markEnd: number;

  /** `number` is the speaker's in its marks; `size` the bytes of text. */
  constructor(
    private readonly client: Pick<LoadClient, 'write'>,
    number: number,
    size: number,
    address: string,
    lineEnd: string,
  ) {
    const line = `${address}${markedText(size, number)}${lineEnd}`;
    this.lines = Buffer.from(line.repeat(BATCH));
    this.width = this.lines.length / BATCH;
    this.markEnd = this.width - lineEnd.length;
  }

  /** Says `count` lines that should be said `at`, in µs. */
  say(count: number, at: number): void {
    while (count > 0) {
      const some = Math.min(count, BATCH);
      for (let nth = 0; nth < some; nth++)
        stamp(this.lines, nth * this.width + this.markEnd, this.said++, at);
      this.client.write(this.lines.subarray(0, some * this.width));
      count -= some;
    }
  }
}
