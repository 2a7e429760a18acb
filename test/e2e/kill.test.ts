/**
 * Nothing shown is ever lost: parley is killed with SIGKILL at random moments under load, again and again on
 * one store. What any client was shown is in history exactly once afterwards, and every private message that
 * was reported as kept is delivered.
 */
import { afterAll, expect, test } from 'bun:test';
import { TextClient } from '../helper/client.ts';
import { Daemon, remove, scratch } from '../helper/daemon.ts';

const KILLS = 50;
const ROOMS = ['ops', 'dev'];
const dir = scratch();
afterAll(() => remove(dir));

/** The text of every line said, by the tag that makes it unique. */
const TAG = /(said-\d+-\w+-\d+)/;

interface Shown {
  /** Tags of lines that somebody was shown. */
  readonly lines: Set<string>;
  /** Tags of private messages that were reported as kept. */
  readonly kept: Set<string>;
}

/** Lets three people talk and write to one who is away, until the process is gone. */
async function load(daemon: Daemon, round: number, shown: Shown): Promise<void> {
  const people = await Promise.all(
    ['ann', 'ben', 'cat'].map(name => TextClient.signedIn(daemon.port, `${name}${round}`, ...ROOMS)),
  );
  const mailer = await TextClient.signedIn(daemon.port, `mailer${round}`);
  const talking = people.map(async (person, who) => {
    for (let n = 0; ; n++) {
      // What a person is shown paces the talk, so that kills meet every stage of a turn.
      for (let i = 0; i < 5; i++) person.send(`said-${round}-${who}-${n * 5 + i}`);
      if (n % 7 === 3) person.send(`/join ${ROOMS[n % 2] ?? 'ops'}`);
      await person.sync();
    }
  });
  const mailing = (async () => {
    for (let n = 0; ; n++) {
      const tag = `said-${round}-mail-${n}`;
      mailer.send(`msg away ${tag}`);
      await mailer.until('Your message is kept');
      shown.kept.add(tag);
    }
  })();
  const end = Promise.allSettled([...talking, mailing]);
  await Bun.sleep(Math.random() * 60);
  await daemon.kill();
  await end;
  for (const person of people)
    for (const line of person.received) {
      const tag = TAG.exec(line)?.[1];
      if (tag && line.includes('(in ')) shown.lines.add(tag);
    }
}

/** How often each tag is in the rooms' histories. */
async function history(daemon: Daemon, reader: string): Promise<Map<string, number>> {
  const client = await TextClient.signedIn(daemon.port, reader, ...ROOMS);
  const counts = new Map<string, number>();
  for (const room of ROOMS) {
    for (const line of await client.asks(`/history ${room} 10000000 after #0`)) {
      const tag = TAG.exec(line)?.[1];
      if (tag) counts.set(tag, (counts.get(tag) ?? 0) + 1);
    }
  }
  client.close();
  return counts;
}

test(`${KILLS} kills under load lose nothing that was shown and nothing that was kept`, async () => {
  const shown: Shown = { lines: new Set(), kept: new Set() };
  const away = await Daemon.start('--data', dir, '--limits', 'off');
  (await TextClient.signedIn(away.port, 'away')).close();
  await away.kill();
  const delivered = new Map<string, number>();

  for (let round = 0; round < KILLS; round++) {
    await load(
      await Daemon.start('--data', dir, '--limits', 'off', '--waiting-messages', '100000'),
      round,
      shown,
    );
  }

  const daemon = await Daemon.start('--data', dir, '--limits', 'off');
  const counts = await history(daemon, 'reader');
  expect([...shown.lines].filter(tag => counts.get(tag) !== 1)).toEqual([]);
  expect([...counts].filter(([, count]) => count !== 1)).toEqual([]);

  const client = await TextClient.signedIn(daemon.port, 'away');
  for (const line of client.received) {
    const tag = TAG.exec(line)?.[1];
    if (tag) delivered.set(tag, (delivered.get(tag) ?? 0) + 1);
  }
  expect([...shown.kept].filter(tag => delivered.get(tag) !== 1)).toEqual([]);
  // A load that never got going would prove nothing.
  expect(shown.lines.size).toBeGreaterThan(KILLS * 10);
  expect(shown.kept.size).toBeGreaterThan(KILLS);
  expect(await daemon.stop()).toBe(0);
}, 120_000);
