/**
 * Splits a connection's bytes into lines, before anything is decoded.
 *
 * Promises: the lines do not depend on how the bytes were cut into packets; a line that comes out is valid
 * UTF-8 of at most `limit` bytes, without its end, without NUL, and with its backspaces applied; what is
 * held is at most about `limit` bytes more than what was fed and not yet pulled. Each byte is looked at
 * once. Other controls are left in the line: cleaning is the reader's side (chat/text.ts).
 *
 * Whose bytes: a chunk stays the caller's. It is read in place by the `next()` calls that follow; as soon
 * as one answers null, what is left of it has been copied. Who stops pulling earlier (a busy or throttled
 * session) and lets the chunk go calls `keep()`, and pulls on later.
 *
 *     lines.feed(chunk);
 *     for (let line = lines.next(); line !== null; line = lines.next()) …
 */
import { isUtf8 } from 'node:buffer';
import { type Refusal, refusal } from '../chat/errors.ts';
import { edit } from './edit.ts';

const NUL = 0x00;
const BACKSPACE = 0x08;
const LF = 0x0a;
const CR = 0x0d;
const KILL_LINE = 0x15;
const DEL = 0x7f;
const BOM = [0xef, 0xbb, 0xbf];

/** What was seen in the line so far. */
const HAS_NUL = 1;
const HAS_EDIT = 2;
const HAS_HIGH = 4;

/** A line this many times the limit is never going to end. */
const ENDLESS = 16;
/** Buffers up to this size, in bytes, are kept although mostly empty. */
const SMALL = 256;

const NOTHING = Buffer.alloc(0);
const BAD_NUL = refusal('bad-nul');
const BAD_UTF8 = refusal('bad-utf8');

/** A line that is not all here, as plain data. */
export interface LinesState {
  readonly fresh: boolean;
  readonly dropped: number;
  /** In base64. */
  readonly pending: string;
}

export class LineSplitter {
  private bytes: Buffer = NOTHING;
  /** True when `bytes` is a copy of ours: it may have room after `end`. */
  private owned = false;
  /** Where the line being read starts, up to where it was looked at, and where the bytes end. */
  private at = 0;
  private scanned = 0;
  private end = 0;
  /** Bytes of the line being read that were let go because it is over the limit. */
  private dropped = 0;
  private has = 0;
  private finished = false;
  private dead = false;

  /** `limit`: bytes in a line without its end, before its backspaces are applied. `fresh`: a BOM may come. */
  constructor(
    readonly limit: number,
    private fresh = true,
  ) {}

  /** Nothing of a line is here: a new splitter would go on as well as this one. */
  get idle(): boolean {
    return this.end === this.at && this.dropped === 0 && !this.fresh && !this.finished && !this.dead;
  }

  /** Takes an idle splitter up for another connection. */
  restart(fresh: boolean): void {
    this.fresh = fresh;
  }

  /** Bytes fed and neither pulled nor let go. */
  get pending(): number {
    return this.end - this.at;
  }

  get state(): LinesState {
    const { fresh, dropped } = this;
    return { fresh, dropped, pending: this.bytes.toString('base64', this.at, this.end) };
  }

  /** A new splitter goes on from there. */
  restore({ fresh, dropped, pending }: LinesState): void {
    this.fresh = fresh;
    this.feed(Buffer.from(pending, 'base64'));
    this.keep();
    this.dropped = dropped;
  }

  /** Appends a chunk; see above for how long it must stay as it is. */
  feed(chunk: Uint8Array): void {
    if (this.dead || chunk.length === 0) return;
    const rest = this.end - this.at;
    if (rest === 0) {
      this.bytes = Buffer.isBuffer(chunk)
        ? chunk
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.owned = false;
      this.at = 0;
      this.scanned = 0;
      this.end = chunk.length;
      return;
    }
    // A chunk that is not ours ends at `end`: it never has room.
    if (this.end + chunk.length > this.bytes.length) {
      this.own(Math.max(2 * rest, rest + chunk.length, SMALL));
    }
    this.bytes.set(chunk, this.end);
    this.end += chunk.length;
  }

