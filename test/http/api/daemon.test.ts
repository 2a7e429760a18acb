/** The routes of the daemon itself: its status, its log, and what is asked of it in place of a signal. */
import { describe, expect, test } from 'bun:test';
import { parse } from 'valibot';
import { type Refusal, refusal } from '../../../src/chat/errors.ts';
import { controlRoutes } from '../../../src/http/api/control.ts';
import { DRAINING, LOG_LINE, RELOADED, STATUS, UPGRADING } from '../../../src/http/api/daemon-shapes.ts';
import { LogStreams } from '../../../src/http/api/log.ts';
import { statusRoute } from '../../../src/http/api/status.ts';
import { needRefusal } from '../../../src/http/router.ts';
import type { Reloaded } from '../../../src/ops/control.ts';
import { createLog } from '../../../src/ops/log.ts';
import { FakeClock } from '../../helper/clock.ts';
import { basic, HttpChat, problemOf } from '../../helper/http.ts';
import { Watched } from '../../helper/ops.ts';
import { Reader, streamAsk } from '../../helper/sse.ts';

const LOCAL = { from: '' };

describe('the status', () => {
  async function world() {
    const watched = await Watched.start();
    const { chat, recorder, check } = watched;
    const route = statusRoute({
      hub: chat.hub,
      clock: chat.clock,
      recorder,
      check,
      outbox: { bytes: 5 },
      version: '1.2.3',
      pid: 42,
      serverName: () => 'here',
      listening: () => ['127.0.0.1:8080'],
      memory: () => 1000,
    });
    // It looks at nothing of what it is asked.
    const ask = async () => parse(STATUS, await (await route.run({} as never)).json());
    return { watched, chat, route, ask };
  }

  test('says who is there, how busy it is, and how it does', async () => {
    const { watched, chat, ask, route } = await world();
    expect(route.need).toBe('operator');
    const alice = await chat.person('alice', 'ops');
    await chat.person('bob', 'ops');
    await chat.account('carol', 'correct horse');
    for (let i = 0; i < 20; i++) await alice.types(`line ${i}`);
    await watched.seconds(10);
    expect(await ask()).toEqual({
      version: '1.2.3',
      server: 'here',
      pid: 42,
      startedAt: new Date(watched.recorder.startedAt).toISOString(),
      uptimeMs: 10_000,
      health: { state: 'ok', why: '' },
      listening: ['127.0.0.1:8080'],
      connections: { text: 3, json: 0, irc: 0 },
      names: 3,
      rooms: { inUse: 1, all: 1 },
      messages: { total: 20, perSecond: 2 },
      deliveries: { total: expect.any(Number), perSecond: expect.any(Number) },
      memoryBytes: 1000,
      outboxBytes: 5,
      lagMs: 0,
      commitMs: 0,
      storeBytes: expect.any(Number),
      waitingMessages: 0,
    });
    await alice.drops();
    await (await chat.person('dave')).types('message carol hello', 'message alice hello');
    expect(await ask()).toMatchObject({ names: 3, waitingMessages: 1 });
  });

  test('says what is wrong', async () => {
    const { watched, ask } = await world();
    watched.trouble = 'the disk is full';
    expect((await ask()).health).toEqual({ state: 'full', why: 'the disk is full' });
    watched.trouble = null;
    watched.behind = 900;
    await watched.seconds(1);
    expect((await ask()).health.state).toBe('slow');
  });
});

