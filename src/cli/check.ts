/**
 * `parley check`: the doctor. Looks for whatever would keep these settings from working, and at the parley that
 * runs on them if one does; changes nothing, and says of each finding what to do. Exit 1 where something is
 * wrong.
 */
import { defineCommand } from 'citty';
import type { Loaded } from '../config/load.ts';
import { systemWorld } from '../config/world.ts';
import { mostConnections } from '../config.ts';
import { checkTls } from './check/certificate.ts';
import { loadWithCredentials } from './check/credentials.ts';
import { type Finding, ok, showFinding, warning, wrong } from './check/finding.ts';
import { checkListeners } from './check/listeners.ts';
import { findRunning, openFilesOf, type RunningParley } from './check/running.ts';
import { checkData } from './check/store.ts';
import { EXIT, print, tooFewFiles } from './edge.ts';
import { socketCandidates } from './sockets.ts';
import { dataOf } from './store.ts';

export default defineCommand({
  meta: { name: 'check' },
  async run({ rawArgs }) {
    const loaded = loadWithCredentials(rawArgs, systemWorld);
    // With wrong settings the rest would be about defaults that nobody means to run with.
    const findings =
      loaded.problems.length > 0
        ? loaded.problems.map(problem => wrong('settings', problem.message))
        : await look(loaded);
    const well = !findings.some(({ grade }) => grade === 'wrong');
    const json = loaded.switches.has('json');
    await print(
      json ? `${JSON.stringify({ ok: well, findings }, null, 2)}\n` : findings.map(showFinding).join(''),
    );
    return well ? EXIT.ok : EXIT.failed;
  },
});

async function look({ config, origins }: Loaded): Promise<Finding[]> {
  const data = dataOf(config);
  const running = await findRunning(socketCandidates(config), data);
  return [
    checkSecrets(origins.oper),
    ...(running?.findings ?? [ok('running', 'no parley runs on these settings')]),
    ...(await checkListeners(config, running)),
    ...(await checkTls(config, Date.now())),
    ...(await checkData(config, data)),
    checkOpenFiles(config.connections, running),
  ];
}

/** `oper` holds a password: who starts it with a flag shows that to everyone on the machine. */
function checkSecrets(origin: string): Finding {
  const about = 'settings';
  return origin === '--oper'
    ? warning(about, 'a password on the command line can be read by everyone here. Use the credential oper')
    : ok(about, 'all right');
}

function checkOpenFiles(connections: number, running: RunningParley | null): Finding {
  const about = 'open files';
  // systemd may allow it more than this shell.
  const most = openFilesOf(running?.pid ?? null) ?? systemWorld.openFiles();
  const enough = connections <= mostConnections(most);
  return enough
    ? ok(about, `${most ?? 'as many as wanted'}, enough for ${connections} connections`)
    : warning(about, tooFewFiles(most, connections));
}