  /** No more bytes will come: what is left when the lines are pulled counts as a last line without an end. */
  finish(): void {
    this.finished = true;
  }

  /**
   * The next line; or why it was not read (`line-too-long`, `bad-nul`, `bad-utf8`: the next line follows;
   * `line-endless`: nothing follows, and the connection is to be closed); or null when it takes more bytes.
   */
  next(): string | Refusal | null {
    if (this.fresh && !this.begin()) return null;
    const { bytes, at } = this;
    const endless = at + ENDLESS * this.limit - this.dropped + 1;
    const stop = Math.min(this.end, endless);
    for (let i = this.scanned; i < stop; i++) {
      const byte = bytes[i] ?? NUL;
      if (byte >= 0x20 && byte < DEL) continue;
      if (byte === LF) return this.take(i, i + 1);
      if (byte >= 0x80) this.has |= HAS_HIGH;
      else if (byte === BACKSPACE || byte === DEL || byte === KILL_LINE) this.has |= HAS_EDIT;
      else if (byte === NUL) {
        if (i > at && bytes[i - 1] === CR) return this.take(i, i + 1);
        this.has |= HAS_NUL;
      }
    }
    if (stop === endless) return this.die();
    if (this.finished && this.end > at) return this.take(this.end, this.end);
    return this.wait();
  }

  /** Copies what is pending, so that the chunk fed last may be used for something else. */
  keep(): void {
    const rest = this.end - this.at;
    if (rest === 0) this.clear();
    else if (!this.owned || (this.bytes.length > SMALL && this.bytes.length > 4 * rest)) this.own(rest);
  }

  /** Drops a BOM at the start of the connection. False while its first bytes cannot tell. */
  private begin(): boolean {
    const known = Math.min(this.pending, BOM.length);
    for (let i = 0; i < known; i++) {
      if (this.bytes[this.at + i] === BOM[i]) continue;
      this.fresh = false;
      return true;
    }
    if (known === BOM.length) {
      this.at += BOM.length;
      this.scanned = this.at;
    } else if (known === 0 || !this.finished) {
      this.keep();
      return false;
    }
    this.fresh = false;
    return true;
  }

  /** Ends the line before `stop` (a CR there belongs to its end) and goes on at `after`. */
  private take(stop: number, after: number): string | Refusal {
    const { at, dropped, has } = this;
    if (stop > at && this.bytes[stop - 1] === CR) stop--;
    this.at = after;
    this.scanned = after;
    this.dropped = 0;
    this.has = 0;
    if (dropped + stop - at > this.limit) return refusal('line-too-long', this.limit);
    if (has === 0) return this.bytes.toString('latin1', at, stop);
    return this.decode(at, stop, has);
  }

  private decode(at: number, stop: number, has: number): string | Refusal {
    if (has & HAS_NUL) return BAD_NUL;
    const text = this.bytes.toString('utf8', at, stop);
    // Whatever is wrong decodes to U+FFFD; only a line with one in it can be wrong.
    if (text.includes('\ufffd') && !isUtf8(this.bytes.subarray(at, stop))) return BAD_UTF8;
    return has & HAS_EDIT ? edit(text) : text;
  }

  /** The line is not all here: keeps it, or of one over the limit its last byte, which may be the CR. */
  private wait(): null {
    this.scanned = this.end;
    const held = this.end - this.at;
    if (held > this.limit + 1) {
      this.dropped += held - 1;
      this.at = this.end - 1;
    }
    this.keep();
    return null;
  }

  private die(): Refusal {
    this.dead = true;
    this.clear();
    return refusal('line-endless', ENDLESS * this.limit);
  }

  private clear(): void {
    this.bytes = NOTHING;
    this.owned = false;
    this.at = 0;
    this.scanned = 0;
    this.end = 0;
  }

  /** Moves what is pending to the start of a buffer of our own. */
  private own(capacity: number): void {
    const copy = Buffer.allocUnsafeSlow(capacity);
    this.bytes.copy(copy, 0, this.at, this.end);
    this.bytes = copy;
    this.owned = true;
    this.end -= this.at;
    this.scanned -= this.at;
    this.at = 0;
  }
}
