import { describe, expect, test } from 'bun:test';
import { SPEAK_FIRST } from '../../src/dialect/client.ts';
import { Chat } from '../helper/chat.ts';

const SECRET = 'correct horse';

describe('once everybody has left', () => {
  test('nothing of them is in memory, and no timer but the hub’s and the store’s own', async () => {
    const chat = await Chat.start();
    const own = chat.clock.pending;
    const alice = await chat.account('alice', SECRET, 'ops', 'dev');
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`);
    const bob = await chat.person('bob', 'ops');
    const asking = await chat.person('carol');
    const visitor = chat.connect();
    await alice.types('hello', '/msg bob psst', '/exit');
    await bob.types('/me waves');
    await asking.types('msg');
    await bob.hangsUp();
    for (const person of [alice, again, bob, asking, visitor]) await person.drops();
    await chat.wait(SPEAK_FIRST);
    const { hub, store } = chat;
    expect([hub.sessions.size, hub.users.size, hub.rooms.size, hub.holds.size]).toEqual([0, 0, 0, 0]);
    expect(store.claims.size).toBe(0);
    expect(chat.flusher.totals.bytes).toBe(0);
    expect(chat.clock.pending).toBe(own);
    await hub.stop();
    expect(chat.clock.pending).toBe(0);
  });
});

describe('stopping', () => {
  test('keeps how far everyone had read, and what was said last', async () => {
    const before = await Chat.start();
    const alice = await before.account('alice', SECRET, 'ops');
    const bob = await before.person('bob', 'ops');
    await bob.types('one');
    alice.screen();
    bob.sends('two\n');
    await before.hub.stop();
    await before.settle();
    const after = await Chat.start({ store: before.store, clock: before.clock });
    const again = after.connect();
    await again.types(`login alice ${SECRET}`);
    expect(again.screen().filter(line => line.startsWith('bob'))).toEqual(['bob (in ops): two']);
  });
});

describe('everyone', () => {
  test('is told what parley announces, in a room or not, signed in or not', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const visitor = chat.connect();
    await chat.wait(200);
    visitor.screen();
    chat.hub.announce('tea is ready');
    await chat.settle();
    expect(alice.screen()).toEqual(['* tea is ready']);
    expect(visitor.screen()).toEqual(['* tea is ready']);
  });

  test('is counted: who signed in, what was said, what was refused, how links ended', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    await alice.types('one', '/me two', '/msg bob three', '/msg nobody four', '/foo');
    await alice.types('/exit');
    await bob.drops();
    const { counters } = chat.hub;
    expect(counters.signIns).toBe(2);
    expect(counters.messages).toEqual({ message: 1, action: 1, private: 1 });
    expect(counters.refusals).toEqual({ 'no-such-name': 1, 'unknown-command': 1 });
    expect(counters.closed).toEqual({ exit: 1, reset: 1 });
  });
});

describe('limits on names', () => {
  test('are what the rules say now', async () => {
    const chat = await Chat.start({ rules: { nameLength: 5 } });
    const alice = chat.connect();
    expect((await alice.asks('register alexandra')).at(-1)).toStartWith('! bad-name');
    chat.hub.setRules({ ...chat.hub.rules, nameLength: 9 });
    expect((await alice.asks('register alexandra')).join()).toContain('You are alexandra');
  });
});
