/** Randomness and hashing for secrets that are random already. Passwords are hashed in passwords.ts. */
import type { Secrets } from '../chat/tokens.ts';

export const systemSecrets: Secrets = {
  randomBytes: count => crypto.getRandomValues(new Uint8Array(count)),
  sha256: text => new Bun.CryptoHasher('sha256').update(text).digest('hex'),
};
