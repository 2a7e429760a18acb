import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { Desk } from '../../src/cli/desk.ts';
import { Screen, type ScreenLine } from '../../src/cli/screen.ts';
import { Top } from '../../src/cli/top.ts';
import { cut, type TopState, topLines, topPage } from '../../src/cli/top-view.ts';
import { FakeClock } from '../helper/clock.ts';
import { Api, LOCAL } from '../http/api/api.ts';

const AT = Date.UTC(2026, 0, 15, 12);

function connection(name: string | null, parts: object = {}): TopState['connections'][number] {
  return {
    id: 1,
    name,
    account: false,
    address: '192.0.2.7',
    dialect: 'text',
    rooms: ['ops', 'dev'],
    linesPerMinute: 4.5,
    outboxBytes: 2048,
    idleMs: 1200,
    connectedAt: AT - 65_000,
    ...parts,
  };
}

function state(parts: Partial<TopState> = {}): TopState {
  return {
    version: '1.2.3',
    server: 'here',
    startedAt: AT - 7_260_000,
    now: AT,
    health: { state: 'ok', why: '' },
    sample: {
      at: 0,
      text: 2,
      json: 0,
      irc: 1,
      rooms: 1,
      messages: 3.2,
      deliveries: 1234,
      lag: 1.5,
      commit: 0.4,
      outbox: 0,
      memory: 50 * 1024 * 1024,
    },
    total: 3,
    connections: [connection('alice'), connection(null, { address: '' })],
    sort: 'linesPerMinute',
    order: 'desc',
    notice: '',
    ...parts,
  };
}

const texts = (lines: readonly ScreenLine[]): string[] => lines.map(({ text }) => text.trimEnd());

describe('what is shown', () => {
  test('is how the server does, and its connections under their titles', () => {
    expect(topPage(state(), 110).split('\n')).toEqual([
      'parley 1.2.3 on here   up 2 h 1 min   health ok',
      '3 connections (2 text, 0 json, 1 irc)   1 room   memory 50.0 MB   outbox 0 B',
      'messages 3.2/s   deliveries 1,234/s   lag 1.5 ms   commit 0.4 ms',
      '',
      'name            address              dialect lines/min↓   outbox        idle         for rooms',
      'alice           192.0.2.7            text           4.5   2.0 KB         1 s   1 min 5 s ops dev',
      '(nobody yet)    unix                 text           4.5   2.0 KB         1 s   1 min 5 s ops dev',
      '',
    ]);
  });

  test('fits the terminal, whatever its size and whatever clients are called', () => {
    const name = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(
        fc.array(name, { maxLength: 30 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 7, max: 60 }),
        (names, columns, rows) => {
          const lines = topLines(state({ connections: names.map(each => connection(each)) }), {
            columns,
            rows,
          });
          expect(lines).toHaveLength(rows);
          for (const { text } of lines) expect(Bun.stringWidth(text)).toBeLessThanOrEqual(columns);
        },
      ),
    );
  });

  test('steers no terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const evil = connection(text, { address: text, rooms: [text] });
        const lines = topLines(state({ connections: [evil], server: text, notice: text }), {
          columns: 100,
          rows: 10,
        });
        for (const { text: line } of lines)
          expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/);
      }),
    );
  });

  test('stands out where something is wrong', () => {
    const size = { columns: 100, rows: 10 };
    const sick = topLines(state({ health: { state: 'full', why: 'the disk is full' } }), size);
    expect(sick[0]).toMatchObject({ text: expect.stringContaining('full: the disk is full'), style: 'bad' });
    const away = topLines(state({ notice: 'parley does not answer' }), size);
    expect(away.at(-1)).toEqual({ text: 'parley does not answer', style: 'bad' });
    expect(texts(topLines(state(), size)).at(-1)).toContain('q leave');
  });

  test('is cut with a mark', () => {
    expect([cut('abc', 3), cut('abcd', 3), cut('日本語', 4), cut('abc', 0)]).toEqual([
      'abc',
      'ab…',
      '日…',
      '',
    ]);
  });
});

describe('keys', () => {
  const top = () => new Top(new Desk(async () => Response.error(), 'here'), new FakeClock());

  test('choose what connections are sorted by, from what one wants to see first', () => {
    const one = top();
    const after = (key: string) => [one.press(key), one.state.sort, one.state.order];
    expect(after('\x1b[C')).toEqual(['more', 'outboxBytes', 'desc']);
    expect(after('r')).toEqual(['more', 'outboxBytes', 'asc']);
    expect(after('\x1b[D')).toEqual(['more', 'linesPerMinute', 'desc']);
    for (let i = 0; i < 3; i++) one.press('\x1b[D');
    expect([one.state.sort, one.state.order]).toEqual(['name', 'asc']);
    expect(after('\x1b[D')).toEqual(['more', 'rooms', 'desc']);
    expect(after('x')).toEqual(['nothing', 'rooms', 'desc']);
  });

  test('leave', () => {
    for (const key of ['q', '\x03', null]) expect(top().press(key)).toBe('enough');
  });
});

test('it asks for connections in the order that was chosen', async () => {
  const api = await Api.start();
  await api.chat.person('bob', 'ops');
  await api.chat.person('alice', 'ops');
  const top = new Top(new Desk((method, path) => api.raw(LOCAL, method, path), 'here'), api.chat.clock);
  top.press('\x1b[D');
  top.press('\x1b[D');
  top.press('\x1b[D');
  await top.look(10);
  expect(top.state.connections.map(({ name }) => name)).toEqual(['alice', 'bob']);
  expect(top.state.total).toBe(2);
  await top.look(1);
  expect(top.state.connections).toHaveLength(1);
});

describe('the screen', () => {
  function screen(color: boolean) {
    let text = '';
    const done: (() => void)[] = [];
    const output = {
      write: (part: string, drawn?: () => void) => {
        text += part;
        if (drawn) done.push(drawn);
      },
      columns: 40,
      rows: 3,
    };
    const taken = () => {
      const all = text;
      text = '';
      return all;
    };
    return { screen: new Screen(output, color), taken, drawn: () => done.shift()?.() };
  }

  test('is another one than before, without a cursor, until it is closed', () => {
    const { screen: one, taken } = screen(true);
    one.draw([{ text: 'a', style: 'title' }, { text: 'b' }]);
    expect(taken()).toBe(
      '\x1b[?1049h\x1b[?25l\x1b[?7l\x1b[?2026h\x1b[H\x1b[7ma\x1b[0m\x1b[K\r\nb\x1b[K\x1b[J\x1b[?2026l',
    );
    one.close();
    expect(taken()).toBe('\x1b[?7h\x1b[?25h\x1b[?1049l');
    one.close();
    expect(taken()).toBe('');
  });

  test('has no colours where none are wanted, and no more lines than fit', () => {
    const { screen: one, taken } = screen(false);
    one.draw(['a', 'b', 'c', 'd'].map(text => ({ text, style: 'bad' as const })));
    const drawn = taken();
    expect(drawn).not.toContain('\x1b[1');
    expect(drawn).toContain('c');
    expect(drawn).not.toContain('d\x1b[K');
    one.close();
  });

  test('waits for a terminal that is slow', () => {
    const { screen: one, taken, drawn } = screen(false);
    one.draw([{ text: 'first' }]);
    taken();
    one.draw([{ text: 'second' }]);
    expect(taken()).toBe('');
    drawn();
    one.draw([{ text: 'third' }]);
    expect(taken()).toContain('third');
    one.close();
  });
});
