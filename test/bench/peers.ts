/**
 * parley beside its peers: InspIRCd and ngIRCd as Debian packages them, and a bare Bun loop that only splits
 * and fans out. Each in turn, several times, the server alone on one core, `parley bench` on the other; then
 * what only parley does. Prints tables with medians, spread and ratios, and the targets at the end.
 */
import { cpus } from 'node:os';
import { PINNING, pinLoad } from './kit/cores.ts';
import { endAfter } from './kit/deadline.ts';
import { progress } from './kit/report.ts';
import { spread } from './kit/stats.ts';
import { aloneTables } from './peer/alone.ts';
import { catchUp } from './peer/catch-up.ts';
import { coldStart, type History, history, storeOf } from './peer/history.ts';
import { type Group, measureRounds, Results } from './peer/measure.ts';
import { type Options, type Part, readOptions } from './peer/options.ts';
import { needPackages } from './peer/packages.ts';
import { mostOpenFiles } from './peer/proc.ts';
import { checkMarks, writeTables } from './peer/readme.ts';
import { bare, inspircd, ngircd, parley, versions } from './peer/servers.ts';
import { crowds, deliveries, latencies, storms } from './peer/side-by-side.ts';
import { number, render, type Table } from './peer/tables.ts';
import { targets } from './peer/targets.ts';
import {
  bigRoom,
  type Cast,
  commonMaximum,
  idleCrowd,
  manyRooms,
  openLoop,
  privately,
  stormIn,
} from './peer/workloads.ts';

/** Files that server and load need beside the most connections: store, listeners, the runtime's own. */
const FILES = 10_100 + 200;
/** Minutes until a run is broken off, the writing of stores included. */
const PATIENCE = 90;
/** Per cent of the server's core that others may use before the run is called disturbed. */
const QUIET = 5;

const options = readOptions();
needPackages(options.install);
if (options.write) await checkMarks();
if (mostOpenFiles() < FILES) {
  process.stderr.write(
    `A process here may have ${mostOpenFiles()} open files (ulimit -Hn); this takes ${FILES}.\n`,
  );
  process.exit(2);
}
endAfter(PATIENCE * 60);
// By way of `exit`, so that no server is left behind.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
pinLoad();

const began = performance.now();
const results = new Results();
const cast: Cast = { parley: parley(options.binary), inspircd, ngircd, bare };
const wanted = (part: Part): boolean => options.parts.has(part);

// Before anything is measured: it takes the load's core for minutes.
for (const lines of options.lines) if (wanted('history') || wanted('cold')) await storeOf(lines, options);

const tables = [...(await besideTheOthers(options)), ...(await byItself(options))];
const text = [...tables.map(render), conditions(options)].join('\n\n');
process.stdout.write(`${text}\n`);
for (const failure of results.failures) process.stdout.write(`FAILED: ${failure}\n`);
if (results.failures.length > 0) process.exitCode = 1;
else if (options.write) await writeTables(text);
process.exit();

async function besideTheOthers({ quick }: Options): Promise<Table[]> {
  const made: Table[] = [];
  const run = async (part: Part, group: Group): Promise<Group[]> => {
    if (!wanted(part)) return [];
    await measureRounds(group, options, results);
    return [group];
  };
  const closed = [
    ...(await run('big', bigRoom(cast, quick))),
    ...(await run('many', manyRooms(cast, quick))),
    ...(await run('private', privately(cast))),
  ];
  if (closed.length > 0) made.push(deliveries('Deliveries, closed loop', closed, results));
  const maximum = commonMaximum(cast, results);
  if (Number.isNaN(maximum) && wanted('open'))
    progress('the open loop is left out: its rates come from --only big');
  else
    for (const group of await run('open', openLoop(cast, maximum, quick)))
      made.push(latencies(group, results));
  const { talk, crowd } = idleCrowd(cast, quick);
  await run('idle', talk);
  for (const group of await run('idle', crowd)) made.push(crowds(group, results));
  for (const group of await run('storm', stormIn(cast, quick))) made.push(storms(group, results));
  return made;
}

async function byItself({ lines, out }: Options): Promise<Table[]> {
  const caughtUp = await attempt('catch-up', () => catchUp(options));
  const histories: History[] = [];
  for (const each of lines) {
    const read = await attempt('history', () => history(each, options));
    if (read) histories.push(read);
  }
  const [least] = lines;
  const cold = least === undefined ? null : await attempt('cold', () => coldStart(least, options));
  const alone = { catchUp: caughtUp, histories, cold };
  if (out !== '') await Bun.write(out, JSON.stringify({ results, alone }, null, 1));
  return [...aloneTables(alone), targets(results, alone)];
}

/** Null where it was not asked for or failed: what else was measured stays good. */
async function attempt<T>(part: Part, work: () => Promise<T>): Promise<T | null> {
  if (!wanted(part)) return null;
  try {
    return await work();
  } catch (error) {
    results.failures.push(`${part}: ${error instanceof Error ? error.message : String(error)}`);
    return null;
  }
}

function conditions({ rounds, seconds, size, binary, quick }: Options): string {
  const others = spread(results.others);
  const minutes = (performance.now() - began) / 60_000;
  const disturbed =
    others.median > QUIET
      ? ` DISTURBED: other processes took ${number(others.median)} % of the server’s core (median; at most ${number(others.high)} %).`
      : '';
  return [
    `Medians (least–most) of ${rounds} rounds of ${seconds} s${quick ? ', far too short to prove anything' : ''}; ${size} bytes of text a line.`,
    `${PINNING} ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown'}; ${versions(binary)}.`,
    `parley keeps durable history; its peers keep none. ${number(minutes)} minutes in all.${disturbed}`,
  ].join(' ');
}
