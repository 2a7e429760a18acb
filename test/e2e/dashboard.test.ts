/**
 * The dashboard of the true binary, in a true browser: it moves while people talk, outlives a daemon that is
 * killed, and lets an operator act. How it looks and what it asks for is tested with a stand-in for the server,
 * in test/http/pages.
 */
import { afterAll, beforeAll, expect, test } from 'bun:test';
import type { Browser } from 'playwright-core';
import { TextClient } from '../helper/client.ts';
import { Daemon, remove, scratch } from '../helper/daemon.ts';
import { hasText, launch, live, open, shows } from '../http/pages/browser.ts';

const dir = scratch();
let browser: Browser;
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  remove(dir);
});

test('the numbers move while people talk, and nothing but the server is asked for anything', async () => {
  const daemon = await Daemon.start('--memory', '--http-port', 'auto', '--server-name', 'lab');
  const { page, complaints, origins, close } = await open(browser, daemon.http, { colorScheme: 'dark' });
  await shows(page, '#server', 'lab');
  await shows(page, '#health-word', 'ok');
  await shows(page, '#tile-people', '0');

  const ann = await TextClient.signedIn(daemon.port, 'ann', 'ops');
  const ben = await TextClient.signedIn(daemon.port, 'ben', 'ops');
  for (let line = 0; line < 40; line++) ann.send(`line ${line}`);
  await ben.until('line 39');
  await shows(page, '#tile-people', '2');
  await hasText(page, '#totals', 'Messages40');
  await hasText(page, '#rooms tbody', 'ops2');
  await hasText(page, '#movements', 'ben joined ops');
  await hasText(page, '#plot-people .unseen', 'text: 2 now');
  ben.send('exit', '/exit');
  await ben.ended();
  await shows(page, '#tile-people', '1');
  await hasText(page, '#movements', 'ben left ops');

  await page.setViewportSize({ width: 360, height: 740 });
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  expect(complaints).toEqual([]);
  expect([...origins]).toEqual([daemon.http]);
  await close();
  await daemon.stop();
}, 60_000);

test('the stream says that the daemon is gone, and goes on with the next one by itself', async () => {
  const first = await Daemon.start('--data', dir, '--http-port', 'auto');
  const port = new URL(first.http).port;
  const { page, close } = await open(browser, first.http);
  await TextClient.signedIn(first.port, 'ann', 'ops');
  await shows(page, '#tile-people', '1');
  const told = await page.locator('#plot-people .unseen').textContent();
  const since = /^From \S+/.exec(told ?? '')?.[0] ?? 'no time';

  await first.kill();
  await page.locator('#stream[data-state=reconnecting]').waitFor();
  const second = await Daemon.start('--data', dir, '--http-port', port);
  await live(page);
  await shows(page, '#tile-people', '0');
  await TextClient.signedIn(second.port, 'ben', 'ops');
  await shows(page, '#tile-people', '1');
  await hasText(page, '#plot-people .unseen', since);
  await close();
  await second.stop();
}, 60_000);

test('an operator finds somebody and kicks them from the page', async () => {
  const daemon = await Daemon.start('--memory', '--http-port', 'auto', '--oper', 'boss:correct-horse');
  const ann = await TextClient.signedIn(daemon.port, 'ann', 'ops');
  const { page, complaints, close } = await open(browser, daemon.http);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Name', { exact: true }).fill('boss');
  await page.getByLabel('Password').fill('correct-horse');
  await page.keyboard.press('Enter');
  await page.getByLabel('Search connections').fill('ann');
  await hasText(page, '#connections-table tbody', '127.0.0.1');
  await page.getByRole('button', { name: 'Kick ann' }).click();
  await page.getByRole('textbox', { name: 'Reason' }).fill('enough');
  await page.getByRole('button', { name: 'Kick', exact: true }).click();
  await ann.until('enough');
  await ann.ended();
  await shows(page, '#connections-none', 'No connection fits “ann”.');
  expect(complaints).toEqual([]);
  await close();
  await daemon.stop();
}, 60_000);
