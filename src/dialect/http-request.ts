/**
 * An HTTP request on the chat's port, most likely from a browser that was given the wrong port: it is known by
 * its first line, nothing of it is run, and it is told where the page is.
 */
import { refusal } from '../chat/errors.ts';

/** Where HTTP is spoken. */
export interface PagePort {
  readonly port: number;
  readonly tls: boolean;
}

const REQUEST = /^[A-Z]{3,16} \S+ HTTP\/\d/;
const HEADER = /^[A-Za-z-]+: /;
const HOST = /^host:[ \t]*([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?[ \t]*$/i;
/** Lines of headers that are read to find the host. */
const MOST_LINES = 40;

/** Whether a first line is a request's; where it was too long to be read, whether the second is a header. */
export function isHttp(line: string, first: boolean): boolean {
  return (first ? REQUEST : HEADER).test(line);
}

export class HttpRequest {
  private lines = 0;
  private host: string | null = null;

  constructor(
    private readonly page: PagePort | null,
    private readonly serverName: string,
  ) {}

  /** Whether the answer needs no more of the request. */
  get complete(): boolean {
    return this.page === null || this.host !== null || this.lines >= MOST_LINES;
  }

  /** A line of its headers; null is one that could not be read. */
  header(line: string | null): void {
    this.lines = line === '' ? MOST_LINES : this.lines + 1;
    this.host ??= HOST.exec(line ?? '')?.[1] ?? null;
  }

  /** The answer: to the page, under the name that the client itself used for this machine. */
  answer(): string {
    const { page } = this;
    if (page === null) return response('421 Misdirected Request', [], `! ${refusal('http-request')}\n`);
    const where = `${page.tls ? 'https' : 'http'}://${this.host ?? this.serverName}:${page.port}/`;
    // Not 308: the port is a setting, and a browser would remember it for good. Not 303: a script that meant
    // to send something is not to take the page for its answer.
    return response('307 Temporary Redirect', [`Location: ${where}`], `The page is at ${where}\n`);
  }
}

function response(status: string, headers: readonly string[], body: string): string {
  return [
    `HTTP/1.1 ${status}`,
    ...headers,
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Cache-Control: no-store',
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
