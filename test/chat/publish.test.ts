import { describe, expect, test } from 'bun:test';
import { Refusal } from '../../src/chat/errors.ts';
import { fold } from '../../src/chat/names.ts';
import type { Token } from '../../src/chat/ports.ts';
import { Publisher } from '../../src/chat/publish.ts';
import type { Speaker } from '../../src/chat/rights.ts';
import { Chat } from '../helper/chat.ts';

const SECRET = 'correct horse';
const ALICE: Speaker = { kind: 'account', name: 'alice' };

function token(name: string, parts: Partial<Token> = {}): Speaker {
  const all = { id: name, name, rooms: null, read: true, write: true, created: 0, lastUsed: null };
  return { kind: 'token', token: { ...all, ...parts } };
}

async function world(settings: Parameters<typeof Chat.start>[0] = {}) {
  const chat = await Chat.start(settings);
  const alice = await chat.account('alice', SECRET, 'ops');
  return { chat, alice, publisher: new Publisher(chat.hub) };
}

/** What comes of it, or the code of why not. */
async function outcome<T>(chat: Chat, work: Promise<T>): Promise<T | string> {
  const done = work.catch(error => {
    if (error instanceof Refusal) return error.code;
    throw error;
  });
  await chat.settle();
  return await done;
}

const line = (text: string) => ({ text, kind: 'message', key: null }) as const;

describe('speaking without a session', () => {
  test('is one of the lines of the turn, in its place', async () => {
    const { chat, alice, publisher } = await world();
    const bob = await chat.person('bob', 'ops');
    alice.screen();
    bob.sends('one\n');
    const said = publisher.say(token('bot'), 'ops', line('two'));
    await Promise.resolve();
    await Promise.resolve();
    bob.sends('three\n');
    await outcome(chat, said);
    expect(alice.screen().toSorted()).toEqual([
      'bob (in ops): one',
      'bob (in ops): three',
      'bot (in ops): two',
    ]);
  });

  test('is shown to the speaker’s own sessions, which did not type it', async () => {
    const { chat, alice, publisher } = await world();
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    second.screen();
    await outcome(chat, publisher.say(ALICE, 'ops', line('from a script')));
    expect([alice.screen(), second.screen()]).toEqual([
      ['alice (in ops): from a script'],
      ['alice (in ops): from a script'],
    ]);
  });

  test('counts among the messages', async () => {
    const { chat, publisher } = await world();
    const before = chat.hub.counters.messages.message;
    await outcome(chat, publisher.say(ALICE, 'ops', line('one')));
    expect(chat.hub.counters.messages.message).toBe(before + 1);
  });

  test('makes no room, and no timer stays behind', async () => {
    const { chat, publisher } = await world();
    const timers = chat.clock.pending;
    expect(await outcome(chat, publisher.say(token('bot'), 'nowhere', line('a')))).toBe('no-such-room');
    expect(await outcome(chat, publisher.say(ALICE, 'ops', line('a')))).not.toBeString();
    expect([chat.clock.pending, chat.store.rooms.size]).toEqual([timers, 1]);
  });

  test('does not wait for ever for a store that stalls', async () => {
    const { chat, publisher } = await world();
    chat.backend.hold();
    await chat.settle();
    const said = publisher.say(ALICE, 'ops', line('a'));
    await chat.settle();
    await chat.wait(10_000);
    expect(await outcome(chat, said)).toBe('store-stalled');
    const told = publisher.tell(ALICE, 'alice', 'a', null);
    await chat.settle();
    await chat.wait(10_000);
    expect(await outcome(chat, told)).toBe('store-stalled');
  });

  test('stays within the rate of its speaker, whatever the spelling', async () => {
    const { chat, publisher } = await world({ rules: { lineRate: 2, lineBurst: 2 } });
    const say = (name: string) => outcome(chat, publisher.say({ kind: 'account', name }, 'ops', line('a')));
    await say('alice');
    await say('ALICE');
    expect(await say('Alice')).toBe('too-many-messages');
    chat.clock.advance(500);
    expect(await say('alice')).not.toBeString();
  });
});

describe('a private message without a session', () => {
  test('is shown to its addressee, and to its sender’s sessions as sent', async () => {
    const { chat, alice, publisher } = await world();
    const bob = await chat.person('bob');
    expect(await outcome(chat, publisher.tell(ALICE, 'BOB', 'psst', null))).toMatchObject({
      told: { outcome: 'delivered', to: 'bob' },
      event: { from: 'alice', to: 'bob', text: 'psst' },
    });
    expect(bob.screen()).toEqual(['alice (private): psst']);
    expect(alice.screen()).toEqual(['alice (private to bob): psst']);
  });

  test('to oneself is shown once', async () => {
    const { chat, alice, publisher } = await world();
    await outcome(chat, publisher.tell(ALICE, 'alice', 'note', null));
    expect(alice.screen()).toEqual(['alice (private): note']);
  });

  test('waits where its addressee is away, and can be answered', async () => {
    const { chat, publisher } = await world();
    const bob = await chat.account('bob', SECRET);
    await bob.drops();
    expect(await outcome(chat, publisher.tell(token('deploys'), '@bob', 'failed\n', null))).toMatchObject({
      told: { outcome: 'waiting', to: 'bob', account: true },
    });
    const again = chat.connect();
    await again.types(`login bob ${SECRET}`);
    expect(again.screen()).toContain('deploys (private): failed');
    expect((await again.asks('msg deploys ok')).join()).not.toContain('!');
  });

  test('is refused as it is in the chat', async () => {
    const { chat, publisher } = await world({ rules: { waitingMessages: 1 } });
    const tell = (to: string, text: string, speaker: Speaker = ALICE) =>
      outcome(chat, publisher.tell(speaker, to, text, null));
    expect(await tell('zoe', 'a')).toBe('no-such-name');
    expect(await tell('#ops', 'a')).toBe('no-such-name');
    expect(await tell('alice', ' ')).toBe('empty-text');
    expect(await tell('alice', 'a\nb')).toBe('several-lines');
    expect(await tell('alice', 'a'.repeat(4097))).toBe('text-too-long');
    expect(await tell('alice', 'a', token('t', { write: false }))).toBe('token-scope');
    await (await chat.person('bob')).drops();
    await tell('bob', 'one');
    expect(await tell('bob', 'two')).toBe('mailbox-full');
    chat.backend.failNext('store-full');
    expect(await tell('alice', 'a')).toBe('store-full');
  });

  test('is sent once for one key', async () => {
    const { chat, publisher } = await world();
    const bob = await chat.person('bob');
    const first = await outcome(chat, publisher.tell(ALICE, 'bob', 'psst', 'k'));
    const again = await outcome(chat, publisher.tell(ALICE, 'Bob', 'psst', 'k'));
    expect(first).toMatchObject({ repeated: false });
    expect(again).toMatchObject({ repeated: true });
    expect(bob.screen()).toEqual(['alice (private): psst']);
    expect(await outcome(chat, publisher.tell(ALICE, 'bob', 'else', 'k'))).toBe('key-reused');
    expect(await outcome(chat, publisher.tell(ALICE, 'alice', 'psst', 'k'))).toBe('key-reused');
    expect(chat.store.names.get(fold('alice'))?.waiting.size).toBe(0);
  });
});
