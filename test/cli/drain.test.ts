import { expect, test } from 'bun:test';
import { Desk, NobodyThere, type Send } from '../../src/cli/desk.ts';
import { drainWith } from '../../src/cli/drain.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { StatusJson } from '../../src/http/api/daemon-shapes.ts';
import { fakeWorld } from '../helper/world.ts';

const none = { total: 0, perSecond: 0 };

function status(pid: number, people: number): StatusJson {
  return {
    version: '1.2.3',
    server: 'here',
    pid,
    startedAt: '2026-01-15T10:00:00.000Z',
    uptimeMs: 0,
    health: { state: 'stopping', why: 'parley is stopping' },
    listening: [],
    connections: { text: people, json: 0, irc: 0 },
    names: 0,
    rooms: { inUse: 0, all: 0 },
    messages: none,
    deliveries: none,
    memoryBytes: 0,
    outboxBytes: 0,
    lagMs: 0,
    commitMs: 0,
    storeBytes: 0,
    waitingMessages: 0,
  };
}

/** Drains a parley that answers these, one after the other, and then nothing; `alive`: whether its process is there. */
async function drained(answers: readonly StatusJson[], alive: () => boolean) {
  const left = [...answers];
  const send: Send = async (method, path) => {
    if (method === 'POST') return Response.json({ connections: 2, timeoutMs: 5000 }, { status: 202 });
    const next = left.shift();
    if (path !== '/api/status' || !next) throw new NobodyThere('here');
    return Response.json(next);
  };
  let now = 0;
  const clock = {
    now: () => now,
    after: (ms: number, run: () => void) => {
      now += ms;
      queueMicrotask(run);
      return () => {};
    },
  };
  const said: string[] = [];
  const io = { print: async () => {}, say: (text: string) => void said.push(text), secret: async () => '' };
  const { config } = loadSettings([], fakeWorld());
  const line = { verb: '', words: [], flags: new Map(), config };
  const code = await drainWith(clock, alive).run(line, new Desk(send, 'here'), io);
  return { code: code ?? 0, said };
}

test('it is told how far it has come, until the process is gone', async () => {
  let looks = 3;
  const { code, said } = await drained([status(7, 2), status(7, 2), status(7, 1)], () => looks-- > 0);
  expect(code).toBe(0);
  expect(said).toEqual([
    'stopping: 2 connections to be told and closed, at most 5 s',
    '1 connection left',
    'parley has stopped',
  ]);
});

test('it is over where the next parley answers already', async () => {
  const { code, said } = await drained([status(7, 2), status(8, 0)], () => true);
  expect([code, said.at(-1)]).toEqual([0, 'parley has stopped']);
});

test('a process that does not end is not waited for for ever', async () => {
  const { code, said } = await drained([status(7, 2)], () => true);
  expect([code, said.at(-1)]).toEqual([1, 'process 7 has not ended yet. To see why: its log']);
});
