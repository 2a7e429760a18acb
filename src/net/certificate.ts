/** Certificates: read and checked whole before a listener is given them, so that a bad one changes nothing. */
import { readFileSync } from 'node:fs';
import { type Refusal, refusal } from '../chat/errors.ts';

/** PEM files: the certificate with its chain, and the private key (which may be the same file). */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

export interface Certificate {
  readonly cert: string;
  readonly key: string;
  /** What is wrong with it without keeping it from being used: it has expired. */
  readonly warning: string | null;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * The pair as it is in the files at `now`, or `bad-certificate`: a file cannot be read, is no PEM, or key and
 * certificate do not belong together.
 */
export async function loadCertificate(files: TlsFiles, now: number): Promise<Certificate | Refusal> {
  // A third of the start of a listener without TLS would go into loading this.
  const { createPrivateKey, X509Certificate } = await import('node:crypto');
  const cert = read(files.cert);
  if (cert instanceof Error) return bad(files.cert, unreadable(cert));
  const key = read(files.key);
  if (key instanceof Error) return bad(files.key, unreadable(key));

  const blocks = cert.match(CERTIFICATE);
  if (!blocks) return bad(files.cert, 'has no certificate in PEM in it');
  const [chain] = attempt(() => blocks.map(block => new X509Certificate(block)));
  const leaf = chain?.[0];
  if (!leaf) return bad(files.cert, 'has a damaged certificate in it');
  if (!key.includes('PRIVATE KEY-----')) return bad(files.key, 'has no private key in PEM in it');
  if (key.includes('ENCRYPTED')) return bad(files.key, 'is encrypted; parley wants it without a passphrase');
  const [secret] = attempt(() => createPrivateKey(key));
  if (!secret) return bad(files.key, 'has a damaged private key in it');
  if (!leaf.checkPrivateKey(secret)) return bad(files.key, `is not the key of ${files.cert}`);

  return { cert, key, warning: validity(files.cert, leaf.validFrom, leaf.validTo, now) };
}

function validity(file: string, from: string, to: string, now: number): string | null {
  if (now > Date.parse(to)) return `${file} expired on ${to}`;
  return now < Date.parse(from) ? `${file} is not valid before ${from}` : null;
}

function read(file: string): string | NodeJS.ErrnoException {
  const [text, error] = attempt(() => readFileSync(file, 'utf8'));
  return text ?? error ?? new Error('it cannot be read');
}

function unreadable(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'does not exist';
  if (error.code === 'EACCES') return 'may not be read by the user that parley runs as';
  if (error.code === 'EISDIR') return 'is a directory';
  return `cannot be read (${error.code ?? error.message})`;
}

function bad(file: string, why: string): Refusal {
  return refusal('bad-certificate', `${file} ${why}`);
}

/** The value, or the error that kept it from being. */
function attempt<T>(make: () => T): [T, undefined] | [undefined, Error] {
  try {
    return [make(), undefined];
  } catch (error) {
    return [undefined, error instanceof Error ? error : new Error(String(error))];
  }
}
