import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { Desk } from '../../src/cli/desk.ts';
import { eventsIn, type ServerEvent } from '../../src/cli/event-reader.ts';
import { linesIn } from '../../src/cli/log.ts';
import { SHOW_STATUS, statusPage } from '../../src/cli/status.ts';
import { loadSettings } from '../../src/config/load.ts';
import type { StatusJson } from '../../src/http/api/daemon-shapes.ts';
import { comment, frame } from '../../src/http/sse.ts';
import { fakeWorld } from '../helper/world.ts';

const STATUS: StatusJson = {
  version: '1.2.3',
  server: 'ship',
  pid: 42,
  startedAt: '2026-01-15T10:30:00.000Z',
  uptimeMs: 7_260_000,
  health: { state: 'ok', why: '' },
  listening: ['127.0.0.1:8080', 'http on 127.0.0.1:8081'],
  connections: { text: 40, json: 0, irc: 2 },
  names: 41,
  rooms: { inUse: 5, all: 17 },
  messages: { total: 12_345, perSecond: 3.2 },
  deliveries: { total: 1_234_567, perSecond: 320 },
  memoryBytes: 85 * 1024 * 1024,
  outboxBytes: 0,
  lagMs: 1.2,
  commitMs: 0.4,
  storeBytes: 12_900_000,
  waitingMessages: 1,
};

test('the status is a page for people', () => {
  expect(statusPage(STATUS).split('\n')).toEqual([
    'parley 1.2.3  on ship, pid 42, up 2 h 1 min, since 2026-01-15 10:30 UTC',
    'health        ok',
    'listening     127.0.0.1:8080, http on 127.0.0.1:8081',
    'people        41 names on 42 connections (40 text, 0 json, 2 irc)',
    'rooms         5 in use, 17 in all',
    'messages      12,345, 3.2 a second',
    'deliveries    1,234,567, 320 a second',
    'memory        85.0 MB, of it 0 B for slow readers',
    'lag           1.2 ms, commits 0.4 ms (the longest of 10 s)',
    'store         12.3 MB, 1 message waiting for their readers',
    '',
  ]);
});

test('its exit code says whether all is well', async () => {
  const { config } = loadSettings([], fakeWorld());
  const run = async (health: StatusJson['health'], ...flags: string[]) => {
    let out = '';
    const print = async (text: string) => {
      out += text;
    };
    const desk = new Desk(async () => Response.json({ ...STATUS, health }), 'here');
    const line = { verb: '', words: [], flags: new Map(flags.map(flag => [flag, []])), config };
    const code = await SHOW_STATUS.run(line, desk, { print, say: () => {}, secret: async () => '' });
    return { code, out };
  };
  expect((await run({ state: 'ok', why: '' })).code).toBe(0);
  const sick = await run({ state: 'full', why: 'the disk is full' });
  expect([sick.code, sick.out.split('\n')[1]]).toEqual([1, 'health        full: the disk is full']);
  expect(JSON.parse((await run({ state: 'slow', why: 'late' }, 'json')).out)).toMatchObject(STATUS_SLOW);
});

const STATUS_SLOW = { pid: 42, health: { state: 'slow', why: 'late' } };

/** The bytes in pieces, wherever they are cut. */
function pieces(bytes: Uint8Array, cuts: readonly number[]): ReadableStream<Uint8Array> {
  const places = [0, ...cuts.map(cut => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return new ReadableStream({
    start: controller => {
      for (const [at, from] of places.slice(0, -1).entries())
        controller.enqueue(bytes.slice(from, places[at + 1]));
      controller.close();
    },
  });
}

test('server-sent events are read as they were written, however they are cut', async () => {
  const event = fc.record({
    event: fc.constantFrom('line', 'tick', 'message'),
    data: fc.string({ unit: 'grapheme' }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(event), fc.array(fc.nat()), async (events, cuts) => {
      const bytes = Buffer.concat(events.flatMap(each => [comment('beat'), frame(each)]));
      const seen: ServerEvent[] = [];
      for await (const each of eventsIn(pieces(bytes, cuts))) seen.push(each);
      // Line ends in data come back as LF.
      expect(seen).toEqual(events.map(({ event, data }) => ({ event, data: data.replace(/\r\n?/g, '\n') })));
    }),
  );
});

test('lines of the log are cleaned again by who shows them', async () => {
  const line = { at: 7, level: 'warn', message: 'a\x1b[2J', fields: { 'b\n': 'c\u202e' } };
  const bytes = Buffer.concat([
    frame({ event: 'line', data: JSON.stringify(line) }),
    frame({ event: 'line', data: '{"at":"never"}' }),
    frame({ event: 'other', data: '{}' }),
  ]);
  const seen = await Array.fromAsync(linesIn(pieces(bytes, [])));
  expect(seen).toEqual([{ at: 7, level: 'warn', message: 'a\ufffd[2J', fields: { 'b\ufffd': 'c\ufffd' } }]);
});
