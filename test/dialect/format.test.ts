import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import type { ChatEvent } from '../../src/chat/event.ts';
import { eventLine, idPrefix, notice, type Style } from '../../src/dialect/text/format.ts';

const PLAIN: Style = { time: true, color: false, notices: true };
const NOON = new Date(2026, 0, 15, 12, 0, 0).getTime();
const stamp = { id: 7, at: NOON } as const;
const ops = { room: 'ops', from: 'alice', ...stamp } as const;
const passing = { from: 'alice', id: 0, at: NOON } as const;

/** One event of every kind, as it reads. */
const EVENTS: readonly (readonly [ChatEvent, string])[] = [
  [{ type: 'message', text: 'hello', ...ops }, '[12:00:00] alice (in ops): hello'],
  [{ type: 'action', text: 'waves', ...ops }, '[12:00:00] * alice waves (in ops)'],
  [{ type: 'private', from: 'alice', to: 'bob', text: 'psst', ...stamp }, '[12:00:00] alice (private): psst'],
  [
    { type: 'sent', from: 'alice', to: 'bob', text: 'psst', ...stamp },
    '[12:00:00] alice (private to bob): psst',
  ],
  [{ type: 'join', account: false, operator: false, ...ops }, '* alice joined ops'],
  [{ type: 'leave', reason: '', ...ops }, '* alice left ops'],
  [{ type: 'leave', reason: 'bye', ...ops }, '* alice left ops (bye)'],
  [{ type: 'kick', name: 'bob', reason: '', ...ops }, '* alice put bob out of ops'],
  [{ type: 'kick', name: 'bob', reason: 'rude', ...ops }, '* alice put bob out of ops (rude)'],
  [{ type: 'topic', text: 'news', ...ops }, '* alice set the topic of ops: news'],
  [{ type: 'topic', text: '', ...ops }, '* alice cleared the topic of ops'],
  [{ type: 'mode', change: { mode: 'key', key: 'sesame' }, ...ops }, '* alice locked ops with a key'],
  [{ type: 'mode', change: { mode: 'key', key: null }, ...ops }, '* alice took the key off ops'],
  [{ type: 'mode', change: { mode: 'moderated', on: true }, ...ops }, '* alice made ops moderated'],
  [
    { type: 'mode', change: { mode: 'moderated', on: false }, ...ops },
    '* alice made ops open for all to speak',
  ],
  [{ type: 'mode', change: { mode: 'unlisted', on: true }, ...ops }, '* alice took ops out of all lists'],
  [{ type: 'mode', change: { mode: 'unlisted', on: false }, ...ops }, '* alice put ops back in the lists'],
  [{ type: 'rank', name: 'bob', rank: 'operator', ...ops }, '* alice made bob an operator of ops'],
  [{ type: 'rank', name: 'bob', rank: 'voice', ...ops }, '* alice gave bob a voice in ops'],
  [{ type: 'rank', name: 'bob', rank: 'member', ...ops }, '* alice made bob an ordinary member of ops'],
  [{ type: 'rank', name: 'alice', rank: 'member', ...ops }, '* alice gave up running ops'],
  [
    {
      type: 'ban',
      ban: { kind: 'address', what: '192.0.2.7', label: 'the address of bob', reason: 'rude' },
      ...ops,
    },
    '* alice banned the address of bob from ops (rude)',
  ],
  [
    { type: 'ban', ban: { kind: 'name', what: 'bob', label: 'Bob', reason: '' }, ...ops },
    '* alice banned Bob from ops',
  ],
  [{ type: 'unban', label: 'Bob', ...ops }, '* alice lifted the ban on Bob in ops'],
  [{ type: 'online', reason: '', ...passing }, '* alice is online'],
  [{ type: 'offline', reason: '', ...passing }, '* alice is offline'],
  [{ type: 'offline', reason: 'bye', ...passing }, '* alice is offline (bye)'],
  [{ type: 'away', reason: '', ...passing }, '* alice is away'],
  [{ type: 'away', reason: 'lunch', ...passing }, '* alice is away: lunch'],
  [{ type: 'back', reason: '', ...passing }, '* alice is back'],
  [{ type: 'invite', room: 'ops', to: 'bob', ...passing }, '* alice asks you into ops. To go in: /join ops'],
  [{ type: 'announce', text: 'it stops at noon', ...passing }, '* alice to everyone: it stops at noon'],
  [{ type: 'announce', text: 'all is well', ...passing, from: 'parley' }, '* all is well'],
];

test('every event reads as one line', () => {
  for (const [event, line] of EVENTS) expect(eventLine(event, PLAIN, NOON)).toBe(line);
});

test('the word of a key and the address of a ban are never shown', () => {
  for (const [event] of EVENTS) expect(eventLine(event, PLAIN, NOON)).not.toMatch(/sesame|192\.0\.2/);
});

test('without times only the time is missing', () => {
  for (const [event, line] of EVENTS)
    expect(eventLine(event, { ...PLAIN, time: false }, NOON)).toBe(line.replace('[12:00:00] ', ''));
});

