/** What is handed over, as data: it is read as it was written, whatever it was cut in the middle of. */
import { expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { Refusal } from '../../src/chat/errors.ts';
import { readState } from '../../src/upgrade/read.ts';
import { type HandoverState, STATE_VERSION, writeState } from '../../src/upgrade/state.ts';
import { Flusher } from '../../src/wire/flusher.ts';
import { LineSplitter, type LinesState } from '../../src/wire/lines.ts';
import { LinkOutbox } from '../../src/wire/outbox.ts';
import { Telnet, type TelnetState } from '../../src/wire/telnet.ts';
import { FakeLink } from '../helper/link.ts';
import { ManualTurn } from '../helper/turn.ts';

const count = fc.nat();
const words = fc.string({ unit: 'grapheme' });
const base64 = fc.uint8Array().map(bytes => Buffer.from(bytes).toString('base64'));
const skippable = fc.record({ room: words, lines: count, after: count });
const options = fc.record({
  time: fc.boolean(),
  color: fc.boolean(),
  echo: fc.boolean(),
  notices: fc.boolean(),
  prompt: fc.boolean(),
});
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const state: fc.Arbitrary<HandoverState> = fc.record({
  version: fc.constant(STATE_VERSION),
  from: words,
  since: count,
  stopping: fc.boolean(),
  listeners: fc.array(
    fc.record({
      fd: count,
      where: fc.oneof(
        fc.record({ kind: fc.constant('tcp' as const), host: words, port: count, tls: fc.boolean() }),
        fc.record({ kind: fc.constant('unix' as const), path: words, tls: fc.boolean() }),
      ),
      own: fc.constant(true as const),
    }),
  ),
  inodes: fc.array(fc.record({ fd: count, inode: count })),
  httpPort: nullable(count),
  httpsPort: nullable(count),
  hub: fc.record({
    lastSession: count,
    users: fc.array(
      fc.record({
        name: words,
        account: fc.boolean(),
        options,
        away: nullable(words),
        announced: fc.boolean(),
        ignored: fc.array(words),
      }),
    ),
    rooms: fc.array(
      fc.record({
        name: words,
        members: fc.array(
          fc.record({
            name: words,
            rank: fc.constantFrom('operator' as const, 'voice' as const, 'member' as const),
            account: fc.boolean(),
            here: fc.boolean(),
          }),
        ),
        invited: fc.array(words),
      }),
    ),
  }),
  clients: fc.array(
    fc.record({
      link: fc.record({ fd: count, listener: words, address: words, port: count }),
      client: fc.record({
        address: words,
        greeted: fc.boolean(),
        firstLine: fc.constantFrom('awaited' as const, 'unread' as const, 'read' as const),
        question: nullable(fc.record({ command: words, answers: fc.array(words) })),
        session: fc.record({
          id: count,
          connectedAt: count,
          lastActive: count,
          lines: count,
          name: nullable(words),
          options,
          rooms: fc.array(words),
          current: nullable(words),
        }),
        connection: fc.record({
          fresh: fc.boolean(),
          held: nullable(words),
          lines: nullable(fc.record({ fresh: fc.boolean(), dropped: count, pending: base64 })),
          telnet: nullable(
            fc.record({
              within: fc.constantFrom('text' as const, 'option' as const, 'subnegotiation-command' as const),
              verb: count,
              subnegotiated: count,
              refused: nullable(base64),
            }),
          ),
          outbox: fc.record({
            unsent: fc.array(fc.record({ bytes: base64, skip: nullable(skippable), seen: fc.array(count) })),
            skipped: nullable(fc.record({ rooms: fc.array(skippable), seen: fc.array(count) })),
          }),
        }),
      }),
    }),
    { maxLength: 3 },
  ),
});

test('is read as it was written', () => {
  fc.assert(fc.property(state, given => expect(readState(writeState(given))).toEqual(given)));
});

test('another version, another shape and no JSON at all are told apart, in words', () => {
  const given: HandoverState = {
    version: STATE_VERSION,
    from: 'test',
    since: 0,
    stopping: false,
    listeners: [],
    inodes: [],
    httpPort: null,
    httpsPort: null,
    hub: { lastSession: 0, users: [], rooms: [] },
    clients: [],
  };
  const changed = (change: object) => readState(JSON.stringify({ ...given, ...change }));
  expect(changed({ version: 2 })).toBe('it is version 2, and this program reads 1');
  expect(changed({ hub: { lastSession: -1, users: [], rooms: [] } })).toContain('hub.lastSession is wrong');
  expect(readState('')).toBe('it is not what a parley hands over');
  expect(readState('{}')).toBe('it is not what a parley hands over');
  fc.assert(fc.property(fc.string(), text => typeof readState(text) === 'string'));
});

/** Bytes that splitters and telnet find something in. */
const bytes = fc
  .array(
    fc.oneof(
      fc.constantFrom(...[10, 13, 0, 8, 127, 255, 250, 240, 251, 253, 1, 0xef, 0xbb, 0xbf, 0xc3, 0xa4]),
      fc.integer({ min: 32, max: 126 }),
    ),
    { maxLength: 200 },
  )
  .map(array => Uint8Array.from(array));

function cutAt(all: Uint8Array, at: number): [Uint8Array, Uint8Array] {
  const cut = at % (all.length + 1);
  return [all.slice(0, cut), all.slice(cut)];
}

/** Through JSON, as it goes. */
function copied<T>(plain: T): T {
  return JSON.parse(JSON.stringify(plain)) as T;
}

function drain(lines: LineSplitter): string[] {
  const all: string[] = [];
  for (let line = lines.next(); line !== null; line = lines.next()) {
    all.push(line instanceof Refusal ? line.code : line);
    if (line instanceof Refusal && line.code === 'line-endless') break;
  }
  return all;
}

test('lines are the same, wherever a splitter is cut off and another goes on', () => {
  fc.assert(
    fc.property(bytes, count, fc.boolean(), (all, at, pulled) => {
      const whole = new LineSplitter(8);
      whole.feed(all);
      const [head, tail] = cutAt(all, at);
      const first = new LineSplitter(8);
      first.feed(head);
      const early = pulled ? drain(first) : [];
      fc.pre(!early.includes('line-endless'));
      const state: LinesState = copied(first.state);
      const second = new LineSplitter(8);
      second.restore(state);
      // What was not pulled before is pulled first.
      const lines = [...early, ...drain(second)];
      if (!lines.includes('line-endless')) {
        second.feed(tail);
        lines.push(...drain(second));
      }
      expect(lines).toEqual(drain(whole));
    }),
  );
});

test('telnet is taken out the same, wherever it is cut off and another goes on', () => {
  fc.assert(
    fc.property(bytes, count, (all, at) => {
      const text = (parts: (Uint8Array | null)[]) =>
        Buffer.concat(parts.map(part => part ?? new Uint8Array(0)));
      const [head, tail] = cutAt(all, at);
      // Refusals that are told once a chunk are compared over the same chunks.
      const whole = new Telnet();
      const wholeReplies: (Uint8Array | null)[] = [];
      const wholeText = [head, tail].map(part => {
        const out = whole.filter(part);
        wholeReplies.push(whole.takeReply());
        return out;
      });
      const first = new Telnet();
      const parts: (Uint8Array | null)[] = [first.filter(head)];
      const replies = [first.takeReply()];
      const state: TelnetState = copied(first.state);
      const second = new Telnet();
      second.restore(state);
      parts.push(second.filter(tail));
      replies.push(second.takeReply());
      expect(text(parts)).toEqual(text(wholeText));
      expect(text(replies)).toEqual(text(wholeReplies));
    }),
  );
});

test('every byte leaves once and in order, and marks come when theirs have', () => {
  const push = fc.record({ text: fc.string({ maxLength: 20 }), seen: fc.boolean() });
  fc.assert(
    fc.property(fc.array(push, { maxLength: 20 }), count, (pushes, room) => {
      const total = Buffer.from(pushes.map(({ text }) => text).join('')).length;
      const outboxOver = (link: FakeLink, turn: ManualTurn) =>
        new LinkOutbox(link, { soft: 1e6, hard: 1e6 }, new Flusher(turn), { onOverflow: () => {} });
      const turn = new ManualTurn();
      const link = new FakeLink(room % (total + 1));
      const outbox = outboxOver(link, turn);
      const seen: number[] = [];
      for (const [id, { text, seen: marked }] of pushes.entries()) {
        outbox.pushText(text);
        if (marked) outbox.mark(() => seen.push(id), [id]);
      }
      turn.end();
      const rest = copied(outbox.carry());
      const nextTurn = new ManualTurn();
      const nextLink = new FakeLink();
      outboxOver(nextLink, nextTurn).restore(rest, ids => seen.push(...ids));
      nextTurn.end();
      expect(link.text + nextLink.text).toBe(pushes.map(({ text }) => text).join(''));
      expect(seen).toEqual([...pushes.entries()].filter(([, { seen }]) => seen).map(([id]) => id));
    }),
  );
});
