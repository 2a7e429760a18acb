/**
 * Who is signed in on the page: a session behind a cookie that no script can read. Only the hash of what the
 * cookie holds is kept, in memory: a restart signs everybody out.
 */
import type { Clock } from '../chat/ports.ts';
import { systemSecrets } from '../ops/secrets.ts';

const COOKIE = 'parley';
const SECRET_BYTES = 32;
const HOUR = 3_600_000;

export interface SessionLimits {
  /** ms without a request after which a session is over. */
  readonly idle: number;
  /** In all; the one unused for longest goes. */
  readonly most: number;
  /** Of one account: signing in over and over puts nobody else out. */
  readonly mostOfOne: number;
}

const LIMITS: SessionLimits = { idle: 12 * HOUR, most: 1000, mostOfOne: 20 };

/** Whose session it is, and with which password: a new one ends it. */
export interface SignedIn {
  readonly name: string;
  readonly passwordHash: string;
}

export class CookieSessions {
  /** By the hash of the secret, the one unused for longest first. */
  private readonly sessions = new Map<string, SignedIn & { readonly used: number }>();

  constructor(
    private readonly clock: Clock,
    private readonly limits: SessionLimits = LIMITS,
  ) {}

  /** A new session; answers the secret for the cookie. */
  begin({ name, passwordHash }: SignedIn): string {
    const own = [...this.sessions].filter(([, session]) => session.name === name);
    if (own.length >= this.limits.mostOfOne) this.sessions.delete(own[0]?.[0] ?? '');
    const secret = Buffer.from(systemSecrets.randomBytes(SECRET_BYTES)).toString('base64url');
    this.sessions.set(systemSecrets.sha256(secret), { name, passwordHash, used: this.clock.now() });
    for (const [oldest] of this.sessions) {
      if (this.sessions.size <= this.limits.most) break;
      this.sessions.delete(oldest);
    }
    return secret;
  }

  /** Whose it is, used just now; null where it is nobody's (any more). */
  find(secret: string): SignedIn | null {
    const key = systemSecrets.sha256(secret);
    const session = this.sessions.get(key);
    if (!session) return null;
    this.sessions.delete(key);
    const now = this.clock.now();
    if (now - session.used >= this.limits.idle) return null;
    this.sessions.set(key, { ...session, used: now });
    return session;
  }

  end(secret: string): void {
    this.sessions.delete(systemSecrets.sha256(secret));
  }

  get size(): number {
    return this.sessions.size;
  }
}

/** What the request's cookie holds; null where it has none. */
export function secretIn({ headers }: Request): string | null {
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const [name, value] = pair.trim().split('=', 2);
    if (name === COOKIE && value) return value;
  }
  return null;
}

/** The header that sets the cookie, or with '' takes it away. */
export function setCookie(secret: string, secure: boolean): string {
  const attributes = ['Path=/', 'HttpOnly', 'SameSite=Strict'];
  if (secure) attributes.push('Secure');
  if (secret === '') attributes.push('Max-Age=0');
  return [`${COOKIE}=${secret}`, ...attributes].join('; ');
}
