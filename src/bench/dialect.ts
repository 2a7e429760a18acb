/** How a load client speaks to a server: signing in, going into a room, saying a line, and what is no line. */
import type { LoadClient } from './load-client.ts';

/** The dialects there are, by the name the command line gives them. */
export type DialectName = 'text' | 'irc';

/** What a line that is no load is: to be answered, counted as an error under a short code, or passed over. */
export type Aside =
  | { readonly is: 'ping'; readonly answer: string }
  | { readonly is: 'error'; readonly code: string }
  | null;

export interface Dialect {
  readonly lineEnd: string;
  /** Bytes of text one line can carry. */
  readonly mostText: number;
  /** Takes a name on a fresh connection. Throws with what the server said where it refuses. */
  signIn(client: LoadClient, name: string): Promise<void>;
  /** Resolves when the client is in the room. Throws with what the server said where it refuses. */
  join(client: LoadClient, room: string): Promise<void>;
  /** What stands before the text of a line to the room one is in, or to a person. */
  toRoom(room: string): string;
  toPerson(name: string): string;
  /** Looks at a line, without its LF, that is no load. */
  aside(line: Buffer): Aside;
}

/** parley's own, as a terminal speaks it. */
const text: Dialect = {
  lineEnd: '\n',
  mostText: 16_000,
  async signIn(client, name) {
    await answered(client, `register ${name}\n`, /^\* Next: /m, TEXT_ERROR);
  },
  async join(client, room) {
    await answered(client, `/join ${room}\n`, /^\* You are in /m, TEXT_ERROR);
  },
  toRoom: () => '',
  toPerson: name => `/message ${name} `,
  aside(line) {
    if (line[0] !== EXCLAMATION || line[1] !== SPACE) return null;
    const sentence = line.toString();
    return { is: 'error', code: /^! [\w-]+/.exec(sentence)?.[0] ?? '!' };
  },
};

const EXCLAMATION = 0x21;
const SPACE = 0x20;
const TEXT_ERROR = /^! .*$/m;

/** RFC 1459 as every server speaks it; rooms are channels. */
const irc: Dialect = {
  lineEnd: '\r\n',
  // A line has 512 bytes with its end, and the server puts the sender before it.
  mostText: 400,
  async signIn(client, name) {
    let said = `NICK ${name}\r\nUSER ${name} 0 * :parley bench\r\n`;
    // Some servers want a ping answered before they let anyone in.
    for (;;) {
      const answer = await answered(client, said, /^(:\S+ 001 |PING )/m, IRC_ERROR);
      if (/^:\S+ 001 /m.test(answer)) return;
      said = pong(/^PING.*$/m.exec(answer)?.[0] ?? '');
    }
  },
  async join(client, room) {
    await answered(client, `JOIN #${room}\r\n`, /^:\S+ 366 /m, IRC_ERROR);
  },
  toRoom: room => `PRIVMSG #${room} :`,
  toPerson: name => `PRIVMSG ${name} :`,
  aside(line) {
    const said = line.toString('latin1');
    if (said.startsWith('PING')) return { is: 'ping', answer: pong(said) };
    if (said.startsWith('ERROR')) return { is: 'error', code: 'ERROR' };
    const numeric = /^:\S+ ([45]\d\d) /.exec(said)?.[1];
    return numeric === undefined || numeric === NO_MOTD ? null : { is: 'error', code: numeric };
  },
};

const NO_MOTD = '422';
const IRC_ERROR = /^(ERROR .*|:\S+ (?!422)[45]\d\d .*)$/m;

export const DIALECTS: Readonly<Record<DialectName, Dialect>> = { text, irc };

function pong(ping: string): string {
  return `PONG${ping.trimEnd().slice('PING'.length)}\r\n`;
}

async function answered(client: LoadClient, said: string, good: RegExp, bad: RegExp): Promise<string> {
  const either = new RegExp(`${good.source}|${bad.source}`, 'm');
  const answer = await client.ask(said, either);
  if (good.test(answer)) return answer;
  throw new Error(`the server answered: ${(bad.exec(answer)?.[0] ?? answer).trim().slice(0, 200)}`);
}
