/**
 * `parley check`: looks for whatever would keep these settings from working, changes nothing, and says of
 * each finding what to do. Exit 1 where something is wrong.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { defineCommand } from 'citty';
import { type Listener, listenersOf, showListener } from '../config/listen.ts';
import { loadSettings } from '../config/load.ts';
import { codeOf, reasonOf, systemWorld } from '../config/world.ts';
import type { Config } from '../config.ts';
import { EXIT, print } from './edge.ts';

interface Finding {
  readonly grade: 'ok' | 'warning' | 'wrong';
  readonly about: string;
  /** What was found, and what to do unless it is ok. */
  readonly text: string;
}

/** Descriptors that are no connections: listeners, the database, the log. */
const OTHER_FILES = 64;
const DAY_MS = 86_400_000;
/** How long before its end a certificate is worth a warning. */
const SOON_MS = 14 * DAY_MS;

export default defineCommand({
  meta: { name: 'check' },
  async run({ rawArgs }) {
    const { config, problems } = loadSettings(rawArgs, systemWorld);
    const findings: Finding[] = problems.map(problem => wrong('settings', problem.message));
    // With wrong settings the rest would be about defaults that nobody means to run with.
    if (findings.length === 0) findings.push(ok('settings', 'all right'), ...(await look(config)));
    await print(findings.map(show).join(''));
    return findings.some(finding => finding.grade === 'wrong') ? EXIT.failed : EXIT.ok;
  },
});

async function look(config: Config): Promise<Finding[]> {
  const listeners = listenersOf(config);
  const { tlsCert, tlsKey } = config;
  const unused = tlsCert !== null && !listeners.some(listener => listener.tls);
  return [
    ...listeners.map(checkListener),
    ...(tlsCert ? checkCertificate(tlsCert, tlsKey ?? tlsCert, Date.now()) : []),
    ...(unused ? [warning('certificate', 'no listener uses it. Give a --tls-port, or a tls: listener')] : []),
    ...(await checkData(config)),
    ...checkOpenFiles(config.connections),
  ];
}

function checkListener(listener: Listener): Finding {
  const where = showListener(listener);
  if (listener.kind === 'unix') {
    const folder = dirname(resolve(listener.path));
    const why = notWritable(folder);
    return why ? wrong(where, `${folder}: ${why}. Make that directory writable`) : ok(where, 'can be made');
  }
  if (listener.port === 0) return ok(where, 'a free port will be taken');
  try {
    const hostname = listener.host === '*' ? '0.0.0.0' : listener.host;
    Bun.listen({ hostname, port: listener.port, exclusive: true, socket: { data() {} } }).stop(true);
    return ok(where, 'free');
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EADDRINUSE') {
      return wrong(
        where,
        'in use, by a running parley or another program. Stop it, or choose another: --port',
      );
    }
    if (code === 'EACCES') {
      return wrong(
        where,
        'not allowed to this user. Choose a port from 1024 up, or grant CAP_NET_BIND_SERVICE',
      );
    }
    return wrong(
      where,
      `cannot be listened on (${reasonOf(error)}). Choose an address of this machine: --host`,
    );
  }
}

/** Whether a certificate can be used at `now` (ms since the epoch) with the key in `keyFile`. */
export function checkCertificate(certFile: string, keyFile: string, now: number): Finding[] {
  const about = 'certificate';
  try {
    const certificate = new X509Certificate(readFileSync(certFile));
    const key = createPrivateKey(readFileSync(keyFile));
    if (!certificate.checkPrivateKey(key)) {
      return [
        wrong(
          about,
          `the key in ${keyFile} is not that of ${certFile}. Give the key it was made with: --tls-key`,
        ),
      ];
    }
    const from = Date.parse(certificate.validFrom);
    const until = Date.parse(certificate.validTo);
    const dates = `${day(from)} to ${day(until)}`;
    if (now < from)
      return [wrong(about, `${certFile} is not valid yet (${dates}). Look at the clock of this machine`)];
    if (now > until) return [wrong(about, `${certFile} has run out (${dates}). Renew it`)];
    if (until - now < SOON_MS) return [warning(about, `${certFile} runs out soon (${dates}). Renew it`)];
    return [ok(about, `${certFile} is valid ${dates}`)];
  } catch (error) {
    return [
      wrong(about, `${certFile} and ${keyFile} are no certificate and key in PEM (${reasonOf(error)})`),
    ];
  }
}

async function checkData({ data, memory }: Config): Promise<Finding[]> {
  if (memory)
    return [warning('data', 'nothing is kept: a restart forgets it all. To keep it, leave out --memory')];
  const folder = resolve(data);
  // A directory that is not there yet will be made in the nearest one that is.
  let nearest = folder;
  while (!existsSync(nearest) && dirname(nearest) !== nearest) nearest = dirname(nearest);
  const why = notWritable(nearest);
  if (why)
    return [
      wrong('data', `${nearest}: ${why}. Make it writable to this user, or choose another: --data DIR`),
    ];
  if (nearest !== folder) return [ok('data', `${folder} will be made`)];
  return [ok('data', `${folder} is writable`)];
}

function checkOpenFiles(connections: number): Finding[] {
  const about = 'open files';
  const most = openFilesLimit();
  if (most === null) return [];
  if (most >= connections + OTHER_FILES) return [ok(about, `${most} for ${connections} connections`)];
  return [
    warning(
      about,
      `this user may have ${most}, too few for ${connections} connections. Raise it (ulimit -n, LimitNOFILE=), or lower --connections`,
    ),
  ];
}

/** The hard limit, which Bun raises the soft one to as it starts; null where it cannot be told. */
function openFilesLimit(): number | null {
  try {
    const line = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'));
    return line?.[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line?.[1] ?? Number.NaN) || null;
  } catch {
    return null;
  }
}

/** Why no file can be made in a directory, or null. */
function notWritable(folder: string): string | null {
  try {
    if (!statSync(folder).isDirectory()) return 'not a directory';
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return reasonOf(error);
  }
}

function ok(about: string, text: string): Finding {
  return { grade: 'ok', about, text };
}

function warning(about: string, text: string): Finding {
  return { grade: 'warning', about, text };
}

function wrong(about: string, text: string): Finding {
  return { grade: 'wrong', about, text };
}

function show({ grade, about, text }: Finding): string {
  return `${grade.padEnd(8)} ${about}: ${text}\n`;
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
