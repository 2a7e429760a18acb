/** A real browser on the dashboard, and all that it complained of. */
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

export async function launch(): Promise<Browser> {
  return await chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

export interface Opened {
  readonly page: Page;
  /** Errors and warnings of the console, and exceptions that nobody caught. */
  readonly complaints: string[];
  /** Where requests went. */
  readonly origins: Set<string>;
  close(): Promise<void>;
}

export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(String(error)));
  page.on('request', request => origins.add(new URL(request.url()).origin));
  await page.goto(url);
  await live(page);
  return { page, complaints, origins, close: () => context.close() };
}

export async function live(page: Page): Promise<void> {
  await page.locator('#stream[data-state=live]').waitFor();
}

/** Waits until one of the elements that fit says exactly this. The page's CSP lets no test evaluate in it. */
export async function shows(page: Page, selector: string, text: string): Promise<void> {
  await waitFor(page, selector, new RegExp(`^\\s*${RegExp.escape(text)}\\s*$`));
}

/** Waits until one of them has this in it. */
export async function hasText(page: Page, selector: string, text: string): Promise<void> {
  await waitFor(page, selector, text);
}

async function waitFor(page: Page, selector: string, hasText: string | RegExp): Promise<void> {
  await page.locator(selector).filter({ hasText }).first().waitFor({ state: 'attached' });
}
