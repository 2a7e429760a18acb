import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { hasText, launch, live, type Opened, open, shows } from './browser.ts';
import { PASSWORD, Stub, sample } from './stub.ts';

/** A browser takes its time on a busy machine. */
setDefaultTimeout(60_000);

/** Noon, so that every sample of a test is of the same day. */
const NOON = Math.floor(new Date(2026, 0, 15, 12, 0, 0).getTime() / 1000);
/** Resolves when the browser is about to draw. */
const FRAME = 'new Promise(requestAnimationFrame)';
const LONG = 'Abcdefgh'.repeat(8);

let browser: Browser;
let stub: Stub;
let opened: Opened[] = [];

beforeAll(async () => {
  browser = await launch();
});
afterAll(() => browser.close());

beforeEach(() => {
  stub = new Stub((NOON - 60) * 1000, {
    seconds: [sample(NOON - 1), sample(NOON, { text: 3, irc: 2, json: 1, messages: 7, deliveries: 700 })],
    rooms: [{ name: 'ops', people: 4, perMinute: 12 }],
  });
  stub.start();
});
afterEach(async () => {
  for (const { close } of opened) await close();
  opened = [];
  await stub.stop();
});

async function show(options: BrowserContextOptions = {}): Promise<Opened> {
  const one = await open(browser, stub.url, options);
  opened.push(one);
  return one;
}

async function signIn(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByLabel('Name', { exact: true }).fill('alice');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Sign out' }).waitFor();
}

const connection = (index: number, part: object = {}) => ({
  id: index + 1,
  name: `name${index}`,
  account: false,
  address: `203.0.113.${index}`,
  dialect: 'text',
  rooms: ['ops'],
  linesPerMinute: 3,
  outboxBytes: 2048,
  idleMs: 65_000,
  connectedAt: NOON * 1000,
  ...part,
});

