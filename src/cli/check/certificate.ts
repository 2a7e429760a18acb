/** The certificate: its dates, its key, and who else may read that. */
import { X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { Refusal } from '../../chat/errors.ts';
import { listenersOf } from '../../config/listen.ts';
import type { Config } from '../../config.ts';
import { loadCertificate } from '../../net/certificate.ts';
import { type Finding, ok, warning, wrong } from './finding.ts';

const DAY_MS = 86_400_000;
/** How long before its end a certificate is worth a warning. */
const SOON_MS = 14 * DAY_MS;
const READABLE_BY_ALL = 0o004;

export async function checkTls(config: Config, now: number): Promise<Finding[]> {
  const { tlsCert, tlsKey, httpsPort } = config;
  if (tlsCert === null) return [];
  const key = tlsKey ?? tlsCert;
  const used = httpsPort !== null || listenersOf(config).some(listener => listener.tls);
  return [
    await checkCertificate(tlsCert, key, now),
    ...(used ? [] : [UNUSED]),
    ...(isOpen(key)
      ? [warning('certificate', `everyone on this machine can read the key. chmod 600 ${key}`)]
      : []),
  ];
}

const UNUSED = warning(
  'certificate',
  'no listener uses it. Give a --tls-port, an --https-port, or a tls: listener',
);

/** Whether a certificate can be used at `now` (ms since the epoch) with the key in `key`. */
export async function checkCertificate(cert: string, key: string, now: number): Promise<Finding> {
  const about = 'certificate';
  const loaded = await loadCertificate({ cert, key }, now);
  if (loaded instanceof Refusal) return wrong(about, loaded.message);
  if (loaded.warning)
    return wrong(about, `${loaded.warning}. Renew it, or look at the clock of this machine`);
  const { validFrom, validTo } = new X509Certificate(loaded.cert);
  const dates = `${cert} is valid from ${day(validFrom)} to ${day(validTo)}`;
  return Date.parse(validTo) - now < SOON_MS ? warning(about, `${dates}: renew it soon`) : ok(about, dates);
}

function isOpen(key: string): boolean {
  const mode = statSync(key, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & READABLE_BY_ALL) !== 0;
}

function day(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}
