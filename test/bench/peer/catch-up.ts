/**
 * Two hundred accounts sign in at once, each with a thousand missed lines: a hundred, which is what is shown of
 * one room, in each of ten rooms. Then they sign in again with nothing missed, which is what the passwords cost.
 */
import { cpSync } from 'node:fs';
import { remove, scratch } from '../../helper/daemon.ts';
import { inParallel, LoadClient, takeLines } from '../kit/load-client.ts';
import { progress } from '../kit/report.ts';
import { Server } from '../kit/server.ts';
import { Samples, type Spread, spread } from '../kit/stats.ts';
import type { Options } from './options.ts';
import { Probe } from './probe.ts';

export interface CatchUp {
  readonly accounts: number;
  /** Sign-ins a second, passwords and all. */
  readonly perSecond: Spread;
  /** ms from the password's being right to the last missed line. */
  readonly shownP50: Spread;
  readonly shownP99: Spread;
  /** ms of the server's time for a sign-in with a thousand missed lines, and with none. */
  readonly cpu: Spread;
  readonly cpuNoneMissed: Spread;
  /** ms that a line between two others took meanwhile, at most. */
  readonly slowest: Spread;
  readonly slowestNoneMissed: Spread;
}

const ROOMS = 10;
/** What parley shows of one room. */
const LINES = 100;
/** Accounts that are in the same ten rooms. */
const TOGETHER = 10;
const PASSWORD = 'hunter2-hunter2';
/** Accounts made at a time. */
const WIDTH = 16;

export async function catchUp(options: Options): Promise<CatchUp> {
  const accounts = options.quick ? 20 : 200;
  const prepared = scratch();
  try {
    progress(`catch-up: ${accounts} accounts, ${ROOMS * LINES} missed lines each`);
    await prepare(prepared, accounts, options);
    const missed: Pass[] = [];
    const none: Pass[] = [];
    for (let round = 1; round <= options.rounds; round++) {
      progress(`round ${round} of ${options.rounds}: catch-up`);
      const dir = scratch();
      cpSync(prepared, dir, { recursive: true });
      const server = await Server.parley(['--data', dir], options.binary);
      missed.push(await signIn(server, accounts, ROOMS * LINES));
      none.push(await signIn(server, accounts, 0));
      await server.kill();
      remove(dir);
    }
    const of = (passes: readonly Pass[], field: keyof Pass): Spread =>
      spread(passes.map(pass => pass[field]));
    return {
      accounts,
      perSecond: of(missed, 'perSecond'),
      shownP50: of(missed, 'shownP50'),
      shownP99: of(missed, 'shownP99'),
      cpu: of(missed, 'cpu'),
      cpuNoneMissed: of(none, 'cpu'),
      slowest: of(missed, 'slowest'),
      slowestNoneMissed: of(none, 'slowest'),
    };
  } finally {
    remove(prepared);
  }
}

async function prepare(dir: string, accounts: number, { binary, size }: Options): Promise<void> {
  const server = await Server.parley(['--data', dir], binary);
  await inParallel(accounts, WIDTH, async at => {
    const client = await LoadClient.connect(server.port);
    await client.ask(`register account${at} ${PASSWORD}\n`, '* Next: ');
    for (const room of roomsOf(at)) await client.ask(`/join ${room}\n`, `* You are in ${room}.`);
    client.close();
  });
  const line = `${'x'.repeat(size)}\n`;
  for (let at = 0; at < accounts; at += TOGETHER) {
    const talker = await LoadClient.signedIn(server.port, `talker${at}`);
    for (const room of roomsOf(at)) {
      await talker.ask(`/join ${room}\n`, `* You are in ${room}.`);
      talker.send(line.repeat(LINES));
    }
    // Answered when all before it is kept.
    await talker.ask('/rooms\n', '* ');
    talker.close();
  }
  await server.stop();
}

function roomsOf(account: number): string[] {
  return Array.from({ length: ROOMS }, (_, at) => `room${Math.floor(account / TOGETHER)}x${at}`);
}

interface Pass {
  readonly perSecond: number;
  readonly shownP50: number;
  readonly shownP99: number;
  readonly cpu: number;
  readonly slowest: number;
}

async function signIn(server: Server, accounts: number, missed: number): Promise<Pass> {
  const shown = new Samples();
  const probe = await Probe.in(server.port);
  probe.start();
  const cpu = server.cpu;
  const began = performance.now();
  const clients = await inParallel(accounts, accounts, async at => {
    const client = await LoadClient.connect(server.port);
    const { lines, took } = await greeted(client, at);
    if (lines !== missed) throw new Error(`account ${at} was shown ${lines} missed lines, not ${missed}`);
    shown.add(took);
    return client;
  });
  const took = performance.now() - began;
  const used = server.cpu - cpu;
  await probe.stop();
  probe.close();
  for (const client of clients) client.close();
  return {
    perSecond: (accounts / took) * 1000,
    shownP50: shown.quantile(0.5),
    shownP99: shown.quantile(0.99),
    cpu: used / accounts,
    slowest: probe.times.most,
  };
}

/** Signs in; how many missed lines were shown, and how long that took once the password was right. */
function greeted(client: LoadClient, account: number): Promise<{ lines: number; took: number }> {
  return new Promise((resolve, reject) => {
    let lines = 0;
    let right = 0;
    takeLines(client, line => {
      if (line.endsWith(', signed in to your account.')) right = performance.now();
      else if (line.startsWith('[')) lines++;
      else if (line.startsWith('! ')) reject(new Error(line));
      else if (line.includes('lines you type are said there'))
        resolve({ lines, took: performance.now() - right });
    });
    client.send(`login account${account} ${PASSWORD}\n`);
  });
}
