/** `parley token` as a shell sees it: over the socket of a running parley, and on a store by itself. */
import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Ran, runParley, type Started, startParley } from '../helper/run-parley.ts';

const cwd = mkdtempSync(join(tmpdir(), 'parley-token-'));
afterAll(() => rmSync(cwd, { recursive: true }));

const token = (...args: string[]): Promise<Ran> => runParley(['token', ...args], { cwd });
const listed = async (...args: string[]) => JSON.parse((await token('list', '--json', ...args)).out).tokens;

describe('on a store that no parley runs on', () => {
  const data = ['--data', 'alone'] as const;

  test('it says so, and does what is asked', async () => {
    const made = await token('create', 'deploys', '--rooms', 'ops,Dev', '--write', ...data);
    expect(made.code).toBe(0);
    expect(made.out).toMatch(/^parley_[A-Za-z0-9_-]{43}\n$/);
    const [where, what] = made.err.trimEnd().split('\n');
    expect(where).toBe('parley: no parley is running on alone: working on its store');
    expect(what).toMatch(/^parley: token [a-z0-9]{8} of deploys, to write in ops, Dev\. /);
    expect(made.err).not.toContain(made.out.trim());

    const [kept] = await listed(...data);
    expect(kept).toMatchObject({ name: 'deploys', rooms: ['ops', 'Dev'], read: false, write: true });
    const { out } = await token('list', ...data);
    expect(out.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^id {8}name {5}rooms {5}may {4}created \(UTC\) {5}last used \(UTC\)$/),
      expect.stringMatching(
        new RegExp(`^${kept.id}  deploys  ops, Dev  write  \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d  never$`),
      ),
    ]);

    const gone = await token('revoke', kept.id, ...data);
    expect([gone.code, gone.out]).toEqual([0, '']);
    expect(gone.err).toContain(`token ${kept.id} of deploys is taken back`);
    expect(await token('revoke', kept.id, ...data)).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining(`there is no token ${kept.id}`),
    });
    expect(await token('list', ...data)).toMatchObject({
      code: 0,
      out: '',
      err: expect.stringContaining('there are no tokens'),
    });
  });

  test('what cannot be is refused with exit code 1', async () => {
    const { code, out, err } = await token('create', '9lives', ...data);
    expect([code, out]).toEqual([1, '']);
    expect(err).toContain('parley: that name cannot be used: ');
  });

  test('where there is none, nothing is made to look into', async () => {
    for (const args of [['list'], ['revoke', 'abcd1234']]) {
      const { code, out, err } = await token(...args, '--data', 'nowhere');
      expect([code, out]).toEqual([1, '']);
      expect(err).toBe(
        'parley: cannot reach parley on nowhere/parley.sock: nobody answers there, and nowhere has no parley.db. Name it: --data DIR\n',
      );
    }
    expect(existsSync(join(cwd, 'nowhere'))).toBe(false);
    const { code, err } = await token('create', 'bot', '--memory');
    expect(code).toBe(1);
    expect(err).toContain('--memory leaves no store to write to');
  });
});

describe('while parley runs', () => {
  const data = ['--data', 'served'] as const;
  let daemon: Started;
  let http: string;

  beforeAll(async () => {
    daemon = await startParley(['--host', '127.0.0.1', '--port', 'auto', '--http-port', 'auto', ...data], {
      cwd,
    });
    http = /http on (\S+)$/.exec(daemon.ready)?.[1] ?? '';
  });

  afterAll(async () => {
    daemon.child.kill('SIGTERM');
    await daemon.child.exited;
  });

  const asks = (secret: string) =>
    fetch(`http://${http}/api/me`, { headers: { Authorization: `Bearer ${secret}` } });

  test('a token works from when it is made until it is taken back', async () => {
    const made = await token('create', 'watch', '--read', ...data);
    expect(made.code).toBe(0);
    expect(made.err).toMatch(/^parley: token \S+ of watch, to read in all rooms\. [^\n]*\n$/);
    const secret = made.out.trim();
    expect(await (await asks(secret)).json()).toMatchObject({ kind: 'token', name: 'watch', write: false });
    const [kept] = await listed(...data);
    expect(kept.lastUsed).toMatch(/^\d{4}-/);
    expect((await token('revoke', kept.id, ...data)).code).toBe(0);
    expect((await asks(secret)).status).toBe(401);
    expect(await listed(...data)).toEqual([]);
  });

  test('what it refuses is said as it says it', async () => {
    expect(await token('revoke', 'no/such', ...data)).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(/^parley: [^\n]+\n$/),
    });
    expect(await token('create', 'bot', '--rooms', 'no room', ...data)).toMatchObject({
      code: 1,
      err: expect.stringContaining('parley: that room name cannot be used: '),
    });
  });

  test('its store is left alone, whoever does not know its socket', async () => {
    for (const socket of ['off', 'elsewhere.sock']) {
      const { code, out, err } = await token('create', 'bot', '--http-socket', socket, ...data);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(/^parley: cannot reach parley on .*--http-socket PATH\n$/);
    }
    expect(await listed(...data)).toEqual([]);
  });
});

test('a socket that is not parley’s is named, and no store is touched', async () => {
  const socket = join(cwd, 'other.sock');
  const answers = async (fetch: () => Response) => {
    const server = Bun.serve({ unix: socket, fetch });
    const ran = await token('create', 'bot', '--data', 'untouched', '--http-socket', socket);
    await server.stop(true);
    return ran;
  };
  const strange = await answers(() => Response.json({ hello: 'there' }));
  expect(strange).toEqual({
    code: 1,
    out: '',
    err: `parley: cannot reach parley on ${socket}: it answered 200, in a way this parley does not know\n`,
  });
  expect((await answers(() => new Response('what?', { status: 500 }))).err).toContain('it answered 500');
  const deaf = Bun.listen({ unix: socket, socket: { data: peer => void peer.terminate() } });
  const { code, err } = await token('list', '--http-socket', socket);
  deaf.stop(true);
  expect([code, err]).toEqual([1, `parley: cannot reach parley on ${socket}: ECONNRESET\n`]);
  expect(existsSync(join(cwd, 'untouched'))).toBe(false);
});
