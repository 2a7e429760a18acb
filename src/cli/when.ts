/** Times on a command line: `2026-01-31`, `2026-01-31T08:00Z`, or how long ago: `7d`, `12h`, `30m`. */

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DATE = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?)?$/;

/** ms since the epoch; null where it is no time. A date alone begins at midnight, local time; so does a time. */
export function parseWhen(text: string, now: number): number | null {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (UNITS[unit] ?? 0);
  if (!DATE.test(text)) return null;
  // Without a time, `Date` would take it for UTC.
  const at = Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(' ', 'T'));
  return Number.isNaN(at) ? null : at;
}
