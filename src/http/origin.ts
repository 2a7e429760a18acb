/**
 * Cross-site requests: a browser sends an operator's cookie along with whatever it is made to send. What
 * changes something is run for a page of ours only, which the browser itself says (`Origin`,
 * `Sec-Fetch-Site`; no page can forge them).
 */
import { type Refusal, refusal } from '../chat/errors.ts';

const SAFE: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/**
 * `bad-origin` for a request that another site's page may have caused, whatever else it has. `host`: what the
 * client called this server. `cookie`: the caller is known by one, so that it is a browser and has to say where
 * it comes from; a script with a token need not.
 */
export function originRefusal(request: Request, host: string, cookie: boolean): Refusal | null {
  const { headers, method } = request;
  if (SAFE.includes(method)) return null;
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  const stranger =
    site === null && origin === null ? cookie : site !== 'same-origin' && !isOurs(origin, host);
  return stranger ? refusal('bad-origin') : null;
}

/** The scheme is not compared: a proxy that ends TLS need not say so. */
function isOurs(origin: string | null, host: string): boolean {
  const own = origin !== null && URL.canParse(origin) ? new URL(origin) : null;
  if (!own || !URL.canParse(`${own.protocol}//${host}`)) return false;
  return own.host !== '' && own.host === new URL(`${own.protocol}//${host}`).host;
}
