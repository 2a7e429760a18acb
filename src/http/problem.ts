/**
 * Refusals as HTTP says them: problem documents (RFC 9457) with the codes of the chat. Every code has its
 * status here; one without does not compile.
 */
import type { ErrorCode, Refusal } from '../chat/errors.ts';

const STATUS: Readonly<Record<ErrorCode, number>> = {
  'unknown-command': 400,
  'missing-argument': 400,
  'too-many-arguments': 400,
  'bad-argument': 400,
  'line-too-long': 413,
  'line-endless': 413,
  'bad-utf8': 400,
  'bad-nul': 400,
  'empty-text': 400,
  'text-too-long': 413,
  'http-request': 421,
  'tls-on-plain': 400,
  'proxy-header': 400,
  internal: 500,

  'not-signed-in': 401,
  'already-signed-in': 409,
  'bad-name': 400,
  'name-taken': 409,
  'name-owned': 409,
  'name-of-token': 409,
  'no-such-name': 404,
  'no-such-account': 404,
  'not-an-account': 403,
  'not-online': 404,
  'wrong-password': 401,
  'password-too-short': 400,
  'password-too-long': 400,
  'password-same-as-name': 400,
  'no-password': 400,
  'account-required': 403,
  'too-many-attempts': 429,
  'too-many-registrations': 429,
  'too-many-new-rooms': 429,
  'too-many-searches': 429,
  'too-many-messages': 429,
  'too-many-streams': 429,
  'sign-in-timeout': 408,
  'name-lost': 409,
  'account-gone': 410,
  'server-banned': 403,
  'server-kicked': 403,
  'no-such-connection': 404,

  'bad-room': 400,
  'no-such-room': 404,
  'not-in-room': 403,
  'no-current-room': 400,
  'member-not-found': 404,
  'not-operator': 403,
  'bad-key': 403,
  banned: 403,
  moderated: 403,
  'ban-not-found': 404,
  'too-many-bans': 409,
  'too-many-rooms': 409,
  'server-rooms-full': 503,
  'rank-self': 409,
  'last-operator': 409,
  'that-is-you': 409,
  'already-in-room': 409,

  'no-such-message': 404,
  nameless: 403,
  'several-lines': 400,
  'key-reused': 422,

  'server-full': 503,
  'address-full': 429,
  'memory-full': 503,
  flooding: 429,
  'outbox-full': 503,
  'mailbox-full': 507,
  'ignore-full': 409,
  'hash-busy': 503,

  'bad-path': 400,
  'not-found': 404,
  'wrong-method': 405,
  'bad-request': 400,
  'bad-json': 400,
  'wrong-content-type': 415,
  'body-too-large': 413,
  'sign-in-required': 401,
  'bad-credentials': 401,
  'bad-token': 401,
  'token-scope': 403,
  'token-name': 409,
  'token-useless': 400,
  'no-such-token': 404,
  'not-server-operator': 403,
  'local-only': 403,
  'bad-origin': 403,

  'store-full': 507,
  'store-failed': 503,
  'store-stalled': 503,
  'search-syntax': 400,
  'shutting-down': 503,

  // Only a start or a reload is refused with these.
  'bad-setting': 500,
  'port-in-use': 500,
  'cannot-listen': 500,
  'cannot-reach': 500,
  'bad-certificate': 500,
  'data-in-use': 500,
  'data-not-writable': 500,
  'database-newer': 500,
  'database-foreign': 500,
  'database-corrupt': 500,
  'migration-failed': 500,
  'not-upgraded': 500,
  'handover-lost': 500,

  'no-store': 500,
  'file-exists': 500,
  'cannot-read': 500,
  'cannot-write': 500,
  'copy-differs': 500,
  'bad-import': 500,
};

/** The titles of RFC 9110 for the statuses above. */
const TITLE: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
  507: 'Insufficient Storage',
};

/**
 * Basic is taken too, but not asked for: a browser that is asked puts up a box of its own, and from then on
 * sends what was typed there along with requests of other sites' pages.
 */
const CHALLENGE = 'Bearer realm="parley"';

const CODES = new WeakMap<Response, ErrorCode>();

export function statusOf(code: ErrorCode): number {
  return STATUS[code];
}

/** A refusal as an answer; `headers` are those that only the place of the refusal knows (`Allow`). */
export function problem(refused: Refusal, headers: Readonly<Record<string, string>> = {}): Response {
  const { code, message, retryAfter } = refused;
  const status = STATUS[code];
  const document = { type: `urn:parley:error:${code}`, title: TITLE[status], status, detail: message, code };
  const answer = new Response(`${JSON.stringify(document)}\n`, {
    status,
    headers: {
      'Content-Type': 'application/problem+json',
      ...(status === 401 && { 'WWW-Authenticate': CHALLENGE }),
      ...(retryAfter !== null && { 'Retry-After': String(retryAfter) }),
      // What was not read of the request would have to be read to its end for the next one.
      ...(status === 413 && { Connection: 'close' }),
      ...headers,
    },
  });
  CODES.set(answer, code);
  return answer;
}

/** What an answer refuses with; null where it is no problem document. */
export function codeOf(answer: Response): ErrorCode | null {
  return CODES.get(answer) ?? null;
}
