import { expect, test } from 'bun:test';
import { settingsHelp, settingsTable } from '../../src/config/docs.ts';
import { KEYS, rowOf } from '../../src/config.ts';
import { README, upToDate } from '../helper/docs.ts';

const page = { columns: 80, bold: false };

test('help lists every setting once, with its value and its sentence', () => {
  const help = settingsHelp('all', page);
  for (const key of KEYS) expect(help.match(new RegExp(`--${key} `, 'g'))).toHaveLength(1);
  const words = help.replaceAll(/\s+/g, ' ');
  for (const key of KEYS) expect(words).toContain(rowOf(key).doc);
});

test('help keeps within its columns, save for a word that cannot be broken', () => {
  for (const line of settingsHelp('all', page).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

test('help is bold only where it may be', () => {
  expect(settingsHelp('all', page)).not.toContain('\x1b');
  expect(settingsHelp('all', { ...page, bold: true })).toContain('\x1b[1mListening\x1b[0m');
});

test("README's table has a row for every setting, of four cells", () => {
  const [, , ...rows] = settingsTable().split('\n');
  expect(rows.map(row => /`([^`]+)`/.exec(row)?.[1]).sort()).toEqual([...KEYS].sort());
  for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(6);
});

test('README shows the settings, the commands and the errors as they are', async () => {
  const text = await Bun.file(README).text();
  expect(await upToDate(text)).toBe(text);
});
