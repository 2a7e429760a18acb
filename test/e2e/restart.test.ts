/** A restart over which the service manager keeps the connections. */
import { afterAll, expect, test } from 'bun:test';
import { join } from 'node:path';
import { TextClient } from '../helper/client.ts';
import { BINARY, remove, scratch } from '../helper/daemon.ts';
import { closeAll, Keeper } from '../helper/keeper.ts';

const home = scratch();
afterAll(() => remove(home));

/** Starts parley as a service whose descriptors are kept; `fds` are those that were. Resolves with its port. */
async function service(keeper: Keeper, port: number, fds: readonly number[]) {
  const child = Bun.spawn(
    [
      ...['sh', '-c', 'export LISTEN_PID=$$; exec "$0" "$@"', BINARY],
      ...['--host', '127.0.0.1', '--port', String(port), '--http-port', 'off', '--data', join(home, 'data')],
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit', ...fds],
      env: {
        PATH: process.env['PATH'] ?? '',
        NOTIFY_SOCKET: keeper.path,
        FDSTORE: '100',
        ...(fds.length > 0 && {
          LISTEN_FDS: String(fds.length),
          LISTEN_FDNAMES: fds.map(() => 'handover').join(':'),
        }),
      },
    },
  );
  // The descriptors are the child's now.
  closeAll(fds);
  const { value } = await child.stdout.getReader().read();
  return { child, port: Number(/:(\d+)\n/.exec(new TextDecoder().decode(value))?.[1]) };
}

test('people, their rooms and what they were typing are there again after a restart', async () => {
  const keeper = Keeper.open(join(home, 'notify'));
  const first = await service(keeper, 0, []);
  const alice = await TextClient.signedIn(first.port, 'alice', 'ops');
  const bob = await TextClient.signedIn(first.port, 'bob', 'ops');
  await alice.sync();
  alice.write(Buffer.from('one half '));
  await bob.sync();
  first.child.kill('SIGTERM');
  expect(await first.child.exited).toBe(0);
  const kept = keeper.all().filter(({ text }) => text === 'FDSTORE=1\nFDNAME=handover');
  const fds = kept.flatMap(message => message.fds);
  expect(fds.length).toBe(3);

  // In another order: they are known by what they are.
  const second = await service(keeper, first.port, fds.toReversed());
  alice.write(Buffer.from('and the other\n'));
  expect(await bob.until('and the other')).toEqual([expect.stringContaining('alice (in ops): one half and')]);
  expect(keeper.all().map(({ text }) => text)).toContain('FDSTOREREMOVE=1\nFDNAME=handover');

  // What was kept of somebody who is gone is let go, and the others are told.
  second.child.kill('SIGTERM');
  await second.child.exited;
  const again = keeper.all().flatMap(message => message.fds);
  const third = await service(keeper, first.port, again);
  expect(await alice.asks('/who bob')).toEqual([expect.stringContaining('ops')]);
  third.child.kill('SIGINT');
  await alice.until('parley is stopping');
  expect(await third.child.exited).toBe(0);
  keeper.close();
}, 30_000);

test('what another version kept is let go, and the start goes on', async () => {
  const keeper = Keeper.open(join(home, 'notify-2'));
  const first = await service(keeper, 0, []);
  const alice = await TextClient.signedIn(first.port, 'alice', 'ops');
  first.child.kill('SIGTERM');
  await first.child.exited;
  const [, ...connections] = keeper.all().flatMap(message => message.fds);
  // Without the file that says whose they are.
  const second = await service(keeper, first.port, connections);
  await alice.ended();
  const back = await TextClient.signedIn(second.port, 'alice', 'ops');
  await back.sync();
  second.child.kill('SIGINT');
  expect(await second.child.exited).toBe(0);
  keeper.close();
}, 30_000);
