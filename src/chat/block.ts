/**
 * A block: the events of one room in one turn, encoded once for each variant that listens. Plain listeners
 * are given the block's bytes as they are, speakers a copy without their own lines; those with something more
 * of their own (they ignore somebody, they left half-way, they hear several rooms) their own join of lines.
 */
import { type ChatEvent, isSaid } from './event.ts';
import type { Encoder, Skippable } from './ports.ts';
import type { Session } from './session.ts';

const utf8 = new TextEncoder();

/** Part of a block for one session: its events before `until`. */
export interface Portion {
  readonly block: Block;
  readonly until: number;
}

export class Block {
  readonly events: ChatEvent[] = [];
  /** Where each event stands in the turn, so that several blocks merge in committed order. */
  readonly places: number[] = [];
  /** Whose own line each event is; null where it is nobody's here. */
  readonly speakers: (Session | null)[] = [];
  private lines: (string[] | undefined)[] = [];
  private bytes: (Uint8Array | undefined)[] = [];
  private ends: (readonly number[] | undefined)[] = [];
  private skip: Skippable | null = null;

  /** `room` is null for what may never be skipped; `after` is the newest id before this block. */
  constructor(
    readonly room: string | null,
    readonly after: number,
  ) {}

  add(event: ChatEvent, place: number, speaker: Session | null): void {
    this.events.push(event);
    this.places.push(place);
    this.speakers.push(speaker);
  }

  /** Every event as this variant shows it, one string each. */
  linesFor(encoder: Encoder): readonly string[] {
    let lines = this.lines[encoder.index];
    if (!lines) {
      lines = this.events.map(event => encoder.line(event));
      this.lines[encoder.index] = lines;
    }
    return lines;
  }

  /** The whole block as this variant shows it: one buffer, shared by all who are given it. */
  bytesFor(encoder: Encoder): Uint8Array {
    let bytes = this.bytes[encoder.index];
    if (!bytes) {
      bytes = utf8.encode(this.linesFor(encoder).join(''));
      this.bytes[encoder.index] = bytes;
    }
    return bytes;
  }

  /**
   * The block without what this session said itself: copied out of the shared bytes, so that a room in which
   * everybody talks is encoded once all the same.
   */
  bytesWithout(speaker: Session, encoder: Encoder): Uint8Array {
    const bytes = this.bytesFor(encoder);
    const ends = this.endsFor(encoder);
    const rest = new Uint8Array(bytes.length - this.ownLength(speaker, ends));
    let from = 0;
    let to = 0;
    for (const [at, end] of ends.entries()) {
      if (this.speakers[at] !== speaker) continue;
      const start = ends[at - 1] ?? 0;
      if (start > from) rest.set(bytes.subarray(from, start), to);
      to += start - from;
      from = end;
    }
    if (bytes.length > from) rest.set(bytes.subarray(from), to);
    return rest;
  }

  /** How many of its lines are this session's own. */
  saidBy(speaker: Session): number {
    let own = 0;
    for (const each of this.speakers) if (each === speaker) own++;
    return own;
  }

  private ownLength(speaker: Session, ends: readonly number[]): number {
    let length = 0;
    for (const [at, end] of ends.entries())
      if (this.speakers[at] === speaker) length += end - (ends[at - 1] ?? 0);
    return length;
  }

  /** Where each line ends in the bytes. */
  private endsFor(encoder: Encoder): readonly number[] {
    let ends = this.ends[encoder.index];
    if (!ends) {
      let end = 0;
      ends = this.linesFor(encoder).map(line => {
        end += Buffer.byteLength(line);
        return end;
      });
      this.ends[encoder.index] = ends;
    }
    return ends;
  }

  /** What is said of these lines where a slow reader does not get them. */
  get skippable(): Skippable | undefined {
    if (this.room === null) return undefined;
    if (!this.skip) {
      let lines = 0;
      for (const event of this.events) if (isSaid(event)) lines++;
      this.skip = { room: this.room, lines, after: this.after };
    }
    return this.skip;
  }
}
