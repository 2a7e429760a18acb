/** The API as a script has it: the compiled binary, and curl alone. */
import { afterAll, expect, test } from 'bun:test';
import { TextClient } from '../helper/client.ts';
import { Daemon, remove, scratch } from '../helper/daemon.ts';

const SECRET = 'correct horse';
const dir = scratch();
afterAll(() => remove(dir));

/** Runs curl and answers what it printed. */
async function curl(...args: string[]): Promise<string> {
  const child = Bun.spawn(['curl', '-sS', '--max-time', '30', ...args], { stdout: 'pipe', stderr: 'pipe' });
  const [out, problem, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`curl ended with ${code}: ${problem}`);
  return out;
}

interface Message {
  readonly id: number;
  readonly from: string;
  readonly text: string;
}

/** A curl that follows a room. */
class Follower {
  readonly messages: Message[] = [];
  private readonly child: Bun.Subprocess<'ignore', 'pipe', 'ignore'>;
  private text = '';
  private wake: () => void = () => {};
  private ended = false;
  private readonly read: Promise<void>;

  /** What was not whole when a stream broke was not received. */
  constructor(url: string, user: string, last: number | null) {
    const header = last === null ? [] : ['-H', `Last-Event-ID: ${last}`];
    this.child = Bun.spawn(['curl', '-sN', '-u', user, ...header, url], {
      stdin: 'ignore',
      stdout: 'pipe',
      stderr: 'ignore',
    });
    this.read = this.reading(this.child.stdout);
  }

  /** Resolves once the stream has begun. */
  async begun(): Promise<void> {
    await this.until(() => this.text.includes('retry: '));
  }

  async until(enough: () => boolean): Promise<void> {
    while (!enough()) {
      if (this.ended) throw new Error(`the stream ended:\n${this.text}`);
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
    }
  }

  async end(): Promise<void> {
    this.child.kill();
    await this.read;
  }

  /** Resolves when the other side has ended it. */
  async over(): Promise<string> {
    await this.read;
    return this.text;
  }

  private async reading(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = '';
    for await (const bytes of stream) {
      const text = decoder.decode(bytes, { stream: true });
      this.text += text;
      const events = (rest + text).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) this.take(event);
      this.wake();
    }
    this.ended = true;
    this.wake();
  }

  private take(event: string): void {
    const data = /^data: (.*)$/m.exec(event)?.[1];
    const id = /^id: (\d+)$/m.exec(event)?.[1];
    if (data === undefined) return;
    const message = JSON.parse(data) as Message;
    expect(String(message.id)).toBe(id ?? '');
    this.messages.push(message);
  }
}

async function start(): Promise<Daemon> {
  return await Daemon.start('--data', dir, '--limits', 'off', '--http-port', 'auto');
}

test('curl publishes, reads back by id, and follows across kill -9 without a gap or a double', async () => {
  let daemon = await start();
  const user = `alice:${SECRET}`;
  const alice = await TextClient.connect(daemon.port);
  alice.send(`register alice ${SECRET}`, '/join ops');
  await alice.sync();
  const at = (path: string): string => `${daemon.http}/api/rooms/ops/${path}`;

  const headers = await curl('-u', user, '-d', 'deploy done', '-D', '-', '-o', '/dev/null', at('messages'));
  expect(headers).toStartWith('HTTP/1.1 201 ');
  const location = /^location: (\S+)/im.exec(headers)?.[1] ?? '';
  expect(JSON.parse(await curl('-u', user, `${daemon.http}${location}`))).toMatchObject({
    type: 'message',
    room: 'ops',
    from: 'alice',
    text: 'deploy done',
  });
  // Whoever sits in the room sees it.
  await alice.until('alice (in ops): deploy done');

  /** All that was tried, and those of which no answer came. */
  const texts: string[] = [];
  const unsure: string[] = [];
  const post = (text: string): Promise<string> =>
    curl('-u', user, '-H', `Idempotency-Key: ${text}`, '-d', text, at('messages'));
  const seen: number[] = [];
  let follower = new Follower(at('events'), user, null);
  await follower.begun();
  for (let round = 0; round < 4; round++) {
    const publish = async (name: string): Promise<void> => {
      for (let i = 0; ; i++) {
        const text = `${round}-${name}-${i}`;
        texts.push(text);
        if (await post(text).catch(() => null)) continue;
        unsure.push(text);
        break;
      }
    };
    const publishing = [publish('a'), publish('b'), publish('c')];
    const wanted = 5 + 5 * round;
    await follower.until(() => follower.messages.length >= wanted);
    await daemon.kill();
    await Promise.all(publishing);
    await follower.over();
    seen.push(...follower.messages.map(({ id }) => id));
    daemon = await start();
    follower = new Follower(at('events'), user, seen.at(-1) ?? null);
    await follower.begun();
    // Said once, whether it was kept before the kill or not.
    for (const text of unsure.splice(0)) await post(text);
  }
  const last = (JSON.parse(await curl('-u', user, '-d', 'the last', at('messages'))) as Message).id;
  await follower.until(() => follower.messages.at(-1)?.id === last);
  seen.push(...follower.messages.map(({ id }) => id));

  const all: Message[] = [];
  for (let next: string | undefined = '/api/rooms/ops/messages?after=0&limit=10'; next; ) {
    const page: { messages: Message[]; next?: string } = JSON.parse(
      await curl('-u', user, `${daemon.http}${next}`),
    );
    all.push(...page.messages);
    next = page.next;
  }
  // The first was said before anybody followed.
  expect(seen).toEqual(all.slice(1).map(({ id }) => id));
  const said = all.map(({ text }) => text);
  expect(said.toSorted()).toEqual(['deploy done', 'the last', ...texts].toSorted());

  // Stopping ends streams with a comment, and at once.
  const code = daemon.stop();
  expect(await follower.over()).toContain(': shutting-down: ');
  expect(await code).toBe(0);
}, 60_000);

test('curl is refused in the words of the chat', async () => {
  const daemon = await start();
  const refused = async (...args: string[]): Promise<string> => {
    const [body = '', status] = (await curl('-w', '\n%{http_code} %{content_type}', ...args)).split(
      /\n(?=\d{3} )/,
    );
    return `${status} ${(JSON.parse(body) as { code: string }).code}`;
  };
  const room = `${daemon.http}/api/rooms/ops/messages`;
  const problem = 'application/problem+json';
  expect(await refused('-d', 'a', room)).toBe(`401 ${problem} sign-in-required`);
  expect(await refused('-u', 'alice:wrong', '-d', 'a', room)).toBe(`401 ${problem} wrong-password`);
  expect(await refused('-H', 'Authorization: Bearer parley_no', '-d', 'a', room)).toBe(
    `401 ${problem} bad-token`,
  );
  const user = ['-u', `alice:${SECRET}`];
  expect(await refused(...user, '-d', 'a', room.replace('ops', 'nowhere'))).toBe(
    `404 ${problem} no-such-room`,
  );
  expect(await refused(...user, '-d', '', room)).toBe(`400 ${problem} bad-request`);
  expect(await refused(...user, '-d', 'a'.repeat(5000), room)).toBe(`413 ${problem} text-too-long`);
  expect(await refused(...user, '--json', '{', room)).toBe(`400 ${problem} bad-json`);
  expect(await refused(...user, '-X', 'PUT', room)).toBe(`405 ${problem} wrong-method`);
  expect(JSON.parse(await curl(`${daemon.http}/api/openapi.json`))).toMatchObject({ openapi: '3.1.0' });
  expect(await daemon.stop()).toBe(0);
}, 30_000);
