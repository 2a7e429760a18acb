/**
 * A room (or a pair of people who write to each other) as one load process has it: who speaks, who listens,
 * and in a closed loop when the next line is due.
 *
 * Where the speakers are, two members are read line by line, the first and the last; elsewhere one is. A line
 * is under way until those two, without its speaker, have been shown it: servers differ in the order in which
 * they serve the members of a room, and the two make that no matter.
 */
import { Check } from './check.ts';
import type { Histogram } from './histogram.ts';
import type { Mark } from './mark.ts';
import { type GroupShare, speakersHere } from './plan.ts';
import type { Speaker } from './speaker.ts';

/** What went wrong with the lines of a group. */
export interface Faults {
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
}

/** When latencies count: of lines that should have been said within it, in µs. */
export interface Span {
  from: number;
  to: number;
}

/** A member of the group: what it was shown. */
interface Member {
  readonly at: number;
  readonly reader: { readonly count: number };
  readonly check: Check | null;
}

export class Group {
  readonly speakers: Speaker[] = [];
  private readonly members: Member[] = [];
  private readonly watchers: { readonly at: number; readonly check: Check }[] = [];
  /** Lines of each speaker under way; 0: none is said for that one has arrived. */
  private window = 0;
  private readonly due = new Set<number>();

  constructor(
    readonly share: GroupShare,
    private readonly span: Span,
    private readonly latency: Histogram,
    private readonly strayed: () => void,
  ) {}

  /** Whether what the member is shown is to be read line by line. */
  watches(at: number): boolean {
    const { from, to, speakers } = this.share;
    if (at === to - 1) return true;
    return speakersHere(this.share) > 0 && at === (speakers < to - from - 1 ? from + speakers : from);
  }

  /** What a member that is read line by line does with each; `now` answers µs. */
  watch(at: number, now: () => number): (mark: Mark) => void {
    const { firstSpeaker, speakers } = this.share;
    const check = new Check(speakers);
    this.watchers.push({ at, check });
    const timed = speakersHere(this.share) > 0;
    return mark => {
      const speaker = mark.speaker - firstSpeaker;
      if (speaker < 0 || speaker >= speakers) {
        this.strayed();
        return;
      }
      check.see(speaker, mark.sequence);
      if (!timed) return;
      if (mark.at >= this.span.from && mark.at < this.span.to) this.latency.add(now() - mark.at);
      if (this.window > 0) this.due.add(speaker);
    };
  }

  add(at: number, reader: { readonly count: number }): void {
    const check = this.watchers.find(watcher => watcher.at === at)?.check ?? null;
    this.members.push({ at, reader, check });
  }

  /** Starts a closed loop. */
  talk(window: number, at: number): void {
    this.window = window;
    for (const speaker of this.speakers) speaker.say(window, at);
  }

  hush(): void {
    this.window = 0;
  }

  /** Says the lines that those which arrived have made room for. */
  refill(at: number): void {
    if (this.due.size === 0) return;
    for (const nth of this.due) {
      const speaker = this.speakers[nth];
      if (speaker) speaker.say(this.window - (speaker.said - this.reached(nth)), at);
    }
    this.due.clear();
  }

  get delivered(): number {
    return this.members.reduce((sum, { reader }) => sum + reader.count, 0);
  }

  /** Whether all that each speaker `said` has reached every member here. */
  complete(said: readonly number[]): boolean {
    return this.members.every(({ at, reader }) => reader.count >= expected(at, said));
  }

  faults(said: readonly number[]): Faults {
    let lost = 0;
    let doubled = 0;
    let disordered = 0;
    for (const { at, reader, check } of this.members) {
      if (check) {
        for (const [nth, lines] of said.entries()) lost += nth === at ? 0 : check.lost(nth, lines);
        doubled += check.doubled;
        disordered += check.disordered;
      } else {
        const more = reader.count - expected(at, said);
        if (more > 0) doubled += more;
        else lost -= more;
      }
    }
    return { lost, doubled, disordered };
  }

  private reached(speaker: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { at, check } of this.watchers)
      if (at !== speaker) least = Math.min(least, check.reached(speaker));
    return least;
  }
}

/** Lines that a member is to be shown: not its own. */
function expected(at: number, said: readonly number[]): number {
  return said.reduce((sum, lines, nth) => sum + (nth === at ? 0 : lines), 0);
}
