import { describe, expect, test } from 'bun:test';
import { Chat } from '../helper/chat.ts';
import { late } from '../helper/late.ts';

const SECRET = 'correct horse';

describe('who shares a room with an account', () => {
  test('is told when it goes and comes, once, whatever rooms they share and however often it is signed in', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops', 'dev');
    const carol = await chat.person('carol', 'tea');
    const first = await chat.account('alice', SECRET, 'ops', 'dev');
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    bob.screen();
    await first.types('/exit');
    expect(bob.screen()).toEqual([]);
    await second.types('/exit good night');
    expect(bob.screen()).toEqual(['* alice is offline (good night)']);
    const third = chat.connect();
    await third.types(`login alice ${SECRET}`);
    expect(bob.screen()).toEqual(['* alice is online']);
    expect(third.screen().join()).not.toContain('is online');
    expect(carol.screen()).toEqual([]);
  });

  test('is not told that it goes where it never was told that it came', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    await (await chat.account('alice', SECRET, 'ops')).types('/exit');
    bob.screen();
    const history = late(chat.backend, 'history');
    const alice = chat.connect();
    await alice.types(`login alice ${SECRET}`);
    await alice.drops();
    history.stop();
    await chat.settle();
    expect(bob.screen()).toEqual([]);
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`, '/exit');
    expect(bob.screen()).toEqual(['* alice is online', '* alice is offline']);
  });

  test('is told that it is away, and why, and that it is back', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    const alice = await chat.account('alice', SECRET, 'ops');
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    bob.screen();
    second.screen();
    await alice.types('/away lunch');
    expect(bob.screen()).toEqual(['* alice is away: lunch']);
    expect(await bob.asks('/msg alice hello')).toEqual(['* alice is away: lunch.']);
    await second.types('/away');
    expect(bob.screen()).toEqual(['* alice is back']);
  });

  test('is not told where it asked not to be', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    await bob.types('/set notices off');
    bob.screen();
    const alice = await chat.account('alice', SECRET, 'ops');
    await alice.types('hello', '/exit');
    expect(bob.screen()).toEqual(['alice (in ops): hello']);
  });
});

describe('an unlisted room', () => {
  test('is named to nobody who is not in it', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    await alice.types('/create plans');
    const room = /in (plans-\w+),/.exec(alice.screen().join())?.[1] ?? 'none';
    const bob = await chat.person('bob', 'ops');
    for (const command of ['/rooms', '/who', '/who alice', `/who ${room}`])
      expect(
        (await bob.asks(command)).filter(line => line.includes('plans') && !line.startsWith('!')),
      ).toEqual([]);
    for (const command of ['/rooms', '/who', `/who ${room}`])
      expect((await alice.asks(command)).join()).toContain(room);
    await bob.types(`/join ${room}`);
    expect((await bob.asks('/rooms')).join()).toContain(room);
  });
});
