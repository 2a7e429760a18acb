/** Whether every listener of the settings can be had, or is had already by the parley that runs. */
import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { Refusal } from '../../chat/errors.ts';
import { AUTO_SOCKET, httpPlacesOf, listenersOf } from '../../config/listen.ts';
import type { Config } from '../../config.ts';
import { formatListen, type Listen } from '../../net/address.ts';
import { listenRefusal } from '../../net/failure.ts';
import { claimUnixName } from '../../net/unix.ts';
import { type Finding, ok, wrong } from './finding.ts';
import { ownerOf, type RunningParley } from './running.ts';
import { notWritable } from './store.ts';

export async function checkListeners(config: Config, running: RunningParley | null): Promise<Finding[]> {
  // A socket beside a database that is not there yet will be where that will be.
  const possible = (where: Listen) =>
    where.kind === 'tcp' || config.httpSocket !== AUTO_SOCKET || existsSync(config.data);
  const places = [...listenersOf(config), ...httpPlacesOf(config).filter(possible)];
  return await Promise.all(places.map(where => checkListener(where, running)));
}

async function checkListener(where: Listen, running: RunningParley | null): Promise<Finding> {
  const about = formatListen(where);
  if (where.kind === 'unix') return await checkSocket(about, where, running);
  if (where.port === 0) return ok(about, 'a free port will be taken');
  try {
    // On IPv4 this meets IPv6 listeners of every address too.
    const hostname = where.host === '*' ? '0.0.0.0' : where.host;
    Bun.listen({ hostname, port: where.port, exclusive: true, socket: { data() {} } }).stop(true);
    return ok(about, 'free');
  } catch (error) {
    const refused = listenRefusal(where, error);
    if (refused.code !== 'port-in-use') return wrong(about, refused.message);
    const { ours, who } = ownerOf(where.port, running);
    return ours ? ok(about, `held by ${who}`) : wrong(about, `${refused.message}. It is held by ${who}`);
  }
}

async function checkSocket(
  about: string,
  where: Extract<Listen, { kind: 'unix' }>,
  running: RunningParley | null,
): Promise<Finding> {
  const folder = dirname(resolve(where.path));
  const why = notWritable(folder);
  if (why) return wrong(about, `${folder}: ${why}. Make that directory writable`);
  const name = await claimUnixName(where);
  if (!(name instanceof Refusal)) return ok(about, 'can be made');
  const ours = name.code === 'port-in-use' && running !== null;
  return ours ? ok(about, 'held by the running parley') : wrong(about, name.message);
}