test('without notices only coming and going is missing', () => {
  const hidden = ['join', 'leave', 'online', 'offline', 'away', 'back'];
  for (const [event, line] of EVENTS)
    expect(eventLine(event, { ...PLAIN, notices: false }, NOON)).toBe(
      hidden.includes(event.type) ? '' : line,
    );
});

test('with colours the line is the same, and every colour is taken back', () => {
  for (const [event, line] of EVENTS) {
    const coloured = eventLine(event, { ...PLAIN, color: true }, NOON);
    expect(Bun.stripANSI(coloured)).toBe(line);
    expect(coloured).toMatch(/^[^\x1b]*\x1b\[(2|1;3[1-6])m[^\x1b]+\x1b\[0m[^\x1b]*$/);
  }
  expect(notice('hello', { color: true })).toBe('\x1b[2m* hello\x1b[0m');
});

test('a name has one colour, wherever it speaks', () => {
  const color = { ...PLAIN, color: true, time: false };
  const of = (event: ChatEvent): string | undefined =>
    /\x1b\[1;\d+m/.exec(eventLine(event, color, NOON))?.[0];
  const colors = EVENTS.filter(([, line]) => line.startsWith('[')).map(([event]) => of(event));
  expect(colors).toHaveLength(4);
  expect(new Set(colors).size).toBe(1);
});

describe('a field that one user can make another’s terminal show', () => {
  /** The event with every text in it replaced. */
  function spoiled(event: ChatEvent, evil: string): ChatEvent {
    const spoil = (value: unknown, key: string): unknown => {
      if (key === 'type' || key === 'mode' || key === 'rank' || key === 'kind') return value;
      if (typeof value === 'string') return value === '' ? value : evil;
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, spoil(inner, name)]));
    };
    // Only texts were replaced by texts: it is an event as before.
    return spoil(event, '') as ChatEvent;
  }

  test('is cleaned, in every event, every style and every field', () => {
    const evil = '\x1b[2J\r\n\u009b\x7f\u202e\u2028\u0000x';
    for (const [event] of EVENTS)
      for (const style of [PLAIN, { time: false, color: false, notices: true }]) {
        const line = eventLine(spoiled(event, evil), style, NOON);
        expect(line).toContain('x');
        expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
      }
    for (const [event] of EVENTS) {
      const line = eventLine(spoiled(event, evil), { ...PLAIN, color: true }, NOON);
      expect(line.replace(/\x1b\[(0|2|1;3[1-6])m/g, '')).not.toMatch(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/u);
    }
  });

  test('is one line, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(EVENTS.length - 1), (evil, at) => {
        const [event] = EVENTS[at] ?? [];
        if (event) expect(eventLine(spoiled(event, evil), PLAIN, NOON)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});

describe('the time of a line', () => {
  const at = (when: number, now: number): string =>
    eventLine({ type: 'message', text: 'x', ...ops, at: when }, PLAIN, now).replace(/ alice.*/, '');
  const local = (day: number, hour: number, minute = 0, second = 0): number =>
    new Date(2026, 2, day, hour, minute, second).getTime();

  test('is that of the clock, today', () => {
    expect(at(local(10, 0), local(10, 23, 59, 59))).toBe('[00:00:00]');
    expect(at(local(10, 9, 5, 7), local(10, 12))).toBe('[09:05:07]');
    expect(at(local(10, 9, 5, 7) + 999, local(10, 12))).toBe('[09:05:07]');
  });

  test('carries its date from before today, and from after it', () => {
    expect(at(local(9, 23, 59, 59), local(10, 0))).toBe('[2026-03-09 23:59:59]');
    expect(at(local(11, 0), local(10, 23, 59))).toBe('[2026-03-11 00:00:00]');
    expect(at(local(10, 12), local(10, 12))).toBe('[12:00:00]');
  });

  test('is right on days that are longer or shorter than others', () => {
    const zone = process.env['TZ'];
    process.env['TZ'] = 'Europe/Berlin';
    try {
      // Summer time began at 2 o'clock on 29 March 2026 and ends on 25 October.
      expect(at(local(29, 0, 30), local(29, 23, 30))).toBe('[00:30:00]');
      expect(at(local(29, 23, 30), local(30, 0, 30))).toBe('[2026-03-29 23:30:00]');
      const autumn = (day: number, hour: number): number => new Date(2026, 9, day, hour, 30).getTime();
      expect(at(autumn(25, 23), autumn(25, 23))).toBe('[23:30:00]');
      expect(at(autumn(25, 0), autumn(25, 23))).toBe('[00:30:00]');
      expect(at(autumn(25, 23), autumn(26, 0))).toBe('[2026-10-25 23:30:00]');
    } finally {
      if (zone === undefined) delete process.env['TZ'];
      else process.env['TZ'] = zone;
    }
  });
});

test('history puts the id in front', () => {
  expect(idPrefix(12)).toBe('#12 ');
});
