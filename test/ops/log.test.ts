import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createLog, isJournal, type LogFormat, type LogLevel, type LogTarget } from '../../src/ops/log.ts';

const NOON = Date.UTC(2026, 0, 15, 12, 0, 0);

function logTo(format: LogFormat, place: Partial<LogTarget> = {}, level: LogLevel = 'debug') {
  const lines: string[] = [];
  const target: LogTarget = {
    write: text => void lines.push(text),
    now: () => NOON,
    after: () => {},
    terminal: false,
    journal: false,
    color: false,
    ...place,
  };
  return { log: createLog({ level, format }, target), lines };
}

/** What a hostile user would like a name to do to the log. */
const FORGED = 'eve\n2026-01-15T12:00:00.000Z error all is lost\x1b[2J\x9b\u202e level=error';

describe('a line of the log', () => {
  test('is plain with a time stamp, the level, the message and its fields', () => {
    const { log, lines } = logTo('plain');
    log.warn('connection closed', { address: '::1', lines: 3, tls: false, account: null, why: 'too slow' });
    log.info('ready');
    expect(lines).toEqual([
      '2026-01-15T12:00:00.000Z warn connection closed address=::1 lines=3 tls=false account=null why="too slow"\n',
      '2026-01-15T12:00:00.000Z info ready\n',
    ]);
  });

  test('has a priority and no time for the journal, which adds its own', () => {
    const { log, lines } = logTo('journal');
    log.debug('a');
    log.info('b', { n: 1 });
    log.warn('c');
    log.error('d');
    expect(lines).toEqual(['<7>a\n', '<6>b n=1\n', '<4>c\n', '<3>d\n']);
  });

  test('is one JSON object on request; a field never replaces what the log says itself', () => {
    const { log, lines } = logTo('json');
    log.error('failed', { port: 8080, level: 'info', message: 'fine', at: 'never' });
    expect(lines.map(line => JSON.parse(line))).toEqual([
      { port: 8080, at: '2026-01-15T12:00:00.000Z', level: 'error', message: 'failed' },
    ]);
    expect(lines[0]).toEndWith('}\n');
  });

  test('is short on a terminal, and coloured only where colour is wanted', () => {
    const plain = logTo('pretty', { terminal: true });
    plain.log.warn('slow', { n: 1 });
    expect(plain.lines[0]).toMatch(/^\d\d:00:00 warn slow n=1\n$/);
    const colored = logTo('pretty', { terminal: true, color: true });
    colored.log.error('bad');
    expect(Bun.stripANSI(colored.lines[0] ?? '')).toMatch(/^\d\d:00:00 error bad\n$/);
    expect(colored.lines[0]).toContain('\x1b[31merror\x1b[0m');
  });

  test.each(['plain', 'journal', 'json', 'pretty'] as const)(
    'cannot be forged through a field (%s)',
    format => {
      const { log, lines } = logTo(format);
      log.info('signed in', { name: FORGED });
      const [line = ''] = lines;
      expect(lines).toHaveLength(1);
      expect(line.slice(0, -1)).not.toMatch(/\p{Cc}|\u202e/u);
      if (format === 'json') expect(JSON.parse(line)).toMatchObject({ level: 'info', message: 'signed in' });
      // The value stays within its quotes, so that nothing in it is taken for a field.
      else expect(line.trimEnd()).toEndWith(' level=error"');
    },
  );

  test('is exactly one line, whatever its parts hold', () => {
    const text = fc.string({ unit: 'binary' });
    const format = fc.constantFrom('plain', 'journal', 'json', 'pretty' as const);
    fc.assert(
      fc.property(format, text, text, text, (format, message, key, value) => {
        const { log, lines } = logTo(format);
        log.info(message, { [key]: value });
        expect(lines).toHaveLength(1);
        expect(lines[0]?.slice(0, -1)).not.toMatch(/\p{Cc}/u);
        expect(lines[0]).toEndWith('\n');
      }),
    );
  });

  test('is written every time, however often it is the same', () => {
    const { log, lines } = logTo('plain');
    for (let i = 0; i < 50; i++) log.info('again');
    expect(lines).toHaveLength(50);
  });
});

test.each([
  ['debug', 4],
  ['info', 3],
  ['warn', 2],
  ['error', 1],
] as const)('log-level %s lets %d of the four levels through', (level, count) => {
  const { log, lines } = logTo('plain', {}, level);
  for (const each of ['debug', 'info', 'warn', 'error'] as const) log[each]('x');
  expect(lines).toHaveLength(count);
});

test('a reload changes level and format', () => {
  const { log, lines } = logTo('plain', {}, 'error');
  log.info('unseen');
  log.configure({ level: 'info', format: 'journal' });
  log.info('seen');
  expect(lines).toEqual(['<6>seen\n']);
  expect(log.level).toBe('info');
});

describe('log-format auto', () => {
  test.each([
    ['journal', { journal: true, terminal: true }, /^<6>x\n$/],
    ['pretty', { terminal: true }, /^\d\d:00:00 x\n$/],
    ['plain', {}, /^2026-.* info x\n$/],
  ] as const)('is %s for %j', (_, place, shape) => {
    const { log, lines } = logTo('auto', place);
    log.info('x');
    expect(lines[0]).toMatch(shape);
  });

  test('takes standard error for the journal only where it is the one systemd means', () => {
    const stat = () => ({ dev: 8, ino: 42 });
    expect(isJournal('8:42', stat)).toBe(true);
    expect(isJournal('8:43', stat)).toBe(false);
    expect(isJournal(undefined, stat)).toBe(false);
    expect(
      isJournal('8:42', () => {
        throw new Error('closed');
      }),
    ).toBe(false);
  });
});
