import { describe, expect, test } from 'bun:test';
import { type Aside, DIALECTS } from '../../src/bench/dialect.ts';
import { LoadClient } from '../../src/bench/load-client.ts';

type Name = keyof typeof DIALECTS;

describe('a line that is no load', () => {
  test.each<readonly [Name, string, Aside]>([
    ['text', '* bob joined ops', null],
    ['text', '! slow-down: too fast', { is: 'error', code: '! slow-down' }],
    ['irc', 'PING :abc\r', { is: 'ping', answer: 'PONG :abc\r\n' }],
    ['irc', 'ERROR :Closing link\r', { is: 'error', code: 'ERROR' }],
    ['irc', ':s 404 mab00001 #r :Cannot send\r', { is: 'error', code: '404' }],
    ['irc', ':s 422 mab00001 :No MOTD\r', null],
    ['irc', ':s 366 mab00001 #r :End\r', null],
    ['irc', ':a!b@c JOIN #r\r', null],
  ])('of %s: %j', (dialect, line, expected) => {
    expect(DIALECTS[dialect].aside(Buffer.from(line))).toEqual(expected);
  });
});

/** A server that answers each line as it is told, and a client of it. */
async function talk(answers: Readonly<Record<string, string>>, work: (client: LoadClient) => Promise<void>) {
  const heard: string[] = [];
  const server = Bun.listen({
    hostname: '127.0.0.1',
    port: 0,
    socket: {
      data: (socket, bytes) => {
        for (const line of bytes
          .toString()
          .trimEnd()
          .split('\r\n')
          .flatMap(part => part.split('\n'))) {
          heard.push(line);
          socket.write(answers[line] ?? '');
        }
      },
    },
  });
  const client = await LoadClient.connect(server.port);
  try {
    await work(client);
  } finally {
    client.close();
    server.stop(true);
  }
  return heard;
}

describe('signing in', () => {
  test('to an IRC server that wants its ping answered first', async () => {
    const answers = {
      'USER mab00001 0 * :parley bench': 'PING :7\r\n',
      'PONG :7': ':s 001 mab00001 :Welcome\r\n',
      'JOIN #r': ':s 366 mab00001 #r :End\r\n',
    };
    const heard = await talk(answers, async client => {
      await DIALECTS.irc.signIn(client, 'mab00001');
      await DIALECTS.irc.join(client, 'r');
    });
    expect(heard).toEqual(['NICK mab00001', 'USER mab00001 0 * :parley bench', 'PONG :7', 'JOIN #r']);
  });

  test.each<readonly [Name, string, string]>([
    ['text', 'register mab00001', '! name-taken: mab00001 is in use.\n'],
    ['irc', 'NICK mab00001', ':s 433 * mab00001 :Nickname in use\r\n'],
  ])('to %s says what the server refused', async (dialect, line, refusal) => {
    await talk({ [line]: refusal }, async client => {
      const refused = DIALECTS[dialect].signIn(client, 'mab00001');
      await expect(refused).rejects.toThrow(`the server answered: ${refusal.trim()}`);
    });
  });
});
