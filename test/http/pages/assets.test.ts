import { describe, expect, test } from 'bun:test';
import { pageRoutes } from '../../../src/http/pages/assets.ts';
import type { Ask } from '../../../src/http/route.ts';

const routes = pageRoutes();

async function get(path: string, headers: Record<string, string> = {}): Promise<Response> {
  const route = routes.find(candidate => candidate.path === path);
  if (!route) throw new Error(`no ${path}`);
  const request = new Request(`http://127.0.0.1${path}`, { headers });
  // The rows of pages look at nothing but the request.
  return await route.run({ request } as Ask<never, never>);
}

describe('the pages in the binary', () => {
  test('the page is asked for anew each time', async () => {
    const page = await get('/');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-cache');
    expect(await page.text()).toStartWith('<!doctype html>');
  });

  test('all that the page names is there, and is kept for good', async () => {
    const html = await (await get('/')).text();
    const named = [...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(match => match[1] ?? '');
    expect(new Set(named).size).toBe(3);
    for (const path of named) {
      const asset = await get(path);
      expect(path).toMatch(/\.[0-9a-f]{16}\.(?:js|css|svg)$/);
      expect(asset.headers.get('cache-control')).toContain('immutable');
    }
  });

  test('nothing is inline, and nothing comes from elsewhere', async () => {
    const html = await (await get('/')).text();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)/);
    expect(html).not.toMatch(/<style|\sstyle=|\son[a-z]+=/);
    for (const { path } of routes) {
      const text = (await (await get(path)).text()).replaceAll('http://www.w3.org/', '');
      expect(text).not.toMatch(/https?:\/\//);
    }
  });

  test('the style sheet of the plots is in it', async () => {
    const css = routes.find(route => route.path.endsWith('.css'));
    expect(await (await get(css?.path ?? '')).text()).toContain('.uplot');
  });

  test('what has not changed is not sent again', async () => {
    const etag = (await get('/')).headers.get('etag') ?? '';
    const again = await get('/', { 'if-none-match': `"other", W/${etag}` });
    expect(again.status).toBe(304);
    expect(again.headers.get('etag')).toBe(etag);
    expect(await again.text()).toBe('');
    expect((await get('/', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  test('it is compressed for those who take that', async () => {
    const plain = await (await get('/')).text();
    for (const accepted of ['gzip', 'br;q=1, gzip;q=0.5', 'deflate, GZIP']) {
      const small = await get('/', { 'accept-encoding': accepted });
      expect(small.headers.get('content-encoding')).toBe('gzip');
      expect(small.headers.get('vary')).toBe('accept-encoding');
      expect(new TextDecoder().decode(Bun.gunzipSync(new Uint8Array(await small.arrayBuffer())))).toBe(plain);
      expect(small.headers.get('etag')).not.toBe((await get('/')).headers.get('etag'));
    }
    for (const accepted of ['', 'br', 'gzip;q=0', 'xgzip']) {
      expect((await get('/', { 'accept-encoding': accepted })).headers.get('content-encoding')).toBeNull();
    }
  });

  test('browsers find an icon unasked', async () => {
    expect((await get('/favicon.ico')).headers.get('content-type')).toBe('image/svg+xml');
  });
});
