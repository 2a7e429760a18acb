/**
 * Paths: read once, safely, into decoded segments, and matched against patterns such as
 * `/api/rooms/:room/messages`. Dots (`..`) never reach a pattern: a URL has none left.
 */
import { Refusal, refusal } from '../chat/errors.ts';

export interface ReadUrl {
  readonly segments: readonly string[];
  readonly url: URL;
}

const AUTHORITY = /^[a-z]+:\/\/[^/?#]*/i;
const CONTROL = /\p{Cc}/u;

/** Of a request's URL only what follows the authority counts: a Host header may be anything. Or `bad-path`. */
export function readUrl(text: string): ReadUrl | Refusal {
  const target = text.replace(AUTHORITY, '');
  if (!target.startsWith('/')) return refusal('bad-path', 'it does not begin with a slash');
  // Before the URL is made: of `//x` it would take x for a host.
  if (target.startsWith('//')) return refusal('bad-path', 'it has an empty part');
  const url = new URL(target, 'http://parley.invalid');
  const parts = url.pathname.slice(1).split('/');
  const segments: string[] = [];
  for (const [i, part] of parts.entries()) {
    // The last one may be empty: it is another path, which there may be or not.
    if (part === '' && i < parts.length - 1) return refusal('bad-path', 'it has an empty part');
    const segment = decode(part);
    if (segment instanceof Refusal) return segment;
    segments.push(segment);
  }
  return { segments, url };
}

function decode(part: string): string | Refusal {
  let text: string;
  try {
    text = decodeURIComponent(part);
  } catch {
    return refusal('bad-path', 'it has a percent sign that does not stand for UTF-8');
  }
  if (CONTROL.test(text)) return refusal('bad-path', 'it has a control character in it');
  if (text === '.' || text === '..') return refusal('bad-path', 'it has a part of dots');
  return text;
}

interface Part {
  readonly text: string;
  readonly param: boolean;
  /** A slash may be part of it. */
  readonly slash: boolean;
}

export class Pattern {
  private readonly parts: readonly Part[];

  constructor(readonly path: string) {
    this.parts = path
      .slice(1)
      .split('/')
      .map(part => {
        const [, name, star] = /^:([A-Za-z]+)(\*?)$/.exec(part) ?? [];
        return name === undefined
          ? { text: part, param: false, slash: false }
          : { text: name, param: true, slash: star === '*' };
      });
  }

  /** How many of its parts are given: of two that match, the one with more is meant. */
  get fixed(): number {
    return this.parts.filter(part => !part.param).length;
  }

  /** What stands for its names, or null. */
  match(segments: readonly string[]): Record<string, string> | null {
    if (segments.length !== this.parts.length) return null;
    const params: Record<string, string> = {};
    for (const [i, part] of this.parts.entries()) {
      const segment = segments[i] ?? '';
      if (!part.param) {
        if (segment !== part.text) return null;
      } else if (segment === '' || (segment.includes('/') && !part.slash)) return null;
      else params[part.text] = segment;
    }
    return params;
  }
}
