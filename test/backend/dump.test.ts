/** What is exported comes back with the same times, ids and speakers, once, or is refused by its line number. */
import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { checkStore } from '../../src/backend/embedded/check.ts';
import { type ExportChoice, exportStore } from '../../src/backend/embedded/export.ts';
import { type Imported, importLines } from '../../src/backend/embedded/import.ts';
import { Refusal } from '../../src/chat/errors.ts';
import { fold } from '../../src/chat/names.ts';
import { clean } from '../../src/chat/text.ts';
import { said, toOne } from '../contract/backend.ts';
import { enter, keep, RecordingLog, startEmbedded, UNBOUNDED } from '../contract/harness.ts';
import { FakeClock } from '../helper/clock.ts';

const NOW = Date.UTC(2027, 0, 1);
const ALL: ExportChoice = { rooms: null, since: 0, until: Number.MAX_SAFE_INTEGER, private: true };

let dir: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'parley-test-'));
});

afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const at = (name: string): string => join(dir, name);
const exported = (name: string, choice: ExportChoice = ALL): string =>
  [...exportStore(at(name), choice)].join('');

async function* each(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

interface Outcome {
  readonly imported: Imported | string;
  readonly bad: readonly (readonly [number: number, why: string])[];
}

async function importInto(name: string, lines: readonly string[], skipBad = false): Promise<Outcome> {
  const bad: [number, string][] = [];
  try {
    const imported = await importLines(at(name), each(lines), {
      skipBad,
      now: NOW,
      log: new RecordingLog(),
      bad: (number, why) => bad.push([number, why]),
      progress: () => {},
    });
    return { imported, bad };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { imported: error.code, bad };
  }
}

const linesOf = (text: string): string[] => text.split('\n').filter(Boolean);
const time = (seconds: number): string => new Date(Date.UTC(2026, 0, 15, 10, 0, seconds)).toISOString();
const message = (seconds: number, text: string, more: object = {}): string =>
  JSON.stringify({ type: 'message', at: time(seconds), room: 'ops', from: 'alice', text, ...more });

/** A store with something of everything that is exported, and of what is not. */
async function makeStore(name: string): Promise<void> {
  const opened = await startEmbedded(at(name), UNBOUNDED, new FakeClock());
  await enter(opened, 'alice', 'account');
  await enter(opened, 'bob', 'guest');
  await keep(opened, { type: 'join', room: 'ops', from: 'alice', account: true, operator: true });
  await keep(opened, said('ops', 'alice', 'hello'));
  await opened.pass(1000);
  await keep(opened, { type: 'action', room: 'ops', from: 'Bob', text: 'waves' });
  await keep(opened, { type: 'topic', room: 'ops', from: 'alice', text: 'the topic' });
  await keep(opened, said('hidden', 'alice', 'psst'));
  await keep(opened, { type: 'mode', room: 'hidden', from: 'alice', change: { mode: 'unlisted', on: true } });
  await keep(opened, { type: 'mode', room: 'hidden', from: 'alice', change: { mode: 'key', key: 'sesame' } });
  await keep(opened, toOne('alice', 'bob', 'just us'));
  await keep(opened, toOne('bob', 'alice', 'yes'));
  opened.backend.delivered(fold('alice'), [9]);
  await opened.settle();
  await opened.backend.stop();
}

describe('an export', () => {
  beforeEach(() => makeStore('one'));

  test('has rooms, lines, actions, topics and private messages in the shape of the API', () => {
    expect(linesOf(exported('one')).map(line => JSON.parse(line))).toEqual([
      expect.objectContaining({
        type: 'room',
        room: 'ops',
        topic: expect.objectContaining({ text: 'the topic' }),
      }),
      expect.objectContaining({ type: 'room', room: 'hidden', unlisted: true, key: 'sesame' }),
      expect.objectContaining({ type: 'message', id: 2, room: 'ops', from: 'alice', text: 'hello' }),
      expect.objectContaining({ type: 'action', id: 3, room: 'ops', from: 'Bob', text: 'waves' }),
      expect.objectContaining({ type: 'topic', id: 4, text: 'the topic' }),
      expect.objectContaining({ type: 'message', id: 5, room: 'hidden', text: 'psst' }),
      expect.objectContaining({ type: 'private', id: 8, from: 'alice', to: 'bob', waiting: true }),
      expect.objectContaining({ type: 'private', id: 9, from: 'bob', to: 'alice', text: 'yes' }),
    ]);
    expect(exported('one')).not.toMatch(/"id":9,.*waiting/);
  });

  test('has private messages only where they are asked for', () => {
    expect(exported('one', { ...ALL, private: false })).not.toContain('just us');
  });

  test('is of the rooms and the time that are asked for', () => {
    const ops = exported('one', { ...ALL, rooms: ['OPS'], private: false });
    expect(ops).toContain('hello');
    expect(ops).not.toContain('hidden');
    const first = JSON.parse(linesOf(ops)[1] ?? '');
    const later = exported('one', {
      ...ALL,
      rooms: ['ops'],
      private: false,
      since: Date.parse(first.at) + 1,
    });
    expect(later).not.toContain('hello');
    expect(later).toContain('waves');
    const earlier = exported('one', { ...ALL, private: false, until: Date.parse(first.at) + 1 });
    expect(earlier).toContain('hello');
    expect(earlier).not.toContain('waves');
  });

  test('of a room that is not there is refused', () => {
    expect(() => exported('one', { ...ALL, rooms: ['ops', 'nowhere'] })).toThrow();
  });
});

describe('an import', () => {
  test('gives the same export again, and a store that is sound', async () => {
    await makeStore('one');
    const text = exported('one');
    const { imported } = await importInto('two', linesOf(text));
    expect(imported).toEqual({ added: 6, renumbered: 0, rooms: 2, there: 0, bad: 0 });
    expect(exported('two')).toBe(text);
    expect(checkStore(at('two')).findings).toEqual([]);
  });

  test('is found by history and search, and what waited is waiting', async () => {
    await makeStore('one');
    await importInto('two', linesOf(exported('one')));
    const opened = await startEmbedded(at('two'), UNBOUNDED, new FakeClock());
    await opened.pass(5000);
    const scope = { room: fold('ops') };
    const history = await opened.backend.history({ scope, only: 'said', limit: 10 });
    expect(history.map(({ type }) => type)).toEqual(['message', 'action']);
    const query = { words: 'hello', rooms: [fold('ops')], mine: null, limit: 5 };
    expect(await opened.backend.search(query)).toMatchObject({ events: [{ id: 2 }], complete: true });
    expect(await opened.backend.waiting(fold('bob'))).toMatchObject([{ text: 'just us' }]);
    expect(await opened.backend.waiting(fold('alice'))).toEqual([]);
    expect(await opened.backend.openRoom('hidden')).toMatchObject({ unlisted: true, key: 'sesame' });
    await opened.backend.stop();
  });

  test('twice adds nothing, and goes on where it ended', async () => {
    await makeStore('one');
    const lines = linesOf(exported('one'));
    await importInto('two', lines.slice(0, 5));
    expect((await importInto('two', lines)).imported).toMatchObject({ added: 3, there: 3, rooms: 0 });
    expect((await importInto('two', lines)).imported).toMatchObject({ added: 0, there: 6, rooms: 0 });
    expect((await importInto('one', lines)).imported).toMatchObject({ added: 0, there: 6 });
    expect(exported('two')).toBe(exported('one'));
  });

  test('keeps what was said twice within one millisecond twice, and no more often', async () => {
    const lines = [message(1, 'yes'), message(1, 'yes')];
    expect((await importInto('two', lines)).imported).toMatchObject({ added: 2 });
    expect((await importInto('two', lines)).imported).toMatchObject({ added: 0, there: 2 });
    expect((await importInto('two', [...lines, message(1, 'yes')])).imported).toMatchObject({ added: 1 });
  });

  test('with one bad line adds nothing, and says which; or leaves it out', async () => {
    const lines = [message(1, 'good'), 'what?', message(2, ''), '{"type":"joke"}', message(3, 'fine')];
    const { imported, bad } = await importInto('two', lines);
    expect(imported).toBe('bad-import');
    expect(bad).toEqual([
      [2, 'it is not JSON'],
      [3, 'text: there is nothing in it'],
      [4, 'type: it is none of room, message, action, topic and private'],
    ]);
    expect(exported('two')).toBe('');
    expect((await importInto('two', lines, true)).imported).toMatchObject({ added: 2, bad: 3 });
  });

  test('says what is wrong with a line', async () => {
    const wrong: [line: string, why: RegExp][] = [
      ['[]', /not an object|type/],
      [message(1, 'x', { at: 'today' }), /^at: it is not a time/],
      [message(1, 'x', { from: '5' }), /^from: that name cannot be used/],
      [message(1, 'x', { from: 'parley' }), /^from: .*parley's own/],
      [message(1, 'x', { room: 'two words' }), /^room: that room name/],
      [message(1, 'x', { text: undefined }), /^text: it is missing/],
      [message(1, 'x', { id: 0 }), /^id: /],
      [message(1, 'x', { id: 2 ** 60 }), /^id: /],
      [message(1, 'x', { at: '2027-01-01T00:00:01Z' }), /in the future/],
      [message(1, 'x'.repeat(70_000)), /^text: it is longer/],
    ];
    for (const [line, why] of wrong) {
      const { bad } = await importInto('two', [line]);
      expect(bad, line.slice(0, 200)).toEqual([[1, expect.stringMatching(why)]]);
    }
  });

  test('never lets times fall: not within the file, not along the store', async () => {
    const fallen = await importInto('two', [message(2, 'late'), message(1, 'early')]);
    expect(fallen.bad).toEqual([[2, 'its time is before that of a line above it']]);
    await importInto('two', [message(5, 'there')]);
    const { bad } = await importInto('two', [message(4, 'older')]);
    expect(bad).toEqual([[1, expect.stringMatching(/^the store has newer lines/)]]);
  });

  test('keeps ids above those the store has, and gives others', async () => {
    await importInto('two', [message(1, 'a', { id: 10 })]);
    const { imported } = await importInto('two', [message(2, 'b', { id: 7 }), message(3, 'c', { id: 20 })]);
    expect(imported).toMatchObject({ added: 2, renumbered: 1 });
    const ids = linesOf(exported('two')).map(line => JSON.parse(line).id);
    expect(ids.filter(Boolean)).toEqual([10, 11, 20]);
  });

  test('lets no byte through that steers a terminal', async () => {
    await importInto('two', [message(1, 'a\u001b[2Jb')]);
    expect(exported('two')).toContain('a\ufffd[2Jb');
  });

  test('is refused while a parley runs there', async () => {
    const opened = await startEmbedded(at('two'), UNBOUNDED, new FakeClock());
    expect((await importInto('two', [message(1, 'x')])).imported).toBe('data-in-use');
    await opened.backend.stop();
  });

  test('takes any line apart or refuses it', async () => {
    const junk = fc.oneof(
      fc.json(),
      fc.string(),
      fc.jsonValue().map(value => JSON.stringify({ type: 'message', at: time(1), room: value })),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(junk, { maxLength: 5 }), async lines => {
        const { imported } = await importInto('junk', lines, true);
        expect(imported).not.toBeString();
      }),
      { numRuns: 30 },
    );
  });

  test('gives back whatever was said', async () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter(t => clean(t) === t);
    const line = fc.record({
      type: fc.constantFrom('message', 'action'),
      room: fc.constantFrom('ops', 'dev'),
      from: fc.constantFrom('alice', 'Bob', '[x]`y'),
      text,
      gap: fc.nat(3),
    });
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 30 }), async said => {
        const name = `run${run++}`;
        let seconds = 0;
        const lines = said.map(({ gap, ...fields }, n) => {
          seconds += gap;
          const { type, room, from, text } = fields;
          return JSON.stringify({ type, id: n + 1, at: time(seconds), room, from, text });
        });
        await importInto(name, lines);
        expect(linesOf(exported(name)).filter(each => !each.startsWith('{"type":"room"'))).toEqual(lines);
      }),
      { numRuns: 30 },
    );
  });
});
