/** What one member of a room was shown, line by line: nothing lost, nothing twice, each speaker in order. */

export class Check {
  doubled = 0;
  /** Lines that came after a later one of the same speaker. */
  disordered = 0;
  /** Of each speaker: the number after the highest shown. */
  private readonly next: Float64Array;
  /** Numbers below `next` that have not been shown. */
  private readonly missing = new Map<number, Set<number>>();

  constructor(speakers: number) {
    this.next = new Float64Array(speakers);
  }

  see(speaker: number, sequence: number): void {
    const next = this.next[speaker] ?? 0;
    if (sequence === next) this.next[speaker] = next + 1;
    else if (sequence > next) this.skip(speaker, next, sequence);
    else if (this.missing.get(speaker)?.delete(sequence)) this.disordered++;
    else this.doubled++;
  }

  /** Lines of a speaker that are no longer under way, as far as can be told here. */
  reached(speaker: number): number {
    return this.next[speaker] ?? 0;
  }

  /** How many of the lines that a speaker said have not been shown. */
  lost(speaker: number, said: number): number {
    return Math.max(0, said - this.reached(speaker)) + (this.missing.get(speaker)?.size ?? 0);
  }

  private skip(speaker: number, from: number, to: number): void {
    const missing = this.missing.get(speaker) ?? new Set();
    this.missing.set(speaker, missing);
    for (let sequence = from; sequence < to; sequence++) missing.add(sequence);
    this.next[speaker] = to + 1;
  }
}
