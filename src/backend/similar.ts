/** "Did you mean": the names that are a slip of the finger away from another. */
import { distance } from 'fastest-levenshtein';
import type { Folded } from '../chat/names.ts';

const MOST = 3;

/** Of these candidates the ones that look like `name`, best first, at most three, as they are shown. */
export function mostSimilar(name: Folded, candidates: ReadonlyMap<Folded, string>): readonly string[] {
  const slips = name.length <= 3 ? 1 : name.length <= 8 ? 2 : 3;
  const near: { shown: string; far: number }[] = [];
  for (const [folded, shown] of candidates) {
    if (folded === name || Math.abs(folded.length - name.length) > slips) continue;
    const far = distance(folded, name);
    if (far <= slips) near.push({ shown, far });
  }
  near.sort((a, b) => a.far - b.far || (a.shown < b.shown ? -1 : 1));
  return near.slice(0, MOST).map(({ shown }) => shown);
}
