import { expect, test } from 'bun:test';
import { DEFAULT_OPTIONS } from '../../src/chat/options.ts';
import { TextPage } from '../../src/dialect/text/page.ts';

const NOON = new Date(2026, 0, 15, 12, 0, 0).getTime();
const said = { type: 'message', room: 'ops', from: 'alice', text: 'hello', id: 7, at: NOON } as const;

function page(options = DEFAULT_OPTIONS): TextPage {
  return new TextPage(options, NOON);
}

test('what is said stands in the order it was said, a line each', () => {
  const said = page();
  said.notice('one');
  said.columns([['two']]);
  said.notice('three');
  expect(said.text).toBe('* one\n*   two\n* three\n');
});

test('an event is shown as it is live; with its id also its time, even where live lines have none', () => {
  const options = { ...DEFAULT_OPTIONS, time: false };
  const shown = page(options);
  shown.event(said);
  shown.event(said, 'id');
  expect(shown.text).toBe('alice (in ops): hello\n#7 [12:00:00] alice (in ops): hello\n');
});

test('columns are aligned, short rows and empty cells leave no trailing spaces', () => {
  const rows = page();
  rows.columns([['a', 'long cell', 'x'], ['bbb', '', ''], ['cc', 'y'], []]);
  expect(rows.text).toBe('*   a    long cell  x\n*   bbb\n*   cc   y\n*\n');
});

test('a cell that is very long pushes its own row only', () => {
  const rows = page();
  rows.columns([
    ['x'.repeat(40), 'a'],
    ['y', 'b'],
  ]);
  expect(rows.text).toBe(`*   ${'x'.repeat(40)}  a\n*   y  b\n`);
});

test('columns of scripts that take two places are aligned as they are seen', () => {
  const rows = page();
  rows.columns([
    ['漢字', 'a'],
    ['👩‍👩‍👧', 'b'],
    ['e\u0301', 'c'],
    ['wide', 'd'],
  ]);
  expect(rows.text).toBe('*   漢字  a\n*   👩‍👩‍👧    b\n*   e\u0301     c\n*   wide  d\n');
});

test('whatever is in a cell or a notice is cleaned', () => {
  const rows = page();
  rows.notice('\x1b[2J\nx');
  rows.columns([['\x1b[2J\n', '\u202ex']]);
  expect(rows.text).toBe('* \ufffd[2J\ufffdx\n*   \ufffd[2J\ufffd  \ufffdx\n');
});