describe('the dashboard', () => {
  test('shows what the server says, and moves with it, without moving anything else', async () => {
    const { page, complaints, origins } = await show();
    await shows(page, '#server', 'chat.example.org');
    await shows(page, '#version', '0.1.0');
    await shows(page, '#uptime', '1 min 0 s');
    await shows(page, '#health-word', 'ok');
    await shows(page, '#tile-people', '6');
    await shows(page, '#tile-messages', '7.0');
    await page.evaluate(`
      globalThis.moved = 0;
      new PerformanceObserver(list => { for (const entry of list.getEntries()) globalThis.moved += entry.value; })
        .observe({ type: 'layout-shift' });
    `);
    stub.tick(sample(NOON + 1, { text: 1_200_000, messages: 123_456, deliveries: 9_876_543 }), {
      messages: 8_000_000,
      closed: { 'outbox-full': 4 },
    });
    await shows(page, '#tile-people', '1.20M');
    await shows(page, '#tile-messages', '123K');
    await shows(page, '#plot-lines .legend .number', '123K');
    stub.setHealth({ state: 'stalled', why: 'The disk is slow.' });
    stub.tick(sample(NOON + 2, { messages: 0.5 }));
    await shows(page, '#tile-messages', '0.5');
    await shows(page, '#health-word', 'stalled');
    await shows(page, '#why', 'The disk is slow.');
    await hasText(page, '#announcer', 'The disk is slow.');
    await page.evaluate(FRAME);
    await page.evaluate(FRAME);
    expect(await page.evaluate('globalThis.moved')).toBe(0);
    expect(complaints).toEqual([]);
    expect([...origins]).toEqual([stub.url]);
  });

  test('lists rooms, who came and left, and why connections were closed', async () => {
    const { page } = await show();
    const hostile = '<img src=x onerror=alert(1)>';
    stub.setRooms([
      { name: hostile, people: 12_345, perMinute: 0.5 },
      { name: 'ops', people: 4, perMinute: 1 },
    ]);
    stub.move({ at: NOON * 1000, kind: 'join', room: 'ops', name: 'bob' });
    stub.move({ at: (NOON + 1) * 1000, kind: 'leave', room: 'ops', name: 'bob' });
    stub.tick(sample(NOON + 1), { skipped: 1204, closed: { 'connection-lost': 3, quit: 9 } });
    await shows(page, '#rooms tbody tr', `${hostile}12,3450.5UnlistClose`);
    await shows(page, '#movements li', '12:00:01bob left ops');
    await shows(page, '#closed li', 'Quit9');
    await hasText(page, '#totals', 'Skipped lines1,204');
    expect(await page.locator('#movements li').allTextContents()).toEqual([
      '12:00:01bob left ops',
      '12:00:00bob joined ops',
    ]);
    expect(await page.getByRole('button', { name: 'Close ops' }).isVisible()).toBe(false);
    stub.setRooms([]);
    await page.getByText('No listed room has anybody in it').waitFor();
  });

  test('a broken stream says so, and comes back by itself without a gap', async () => {
    const { page } = await show();
    stub.tick(sample(NOON + 1));
    await hasText(page, '#plot-lines .unseen', 'to 12:00:01, no gap');
    await stub.stop();
    await page.locator('#stream[data-state=reconnecting]').waitFor();
    await shows(page, '#stream-word', 'reconnecting…');
    await shows(page, '#health-word', 'unknown');
    await hasText(page, '#why', 'these numbers are from 12:00:01');
    for (let second = 2; second <= 20; second++) stub.tick(sample(NOON + second, { messages: second }));
    stub.start();
    await live(page);
    await hasText(page, '#plot-lines .unseen', 'From 11:59:59 to 12:00:20, no gap');
    await shows(page, '#tile-messages', '20.0');
    expect(stub.resumed).toBe(1);
  });

  test('a restarted server is told anew; the plots keep what was before, and a gap where nothing was', async () => {
    const { page } = await show();
    stub.tick(sample(NOON + 1));
    await stub.stop();
    await page.locator('#stream[data-state=reconnecting]').waitFor();
    stub.reboot({ version: '0.2.0', startedAt: (NOON + 30) * 1000, seconds: [sample(NOON + 31)], rooms: [] });
    stub.start();
    await shows(page, '#version', '0.2.0');
    await shows(page, '#uptime', '1 s');
    await hasText(page, '#plot-lines .unseen', 'From 11:59:59 to 12:00:31, 1 gap');
  });

  test('a stream that is silent for long is opened anew', async () => {
    const { page } = await show();
    await page.clock.install();
    stub.tick(sample(NOON + 1));
    await hasText(page, '#plot-lines .unseen', 'to 12:00:01');
    // Not one byte comes of this.
    stub.hello = { ...stub.hello, seconds: [...stub.hello.seconds, sample(NOON + 2, { messages: 9 })] };
    while (stub.opened < 2) await page.clock.runFor(1000);
    await shows(page, '#tile-messages', '9.0');
    await live(page);
  });

  test('a stream that is refused is asked for again until it is given', async () => {
    const { page } = await show();
    await page.clock.install();
    stub.tick(sample(NOON + 1));
    await hasText(page, '#plot-lines .unseen', 'to 12:00:01');
    stub.busy = true;
    await stub.stop();
    stub.start();
    await page.locator('#stream[data-state=reconnecting]').waitFor();
    while (stub.opened < 4) await page.clock.runFor(500);
    stub.busy = false;
    while (stub.opened < 5) await page.clock.runFor(500);
    await live(page);
  });

  test('the plots go back ten minutes or a day', async () => {
    stub.hello = { ...stub.hello, minutes: [sample(NOON - 7200), sample(NOON - 7140, { messages: 3 })] };
    const { page, complaints } = await show();
    await page.getByLabel('24 hours').check();
    await hasText(page, '#plot-lines .unseen', 'From 10:00:00 to 10:01:00');
    stub.send('minute', sample(NOON - 7080, { messages: 4 }));
    await hasText(page, '#plot-lines .unseen', 'From 10:00:00 to 10:02:00, no gap. messages: 4.0 now');
    await page.getByLabel('10 minutes').check();
    await hasText(page, '#plot-lines .unseen', 'to 12:00:00');
    await page.locator('#plot-lines .u-over').hover({ position: { x: 5, y: 50 } });
    await page.locator('#plot-bytes .moment:not(:empty)').waitFor();
    expect(complaints).toEqual([]);
  });

  test('fits a phone, whatever the names and numbers are', async () => {
    const { page } = await show({ viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true });
    stub.connections = [connection(1, { name: LONG, address: '2001:db8:1234:5678:9abc:def0:1234:5678' })];
    stub.hello = { ...stub.hello, server: `${LONG}.example.org` };
    stub.bans = [{ kind: 'name', what: LONG, label: LONG, reason: LONG }];
    await page.reload();
    await live(page);
    stub.setRooms([{ name: LONG, people: 12_345_678, perMinute: 12_345_678 }]);
    stub.move({ at: NOON * 1000, kind: 'join', room: LONG, name: LONG });
    stub.setHealth({ state: 'full', why: `The disk is full. ${LONG}` });
    stub.tick(
      sample(NOON + 1, { messages: 12_345_678, deliveries: 987_654_321, text: 2_345_678, irc: 3_456_789 }),
    );
    await shows(page, '#health-word', 'full');
    await signIn(page);
    await hasText(page, '#connections-table tbody', LONG);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(await page.evaluate('document.documentElement.scrollLeft + innerWidth')).toBe(360);
  });

  test('is dark where the system is', async () => {
    const colours = `[document.documentElement, document.querySelector('.card')]
      .map(element => getComputedStyle(element).backgroundColor).join()`;
    const light = await (await show({ colorScheme: 'light' })).page.evaluate(colours);
    const { page } = await show({ colorScheme: 'dark' });
    expect(await page.evaluate(colours)).not.toBe(light);
    const drawn = `document.querySelector('#plot-lines canvas').toDataURL()`;
    const before = await page.evaluate(drawn);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await page.evaluate(colours)).toBe(light);
    while ((await page.evaluate(drawn)) === before) await page.evaluate(FRAME);
  });

  test('has landmarks and headings, and tables with heads', async () => {
    const { page } = await show();
    stub.tick(sample(NOON + 1));
    for (const role of ['banner', 'main', 'contentinfo'] as const)
      expect(await page.getByRole(role).count()).toBe(1);
    for (const name of ['Now', 'Activity', 'Rooms', 'Joins and leaves', 'Since the start']) {
      expect(await page.getByRole('region', { name }).count()).toBe(1);
      expect(await page.getByRole('heading', { name, level: 2, exact: true }).count()).toBe(1);
    }
    expect(await page.getByRole('rowheader', { name: 'ops' }).count()).toBe(1);
    expect(await page.getByRole('figure').count()).toBe(4);
    // Only these two speak up by themselves: not every number that moves.
    const live = `[...document.querySelectorAll('[aria-live], [role=status], [role=alert]')].map(one => one.id).join()`;
    expect(await page.evaluate(live)).toBe('announcer,toasts');
  });
});

