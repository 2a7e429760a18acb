import { expect, test } from 'bun:test';
import { createLog, type LogLevel, type LogTarget } from '../../src/ops/log.ts';
import type { LogLine } from '../../src/ops/log-tail.ts';

const target: LogTarget = {
  write: () => {},
  now: () => 1000,
  after: () => {},
  terminal: false,
  journal: false,
  color: false,
};

const messages = (lines: readonly LogLine[]): string[] => lines.map(({ message }) => message);

function tailing(level: LogLevel) {
  const log = createLog({ level, format: 'plain' }, target);
  const heard: LogLine[] = [];
  return { log, heard, listen: (at: LogLevel) => log.tail.listen(at, line => heard.push(line)) };
}

test('the newest lines that were logged are kept, by level, the oldest first', () => {
  const { log } = tailing('info');
  log.debug('not logged');
  log.info('one');
  log.warn('two', { n: 2 });
  log.error('three');
  expect(log.tail.recent('debug', 10)).toEqual([
    { at: 1000, level: 'info', message: 'one', fields: {} },
    { at: 1000, level: 'warn', message: 'two', fields: { n: 2 } },
    { at: 1000, level: 'error', message: 'three', fields: {} },
  ]);
  expect(messages(log.tail.recent('warn', 10))).toEqual(['two', 'three']);
  expect(messages(log.tail.recent('info', 1))).toEqual(['three']);
  expect(log.tail.recent('info', 0)).toEqual([]);
  for (let i = 0; i < 2000; i++) log.info(`line ${i}`);
  const kept = messages(log.tail.recent('info', 10_000));
  expect([kept.length, kept.at(-1)]).toEqual([500, 'line 1999']);
});

test('who listens hears each line once, those below the level in force too, until it stops', () => {
  const { log, heard, listen } = tailing('warn');
  const stop = listen('debug');
  log.debug('fine print');
  log.warn('slow');
  log.configure({ level: 'debug', format: 'plain' });
  log.debug('now logged');
  expect(messages(heard)).toEqual(['fine print', 'slow', 'now logged']);
  expect(messages(log.tail.recent('debug', 10))).toEqual(['slow', 'now logged']);
  stop();
  log.error('unheard');
  expect(heard).toHaveLength(3);
});

test('a listener hears its level and above', () => {
  const { log, heard, listen } = tailing('debug');
  listen('error');
  log.warn('a');
  log.error('b');
  expect(messages(heard)).toEqual(['b']);
});

test('what comes from outside is cleaned', () => {
  const { log } = tailing('info');
  log.info('hello\x1b[2J', { name: 'eve\n2026 error' });
  expect(log.tail.recent('info', 1)).toMatchObject([
    { message: 'hello\ufffd[2J', fields: { name: 'eve\ufffd2026 error' } },
  ]);
});
