import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { Block } from '../../src/chat/block.ts';
import type { RoomEvent } from '../../src/chat/event.ts';
import type { Encoder } from '../../src/chat/ports.ts';
import { Chat } from '../helper/chat.ts';

function said(id: number, text: string): RoomEvent {
  return { type: 'message', room: 'ops', from: 'alice', text, id, at: id };
}

const JOINED: RoomEvent = {
  type: 'join',
  room: 'ops',
  from: 'bob',
  account: false,
  operator: false,
  id: 8,
  at: 8,
};

/** Shows messages by their text, and counts how often it was asked. */
class Plain implements Encoder {
  readonly frame = null;
  asked = 0;

  constructor(readonly index: number) {}

  line(event: RoomEvent): string {
    this.asked++;
    return event.type === 'message' ? `${this.index} ${event.text}\n` : '';
  }
}

describe('a block', () => {
  test('is encoded once for each way of showing it, whoever asks and how often', () => {
    const block = new Block('ops', 6);
    for (const [at, event] of [said(7, 'one'), JOINED, said(9, 'zwei ü')].entries())
      block.add(event, at, null);
    const [plain, other] = [new Plain(0), new Plain(5)];
    const bytes = block.bytesFor(plain);
    expect(Buffer.from(bytes).toString()).toBe('0 one\n0 zwei ü\n');
    expect(block.bytesFor(plain)).toBe(bytes);
    expect(block.linesFor(plain)).toEqual(['0 one\n', '', '0 zwei ü\n']);
    expect(plain.asked).toBe(3);
    expect(Buffer.from(block.bytesFor(other)).toString()).toBe('5 one\n5 zwei ü\n');
  });

  test('of a room may be skipped, and says how many lines that is and after which event', () => {
    const block = new Block('ops', 6);
    block.add(said(7, 'one'), 0, null);
    block.add(JOINED, 1, null);
    block.add(said(9, 'two'), 2, null);
    expect(block.skippable).toEqual({ room: 'ops', lines: 2, after: 6 });
  });

  test('of no room may not be skipped', () => {
    const block = new Block(null, 0);
    block.add({ type: 'private', from: 'alice', to: 'bob', text: 'psst', id: 7, at: 7 }, 0, null);
    expect(block.skippable).toBeUndefined();
  });

  test('without what a session said is the other lines, whatever was said by whom', async () => {
    const chat = await Chat.start();
    for (let i = 0; i < 3; i++) chat.connect();
    const sessions = [...chat.hub.sessions];
    const lines = fc.array(fc.record({ text: fc.string({ unit: 'grapheme' }), by: fc.nat({ max: 3 }) }));
    fc.assert(
      fc.property(lines, spoken => {
        const block = new Block('ops', 0);
        for (const [at, { text, by }] of spoken.entries())
          block.add(said(at + 1, text), at, sessions[by] ?? null);
        const plain = new Plain(0);
        for (const [by, session] of sessions.entries()) {
          const others = spoken.filter(line => line.by !== by).map(line => `0 ${line.text}\n`);
          expect(Buffer.from(block.bytesWithout(session, plain)).toString()).toBe(others.join(''));
          expect(block.saidBy(session)).toBe(spoken.length - others.length);
        }
      }),
    );
  });
});