describe('a reload and a drain', () => {
  async function world(outcome: Reloaded | Refusal = { changed: ['line-rate'], restart: ['port'] }) {
    const asked: string[] = [];
    const control = {
      reload: async (by: string) => {
        asked.push(`reload by ${by}`);
        if ('code' in outcome) throw outcome;
        return outcome;
      },
      upgrade: async (by: string) => {
        asked.push(`upgrade by ${by}`);
        if ('code' in outcome) throw outcome;
        return '9.0';
      },
      stop: (by: string) => void asked.push(`stop by ${by}`),
    };
    const http = await HttpChat.start(({ chat }) =>
      controlRoutes({ control, connections: () => chat.hub.sessions.size, drainTimeout: () => 5000 }),
    );
    return { http, asked };
  }

  test('are asked for over the unix socket, and answered with what comes of it', async () => {
    const { http, asked } = await world();
    await http.chat.person('alice');
    const reloaded = await http.asks('POST', '/api/reload', LOCAL);
    expect([reloaded.status, parse(RELOADED, await reloaded.json())]).toEqual([
      200,
      { changed: ['line-rate'], restart: ['port'] },
    ]);
    const upgrading = await http.asks('POST', '/api/upgrade', LOCAL);
    expect([upgrading.status, parse(UPGRADING, await upgrading.json())]).toEqual([202, { version: '9.0' }]);
    const draining = await http.asks('POST', '/api/drain', LOCAL);
    expect([draining.status, parse(DRAINING, await draining.json())]).toEqual([
      202,
      { connections: 1, timeoutMs: 5000 },
    ]);
    expect(asked).toEqual(['reload by parley', 'upgrade by parley', 'stop by parley']);
  });

  test('that cannot be is refused with what is wrong', async () => {
    const { http } = await world(refusal('bad-setting', 'port, from --port: no'));
    const answer = await http.asks('POST', '/api/reload', LOCAL);
    expect(await answer.json()).toMatchObject({
      status: 500,
      code: 'bad-setting',
      detail: 'port, from --port: no',
    });
  });

  test('are for nobody from outside, operators of the server neither', async () => {
    const { http, asked } = await world();
    const { chat } = http;
    await (await chat.account('root', 'correct horse')).drops();
    await http.during(chat.backend.setOperator('root' as never, true));
    for (const path of ['/api/reload', '/api/upgrade', '/api/drain']) {
      expect(await problemOf(await http.asks('POST', path))).toEqual([403, 'local-only']);
      const headers = basic('root', 'correct horse');
      expect(await problemOf(await http.asks('POST', path, { headers }))).toEqual([403, 'local-only']);
    }
    expect(asked).toEqual([]);
    expect(needRefusal('local', { kind: 'local' })).toBeNull();
  });
});

describe('the log', () => {
  function world() {
    const clock = new FakeClock();
    const target = {
      write: () => {},
      now: () => 7,
      after: () => {},
      terminal: false,
      journal: false,
      color: false,
    };
    const log = createLog({ level: 'info', format: 'plain' }, target);
    const streams = new LogStreams(log.tail, clock);
    const follow = async (level: string, recent?: number) => {
      const ask = streamAsk();
      // What the route looks at, as the router would give it.
      const given = { ...ask, query: { level, recent } } as never;
      return { ask, reader: new Reader(await streams.route.run(given)) };
    };
    const line = async (reader: Reader) => parse(LOG_LINE, await reader.expect('line'));
    return { clock, log, streams, follow, line };
  }

  test('is for operators: its newest lines first, then each as it comes', async () => {
    const { log, streams, follow, line } = world();
    expect(streams.route.need).toBe('operator');
    for (const message of ['one', 'two', 'three']) log.info(message);
    const { reader } = await follow('debug', 2);
    log.warn('four', { name: 'eve\x1b' });
    log.debug('five');
    for (const [level, message] of [
      ['info', 'two'],
      ['info', 'three'],
      ['warn', 'four'],
      ['debug', 'five'],
    ] as const)
      expect(await line(reader)).toMatchObject({ at: 7, level, message });
    await reader.leave();
    expect(streams.watchers).toBe(0);
    expect(log.tail.wanted).toBe(false);
  });

  test('shows that it is alive while nothing is logged', async () => {
    const { clock, follow } = world();
    const { reader } = await follow('info');
    await reader.read();
    clock.advance(15_000);
    await reader.read();
    expect(reader.parser.comments).toEqual(['beat']);
    await reader.leave();
    clock.advance(15_000);
    expect(clock.pending).toBe(0);
  });

  test('ends with the server', async () => {
    const { clock, log, streams, follow, line } = world();
    const { reader } = await follow('info');
    log.info('last');
    streams.close();
    expect(await line(reader)).toMatchObject({ message: 'last' });
    expect(await reader.next()).toBeNull();
    expect([streams.watchers, clock.pending]).toEqual([0, 0]);
  });

  test('is not kept for a reader that does not read', async () => {
    const { log, streams, follow } = world();
    await follow('info');
    for (let i = 0; i < 3000; i++) log.info(`${i} ${'x'.repeat(1000)}`);
    expect(streams.watchers).toBe(0);
    expect(log.tail.wanted).toBe(false);
  });
});
