import { afterEach, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedBackend } from '../../src/backend/embedded/backend.ts';
import { FakeClock } from '../helper/clock.ts';
import { ManualTurn } from '../helper/turn.ts';

const dir = mkdtempSync(join(tmpdir(), 'parley-commit-'));
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('each transaction of the store is measured once, before anybody is told of it', async () => {
  const clock = new FakeClock();
  const turn = new ManualTurn();
  const quiet = () => {};
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const told: string[] = [];
  let time = 0;
  const meter = {
    // Each look takes a moment: a transaction is two of them apart.
    now: () => ++time,
    committed: (ms: number) => void told.push(`took ${ms}`),
    delivered: quiet,
  };
  const backend = new EmbeddedBackend({
    turn,
    clock,
    log,
    meter,
    dir,
    sync: 'normal',
    mailbox: 10,
    retention: { age: 0, lines: 0, bytes: 0 },
  });
  await backend.start({
    committed: batch => void told.push(`kept ${batch.length}`),
    refused: quiet,
    claimLost: quiet,
    stalled: quiet,
    recovered: quiet,
  });
  await turn.settle();
  told.length = 0;
  const said = { type: 'message', room: 'ops', from: 'alice' } as const;
  backend.post({ ...said, text: 'one' }, null);
  backend.post({ ...said, text: 'two' }, null);
  turn.end();
  expect(told).toEqual(['took 1', 'kept 2']);
  turn.end();
  expect(told).toHaveLength(2);
  await backend.stop();
});
