import { describe, expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';

const PAGE = { port: 8081, tls: false };
const EVIL = 'register mallory\njoin ops\nspam\n';

async function start(page: { port: number; tls: boolean } | null = PAGE) {
  const chat = await Chat.start();
  chat.clients.page = page;
  const alice = await chat.person('alice', 'ops');
  /** What a client that sends this is answered, all of it. */
  const answered = async (request: string) => {
    const browser = chat.connect();
    browser.sends(request);
    await chat.settle();
    return { text: browser.link.text, state: browser.link.state };
  };
  const location = async (request: string) =>
    /\r\nLocation: (.*)\r\n/.exec((await answered(request)).text)?.[1];
  return { chat, alice, answered, location };
}

const get = (host: string) => `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`;

describe('an HTTP request on the port of the chat', () => {
  test('is sent to the page, and runs nothing', async () => {
    const { chat, alice, answered } = await start();
    const { text, state } = await answered(`POST /join HTTP/1.1\r\nHost: chat:8080\r\n\r\n${EVIL}`);
    const [head = '', body = ''] = text.split('\r\n\r\n');
    expect(head).toStartWith('HTTP/1.1 307 Temporary Redirect\r\nLocation: http://chat:8081/\r\n');
    expect(head).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
    expect(head).toContain('Cache-Control: no-store');
    expect(body).toBe('The page is at http://chat:8081/\n');
    expect(state).toBe('ended');
    expect(alice.screen()).toEqual([]);
    expect(chat.hub.users.size).toBe(1);
    expect(chat.hub.counters.closed['http-request']).toBe(1);
    expect(chat.hub.counters.refusals['http-request']).toBe(1);
  });

  test('byte by byte and over a slow line too, without a greeting in it', async () => {
    const { chat } = await start();
    const browser = chat.connect();
    for (const byte of Buffer.from(`GET / HTTP/1.1\r\nAccept: */*\r\n`)) browser.sends(Uint8Array.of(byte));
    await chat.wait(5000);
    expect(browser.link.text).toBe('');
    browser.sends('Host: chat:8080\r\n');
    await chat.settle();
    expect(browser.link.text).toContain('\r\nLocation: http://chat:8081/\r\n');
  });

  test('keeps the name that the client used, where that is one', async () => {
    const { location } = await start();
    expect(await location(get('192.0.2.1'))).toBe('http://192.0.2.1:8081/');
    expect(await location(get('[2001:db8::1]:8080'))).toBe('http://[2001:db8::1]:8081/');
    expect(await location(`GET / HTTP/1.1\r\nX: 1\r\nhOsT:chat.example\r\n\r\n`)).toBe(
      'http://chat.example:8081/',
    );
    for (const host of ['', 'a b', 'evil.test/x', 'a@b', '<script>', 'x\ry', '[::1', 'a:b:c'])
      expect([host, await location(get(host))]).toEqual([host, 'http://here:8081/']);
    expect(await location('GET / HTTP/1.0\r\n\r\n')).toBe('http://here:8081/');
  });

  test('goes to HTTPS where the page is nowhere else', async () => {
    const { location } = await start({ port: 8443, tls: true });
    expect(await location(get('chat:8080'))).toBe('https://chat:8443/');
  });

  test('is answered after so many headers, or when the client hangs up', async () => {
    const { chat, location } = await start();
    expect(await location(`GET / HTTP/1.1\r\n${'X: y\r\n'.repeat(45)}`)).toBe('http://here:8081/');
    expect(await location(`GET / HTTP/1.1\r\nX: ${'y'.repeat(5000)}\r\nHost: chat\r\n`)).toBe(
      'http://chat:8081/',
    );
    const browser = chat.connect();
    browser.sends('GET / HTTP/1.1\r\n');
    await browser.hangsUp();
    expect(browser.link.text).toStartWith('HTTP/1.1 307 ');
    expect(browser.link.state).toBe('ended');
  });

  test('is told that there is none where there is no page', async () => {
    const { answered } = await start(null);
    expect((await answered(get('chat'))).text).toStartWith('HTTP/1.1 421 Misdirected Request\r\n');
  });
});
