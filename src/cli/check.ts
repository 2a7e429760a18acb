/**
 * `parley check`: looks for whatever would keep these settings from working, changes nothing, and says of
 * each finding what to do. Exit 1 where something is wrong.
 */
import { X509Certificate } from 'node:crypto';
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { defineCommand } from 'citty';
import { Refusal } from '../chat/errors.ts';
import { AUTO_SOCKET, httpPlacesOf, listenersOf } from '../config/listen.ts';
import { loadSettings } from '../config/load.ts';
import { reasonOf, systemWorld } from '../config/world.ts';
import { type Config, mostConnections } from '../config.ts';
import { formatListen, type Listen } from '../net/address.ts';
import { loadCertificate } from '../net/certificate.ts';
import { listenRefusal } from '../net/failure.ts';
import { claimUnixName } from '../net/unix.ts';
import { EXIT, print, tooFewFiles } from './edge.ts';

interface Finding {
  readonly grade: 'ok' | 'warning' | 'wrong';
  readonly about: string;
  /** What was found, and what to do unless it is ok. */
  readonly text: string;
}

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
  // A socket beside a database that is not there yet will be where that will be.
  const possible = (where: Listen) =>
    where.kind === 'tcp' || config.httpSocket !== AUTO_SOCKET || existsSync(config.data);
  const listeners = [...listenersOf(config), ...httpPlacesOf(config).filter(possible)];
  const { tlsCert, tlsKey } = config;
  const unused = tlsCert !== null && !listeners.some(listener => listener.tls);
  return [
    ...(await Promise.all(listeners.map(checkListener))),
    ...(tlsCert ? [await checkCertificate(tlsCert, tlsKey ?? tlsCert, Date.now())] : []),
    ...(unused
      ? [
          warning(
            'certificate',
            'no listener uses it. Give a --tls-port, an --https-port, or a tls: listener',
          ),
        ]
      : []),
    ...(await checkData(config)),
    checkOpenFiles(config.connections),
  ];
}

async function checkListener(where: Listen): Promise<Finding> {
  const about = formatListen(where);
  if (where.kind === 'unix') {
    const folder = dirname(resolve(where.path));
    const why = notWritable(folder);
    if (why) return wrong(about, `${folder}: ${why}. Make that directory writable`);
    const name = await claimUnixName(where);
    return name instanceof Refusal ? wrong(about, name.message) : ok(about, 'can be made');
  }
  if (where.port === 0) return ok(about, 'a free port will be taken');
  try {
    // On IPv4 this meets IPv6 listeners of every address too.
    const hostname = where.host === '*' ? '0.0.0.0' : where.host;
    Bun.listen({ hostname, port: where.port, exclusive: true, socket: { data() {} } }).stop(true);
    return ok(about, 'free');
  } catch (error) {
    return wrong(about, listenRefusal(where, error).message);
  }
}

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
  return [ok('data', `${folder} is writable`), ...(await checkDatabase(folder))];
}

async function checkDatabase(folder: string): Promise<Finding[]> {
  // Loaded here, so that the other commands need not wait for SQLite.
  const { checkStore } = await import('../backend/embedded/check.ts');
  const { storeFile } = await import('../backend/embedded/open.ts');
  const about = 'database';
  if (!existsSync(storeFile(folder))) return [ok(about, 'will be made')];
  try {
    const { file, findings, stats } = checkStore(folder);
    const advice = `Copy ${file} away, then restore a backup or try: sqlite3 ${file} .recover`;
    if (findings.length > 0) return findings.map(finding => wrong(about, `${finding}. ${advice}`));
    const { accounts = 0, rooms = 0, events = 0, bytes = 0 } = stats ?? {};
    return [ok(about, `sound: ${events} events, ${rooms} rooms, ${accounts} accounts, ${megabytes(bytes)}`)];
  } catch (error) {
    if (error instanceof Refusal) return [wrong(about, error.message)];
    throw error;
  }
}

function checkOpenFiles(connections: number): Finding {
  const about = 'open files';
  const most = systemWorld.openFiles();
  const enough = connections <= mostConnections(most);
  return enough
    ? ok(about, `${most ?? 'as many as wanted'}, enough for ${connections} connections`)
    : warning(about, tooFewFiles(most, connections));
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

function day(date: string): string {
  return new Date(date).toISOString().slice(0, 10);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
