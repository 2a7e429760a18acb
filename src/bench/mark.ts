/**
 * What every line of load carries at the end of its text: who said it, which of its lines it is, and when it
 * should have been said. Fixed-width digits, so that it is written in place and read without decoding.
 */
const SPEAKER = 5;
const SEQUENCE = 8;
const TIME = 10;

/** Bytes of a mark, and so the least a line may have. */
export const MARK_BYTES: number = SPEAKER + 1 + SEQUENCE + 1 + TIME;
/** Speakers of one run. */
export const MOST_SPEAKERS: number = 10 ** SPEAKER;

const NONE = -1;
const SPACE = 0x20;
const RETURN = 0x0d;
const ZERO = 0x30;

/** A mark as it was read; one object is filled again and again. */
export class Mark {
  speaker = 0;
  /** From 0. */
  sequence = 0;
  /** µs on the speaker's clock. */
  at = 0;

  /** Reads the mark of the line whose LF stands at `lineEnd`. False: it has none, and nothing was changed. */
  read(bytes: Uint8Array, lineEnd: number): boolean {
    const end = bytes[lineEnd - 1] === RETURN ? lineEnd - 1 : lineEnd;
    const time = end - TIME;
    const sequence = time - 1 - SEQUENCE;
    const speaker = sequence - 1 - SPEAKER;
    if (speaker < 0 || bytes[time - 1] !== SPACE || bytes[sequence - 1] !== SPACE) return false;
    const who = digits(bytes, speaker, SPEAKER);
    const which = digits(bytes, sequence, SEQUENCE);
    const when = digits(bytes, time, TIME);
    if (who === NONE || which === NONE || when === NONE) return false;
    this.speaker = who;
    this.sequence = which;
    this.at = when;
    return true;
  }
}

/** A text of `size` bytes with a mark of `speaker` at its end. */
export function markedText(size: number, speaker: number): string {
  const mark = `${String(speaker).padStart(SPEAKER, '0')} ${'0'.repeat(SEQUENCE)} ${'0'.repeat(TIME)}`;
  return mark.padStart(size, 'x');
}

/** Puts sequence and time into the mark that ends before `end`. */
export function stamp(bytes: Uint8Array, end: number, sequence: number, at: number): void {
  put(bytes, end - TIME - 1, SEQUENCE, sequence);
  put(bytes, end, TIME, at);
}

function digits(bytes: Uint8Array, from: number, count: number): number {
  let value = 0;
  for (let at = from; at < from + count; at++) {
    const digit = (bytes[at] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return NONE;
    value = value * 10 + digit;
  }
  return value;
}

function put(bytes: Uint8Array, end: number, count: number, value: number): void {
  for (let at = end - 1; at >= end - count; at--) {
    const rest = Math.floor(value / 10);
    bytes[at] = ZERO + (value - rest * 10);
    value = rest;
  }
}
