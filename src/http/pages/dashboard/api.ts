/** The server's API, as far as the page uses it. What it refuses is thrown as the sentence it says. */

/** An RFC 9457 document, or the network's own trouble, as a person is told it. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

export interface Me {
  readonly kind: string;
  readonly name?: string | null;
  readonly operator?: boolean;
}

export interface Connection {
  readonly id: number;
  /** Null until it has signed in. */
  readonly name: string | null;
  /** The name is an account's. */
  readonly account: boolean;
  readonly address: string;
  readonly dialect: string;
  readonly rooms: readonly string[];
  readonly linesPerMinute: number;
  readonly outboxBytes: number;
  readonly idleMs: number;
  /** ms since the epoch. */
  readonly connectedAt: number;
}

export interface ConnectionPage {
  readonly total: number;
  readonly connections: readonly Connection[];
}

export interface Ban {
  readonly kind: string;
  readonly what: string;
  readonly label: string;
  readonly reason: string;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Resolves with the answer's JSON (null where there is none); rejects with a `Problem`. */
export async function call<Answer>(
  method: Method,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      credentials: 'same-origin',
      cache: 'no-store',
      ...(signal && { signal }),
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  } catch {
    throw new Problem(0, 'The server cannot be reached. Try again in a moment.');
  }
  const answer: unknown = await response.json().catch(() => null);
  if (!response.ok)
    throw new Problem(response.status, detailOf(answer) ?? `The server said ${response.status}.`);
  // What our own server answers on this path, as its OpenAPI document has it.
  return answer as Answer;
}

function detailOf(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null || !('detail' in answer)) return null;
  return typeof answer.detail === 'string' ? sentence(answer.detail) : null;
}

/** parley's refusals start small, as they follow a code elsewhere. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A path with its parts made safe: path`/api/bans/${label}`. */
export function path(strings: TemplateStringsArray, ...parts: readonly (string | number)[]): string {
  return String.raw({ raw: strings }, ...parts.map(part => encodeURIComponent(part)));
}
