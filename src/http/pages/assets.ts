/**
 * The pages and what they need, out of the binary itself. A script or style sheet is named by its own bytes,
 * so a browser keeps it for good and never runs an old one with a new page; the page is asked for anew each
 * time and answered with 304 where it is the same. Compressed once, when somebody first asks for that.
 */
import { type Ask, type Route, route } from '../route.ts';
import { bundle, text } from './bundle.ts' with { type: 'macro' };

const FOR_GOOD = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';
const FOR_A_DAY = 'public, max-age=86400';

/** A text with its type, ready to be answered with. */
class Asset {
  readonly hash: string;
  private readonly plain: Uint8Array<ArrayBuffer>;
  private small: Uint8Array<ArrayBuffer> | null = null;

  constructor(
    private readonly type: string,
    content: string,
  ) {
    this.plain = new TextEncoder().encode(content);
    this.hash = new Bun.CryptoHasher('sha256').update(this.plain).digest('hex').slice(0, 16);
  }

  answer(request: Request, caching: string): Response {
    const gzip = takesGzip(request.headers.get('accept-encoding'));
    const etag = gzip ? `"${this.hash}-gzip"` : `"${this.hash}"`;
    const headers = new Headers({ etag, 'cache-control': caching, vary: 'accept-encoding' });
    if (matches(request.headers.get('if-none-match'), etag))
      return new Response(null, { status: 304, headers });
    headers.set('content-type', this.type);
    if (gzip) headers.set('content-encoding', 'gzip');
    return new Response(gzip ? this.gzipped() : this.plain, { headers });
  }

  private gzipped(): Uint8Array<ArrayBuffer> {
    this.small ??= Bun.gzipSync(this.plain, { level: 9 });
    return this.small;
  }
}

function takesGzip(accepted: string | null): boolean {
  const offers = (accepted ?? '').toLowerCase().replaceAll(' ', '').split(',');
  return offers.some(offer => /^gzip(?:;q=(?:1|0\.\d*[1-9].*))?$/.test(offer));
}

function matches(wanted: string | null, etag: string): boolean {
  return (wanted ?? '').split(',').some(tag => tag.trim().replace(/^W\//, '') === etag);
}

const icon = new Asset('image/svg+xml', text('dashboard/icon.svg'));
const style = new Asset('text/css; charset=utf-8', bundle('dashboard/style.css'));
const script = new Asset('text/javascript; charset=utf-8', bundle('dashboard/main.ts'));

const ICON = `/assets/icon.${icon.hash}.svg`;
const STYLE = `/assets/dashboard.${style.hash}.css`;
const SCRIPT = `/assets/dashboard.${script.hash}.js`;

const dashboard = new Asset(
  'text/html; charset=utf-8',
  text('dashboard/index.html')
    .replaceAll('/icon.svg', ICON)
    .replaceAll('/style.css', STYLE)
    .replaceAll('/main.ts', SCRIPT),
);

/** The dashboard, its script, style and icon. */
export function pageRoutes(): Route[] {
  return [
    row('/', 'The dashboard, for a browser.', 'text/html', dashboard, ASK_AGAIN),
    row(SCRIPT, 'The script of the dashboard.', 'text/javascript', script, FOR_GOOD),
    row(STYLE, 'The style sheet of the dashboard.', 'text/css', style, FOR_GOOD),
    row(ICON, 'The icon.', 'image/svg+xml', icon, FOR_GOOD),
    row('/favicon.ico', 'The icon, where browsers look for one unasked.', 'image/svg+xml', icon, FOR_A_DAY),
  ];
}

function row(path: string, what: string, type: string, asset: Asset, caching: string): Route {
  return route({
    method: 'GET',
    path,
    need: 'anybody',
    summary: what,
    answers: { 200: { what, type }, 304: { what: 'It has not changed.' } },
    run: (ask: Ask) => asset.answer(ask.request, caching),
  });
}
