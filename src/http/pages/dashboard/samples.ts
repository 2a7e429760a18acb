/** The samples behind the plots: kept in order, each moment once, no more than a window of them. */
import type { Sample } from '../../dashboard.ts';

/** How far apart samples are, and how long they are kept, in seconds. */
export interface Range {
  readonly step: number;
  readonly window: number;
  /** The least that a plot spans, so that the first points are not drawn from edge to edge. */
  readonly least: number;
}

export const SECONDS: Range = { step: 1, window: 600, least: 60 };
export const MINUTES: Range = { step: 60, window: 86_400, least: 1800 };

/**
 * What the server says, and before it what was seen of the time before: so a plot goes on where the server was
 * started again, and what was missed is filled in.
 */
export function merged(ours: readonly Sample[], theirs: readonly Sample[], range: Range): readonly Sample[] {
  const first = theirs[0];
  return first ? within([...ours.filter(sample => sample.at < first.at), ...theirs], range) : ours;
}

/** With one more at the end. None is later than the newest: that would be of a clock that was set back since. */
export function appended(samples: readonly Sample[], sample: Sample, range: Range): readonly Sample[] {
  return merged(samples, [sample], range);
}

function within(samples: readonly Sample[], range: Range): readonly Sample[] {
  const newest = samples.at(-1)?.at ?? 0;
  const from = samples.findIndex(sample => sample.at > newest - range.window);
  return from > 0 ? samples.slice(from) : samples;
}

/** Whether something is missing between these two. Timers run late, so half a step more is nothing. */
function isGap(earlier: Sample, later: Sample, range: Range): boolean {
  return later.at - earlier.at > range.step * 2.5;
}

/** How often the line is broken. */
export function gaps(samples: readonly Sample[], range: Range): number {
  let found = 0;
  let earlier: Sample | undefined;
  for (const sample of samples) {
    if (earlier && isGap(earlier, sample, range)) found++;
    earlier = sample;
  }
  return found;
}

/** Times, and one list of values for each of `picks`; a null in each where samples are missing. */
export function columns(
  samples: readonly Sample[],
  picks: readonly ((sample: Sample) => number)[],
  range: Range,
): [times: number[], ...values: (number | null)[][]] {
  const times: number[] = [];
  const values = picks.map((): (number | null)[] => []);
  let earlier: Sample | undefined;
  for (const sample of samples) {
    if (earlier && isGap(earlier, sample, range)) {
      times.push(earlier.at + range.step);
      for (const column of values) column.push(null);
    }
    times.push(sample.at);
    for (const [index, pick] of picks.entries()) values[index]?.push(pick(sample));
    earlier = sample;
  }
  return [times, ...values];
}
