/** Numbers as people read them. The page is in English, so its numbers are too. */
const LOCALE = 'en-GB';
/** Its `1.2M`: British short forms have `m` for a million. */
const SHORT = 'en-US';

const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat(SHORT, {
  notation: 'compact',
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});
const three = new Intl.NumberFormat(LOCALE, {
  minimumSignificantDigits: 3,
  maximumSignificantDigits: 3,
});
const tenths = new Intl.NumberFormat(LOCALE, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const clock = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const minute = new Intl.DateTimeFormat(LOCALE, { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat(LOCALE, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** `12,345`, to the last one. */
export function exact(count: number): string {
  return whole.format(count);
}

/** `12,345`, and `1.23M` from a hundred thousand on. */
export function count(count: number): string {
  return count < 99_999.5 ? whole.format(count) : short.format(count);
}

/** How much of something happens: `0`, `0.3`, `12.0`, `4,210`, `1.23M`. */
export function rate(often: number): string {
  if (often < 0.005) return '0';
  return often < 99.95 ? tenths.format(often) : count(often);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `512 B`, `1.5 KiB`, `47.3 MiB`. */
export function bytes(size: number): string {
  let unit = 0;
  // Not 1024: `1,023.7` of one unit would be shown as `1,020`.
  while (size >= 999.5 && unit < UNITS.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${unit === 0 ? whole.format(size) : three.format(size)} ${UNITS[unit]}`;
}

/** A short time in ms: `85 µs`, `4.2 ms`, `1.35 s`. */
export function elapsed(ms: number): string {
  if (ms < 0.9995) return `${whole.format(ms * 1000)} µs`;
  if (ms < 999.5) return `${three.format(ms)} ms`;
  return `${three.format(ms / 1000)} s`;
}

/** A long time in ms, by its two biggest parts: `3 d 4 h`, `12 min 5 s`, `8 s`. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
  return `${whole.format(Math.floor(seconds / 86_400))} d ${Math.floor((seconds % 86_400) / 3600)} h`;
}

/** `10:30:15` */
export function timeOfDay(ms: number): string {
  return clock.format(ms);
}

/** `10:30` */
export function minuteOfDay(ms: number): string {
  return minute.format(ms);
}

/** `3 Mar, 10:30`; the time alone where it is of the day of `now`. */
export function moment(ms: number, now: number): string {
  const today = new Date(ms).toDateString() === new Date(now).toDateString();
  return today ? timeOfDay(ms) : day.format(ms);
}

/** For an axis: `64.0 MiB` is `64 MiB` there, and nothing has no unit. */
export function tick(value: number, show: (value: number) => string): string {
  return value === 0 ? '0' : show(value).replace(/\.0+(?!\d)/, '');
}

/** `1 person`, `12 people` */
export function counted(number: number, one: string, many: string): string {
  return `${count(number)} ${number === 1 ? one : many}`;
}

/** `slow-reader` as words. */
export function words(code: string): string {
  const spaced = code.replaceAll(/[-_]+/g, ' ');
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
