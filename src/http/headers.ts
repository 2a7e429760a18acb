/** What every answer says to browsers, so that a page of parley's runs nothing but parley's own files. */

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const ALWAYS: readonly (readonly [string, string])[] = [
  ['Content-Security-Policy', CONTENT_SECURITY_POLICY],
  ['X-Content-Type-Options', 'nosniff'],
  ['Referrer-Policy', 'no-referrer'],
  ['Cross-Origin-Opener-Policy', 'same-origin'],
  ['Cross-Origin-Resource-Policy', 'same-origin'],
];

const YEAR = 31_536_000;

/**
 * The answer, with all of them. Nothing is kept by caches unless the answer says so itself. `onlyTls`: this
 * host's HTTP is to be had over TLS only, which browsers may remember.
 */
export function withHeaders(response: Response, onlyTls: boolean): Response {
  const { headers } = response;
  for (const [name, value] of ALWAYS) headers.set(name, value);
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
  if (onlyTls) headers.set('Strict-Transport-Security', `max-age=${YEAR}`);
  return response;
}