describe('an operator on the dashboard', () => {
  test('signs in with the keyboard alone', async () => {
    const { page } = await show();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the numbers');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog', { name: 'Sign in' }).waitFor();
    await page.keyboard.type('alice');
    await page.keyboard.press('Tab');
    await page.keyboard.type('wrong');
    await page.keyboard.press('Enter');
    await shows(page, 'dialog [role=alert]', 'That is not the password.');
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    await page.getByRole('region', { name: 'Connections' }).waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Sign out');
    expect(stub.asked.filter(asked => asked.method === 'POST').map(asked => asked.body)).toEqual([
      { name: 'alice', password: 'wrong' },
      { name: 'alice', password: PASSWORD },
    ]);
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.getByRole('region', { name: 'Connections' }).count()).toBe(0);
  });

  test('is still signed in after a reload', async () => {
    const { page } = await show();
    await signIn(page);
    await page.reload();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
  });

  test('finds one connection among many, and kicks it', async () => {
    stub.connections = Array.from({ length: 60 }, (_, index) => connection(index));
    const { page } = await show();
    await signIn(page);
    await shows(page, '#connections-page', '1–25 of 60');
    await page.getByRole('button', { name: 'Next' }).click();
    await shows(page, '#connections-page', '26–50 of 60');
    await page.getByRole('button', { name: 'Address' }).click();
    await shows(page, '#connections-page', '1–25 of 60');
    expect(await page.getByRole('columnheader', { name: 'Address' }).getAttribute('aria-sort')).toBe(
      'ascending',
    );
    await page.getByLabel('Search connections').fill('name42');
    await shows(page, '#connections-count', '1 connection found');
    expect(stub.asked.at(-1)?.query).toEqual({
      sort: 'address',
      order: 'asc',
      search: 'name42',
      limit: '25',
      offset: '0',
    });
    await page.getByRole('button', { name: 'Kick name42' }).click();
    await page.getByRole('dialog', { name: 'Kick name42?' }).waitFor();
    await page.getByRole('textbox', { name: 'Reason' }).fill('enough');
    stub.connections = stub.connections.filter((_, index) => index !== 42);
    await page.getByRole('button', { name: 'Kick', exact: true }).click();
    const kick = await stub.request('POST', '/api/connections/43/kick');
    expect(kick.body).toEqual({ reason: 'enough' });
    await shows(page, '#connections-none', 'No connection fits “name42”.');
    await hasText(page, '#toasts', 'Kicked name42.');
  });

  test('does nothing where the answer is no', async () => {
    stub.connections = [connection(1)];
    const { page } = await show();
    await signIn(page);
    await page.getByRole('button', { name: 'Kick name1' }).click();
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('Kick name1');
    expect(stub.asked.filter(asked => asked.path.includes('kick'))).toEqual([]);
  });

  test('keeps the focus while the table is refreshed', async () => {
    stub.connections = [connection(1), connection(2)];
    const { page } = await show();
    await signIn(page);
    await page.getByRole('button', { name: 'Ban name2' }).focus();
    stub.connections = [connection(3), connection(2, { outboxBytes: 5 * 1024 * 1024 }), connection(1)];
    await hasText(page, '#connections-table tbody', '5.00 MiB');
    expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('Ban name2');
  });

  test('bans, and lifts a ban', async () => {
    stub.connections = [connection(1)];
    const { page } = await show();
    await signIn(page);
    await page.getByRole('button', { name: 'Ban name1' }).click();
    expect(await page.getByLabel('Who').inputValue()).toBe('name1');
    await page.getByLabel('Who').fill(' 203.0.113.0/24 ');
    await page.getByRole('button', { name: 'Ban', exact: true }).click();
    expect((await stub.request('POST', '/api/bans')).body).toEqual({ what: '203.0.113.0/24', reason: '' });
    await hasText(page, '#toasts', 'Banned 203.0.113.0/24. 2 connections were closed.');
    await page.getByRole('button', { name: 'Lift the ban on 203.0.113.0/24' }).click();
    await page.getByRole('button', { name: 'Lift the ban', exact: true }).click();
    await stub.request('DELETE', '/api/bans/203.0.113.0/24');
    await page.getByText('Nobody is banned from this server.').waitFor();
  });

  test('announces, closes a room and unlists one', async () => {
    const { page, complaints } = await show();
    await signIn(page);
    await page.getByRole('button', { name: 'Announce…' }).click();
    await page.getByLabel('Text').fill('Down at noon.');
    await page.getByRole('button', { name: 'Announce', exact: true }).click();
    expect((await stub.request('POST', '/api/announcements')).body).toEqual({ text: 'Down at noon.' });
    await hasText(page, '#toasts', 'Shown on 1 connection.');
    await page.getByRole('button', { name: 'Close ops' }).click();
    await page.getByRole('button', { name: 'Close the room' }).click();
    expect((await stub.request('POST', '/api/rooms/ops/close')).body).toEqual({ reason: '' });
    await page.getByRole('dialog', { name: 'ops is closed' }).getByText('/join ops sesame').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Unlist ops' }).click();
    await page.getByRole('button', { name: 'Unlist', exact: true }).click();
    expect((await stub.request('PUT', '/api/rooms/ops/unlisted')).body).toEqual({ on: true });
    await page.locator('dialog').waitFor({ state: 'detached' });
    expect(complaints).toEqual([]);
  });

  test('stays signed in while the server is away, and not with one that has forgotten', async () => {
    const { page } = await show();
    await signIn(page);
    await stub.stop();
    await page.locator('#stream[data-state=reconnecting]').waitFor();
    expect(await page.getByRole('button', { name: 'Sign out' }).isVisible()).toBe(true);
    stub.signOut();
    stub.start();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
  });

  test('is an operator no more once the session is over', async () => {
    const { page } = await show();
    await signIn(page);
    await page.getByRole('region', { name: 'Connections' }).scrollIntoViewIfNeeded();
    stub.signOut();
    await page.getByRole('button', { name: 'Sign in' }).waitFor();
    expect(await page.getByRole('region', { name: 'Bans' }).count()).toBe(0);
  });
});
