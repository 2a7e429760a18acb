import { describe, expect, test } from 'bun:test';
import { fold } from '../../src/chat/names.ts';
import { Chat } from '../helper/chat.ts';

const SECRET = 'correct horse';

describe('what an operator does', () => {
  test('holds from the moment it is committed, not sooner', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    chat.backend.hold();
    await alice.types('/moderated on');
    await bob.types('before');
    chat.backend.resume();
    await chat.settle();
    expect(alice.screen()).toContain('bob (in ops): before');
    expect((await bob.asks('after')).at(-1)).toStartWith('! moderated');
  });

  test('is not done where it could not be kept, and the operator is told', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    alice.screen();
    for (const command of ['/kick bob', '/ban bob', '/topic x', '/key x', '/moderated on', '/op bob']) {
      chat.backend.failNext('store-full');
      expect(await alice.asks(command)).toEqual([expect.stringContaining('! store-full')]);
    }
    expect(bob.screen()).toEqual([]);
    const room = chat.hub.rooms.get(fold('ops'));
    expect(room).toMatchObject({ topic: null, key: null, moderated: false });
    expect([room?.bans.size, room?.members.size]).toEqual([0, 2]);
    await bob.types('still here');
    expect(alice.screen()).toEqual(['bob (in ops): still here']);
  });

  test('puts an account out with all its sessions, for as long as it wants in again', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const first = await chat.account('bob', SECRET, 'ops');
    const second = chat.connect();
    await second.types(`login bob ${SECRET}`);
    first.screen();
    second.screen();
    await alice.types('/kick bob');
    for (const session of [first, second])
      expect(session.screen()).toEqual([
        '* alice put bob out of ops',
        '* You are in no room now: lines you type are commands.',
      ]);
    await first.drops();
    await second.drops();
    const third = chat.connect();
    await third.types(`login bob ${SECRET}`);
    expect(third.screen().at(-1)).toBe(
      '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
    );
  });

  test('survives a restart: bans by name and by address, ranks, key and topic', async () => {
    const before = await Chat.start();
    const alice = await before.account('alice', SECRET, 'ops');
    const bob = before.connect('198.51.100.7');
    await bob.types('register bob', 'join ops');
    await alice.types('/ban bob address spam', '/key sesame', '/topic news');
    await before.hub.stop();
    const chat = await Chat.start({ store: before.store, clock: before.clock });
    const eve = chat.connect('198.51.100.7');
    await eve.types('register eve');
    expect((await eve.asks('join ops sesame')).join()).toContain('! banned: you are banned from ops: spam');
    const other = chat.connect('203.0.113.1');
    await other.types('register bob');
    expect((await other.asks('join ops sesame')).join()).toContain('! banned');
    const carol = chat.connect('203.0.113.1');
    await carol.types('register carol');
    expect((await carol.asks('join ops')).join()).toContain('! bad-key');
    expect((await carol.asks('join ops sesame')).join()).toContain('Topic of ops: news (alice)');
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`);
    expect((await again.asks('/unban bob')).join()).toContain('No longer banned');
    expect((await eve.asks('join ops sesame')).join()).toContain('You are in ops');
  });

  test('meets everyone on an address, on whatever session, but not the operator', async () => {
    const chat = await Chat.start();
    const alice = chat.connect('192.0.2.5');
    await alice.types('register alice', 'join ops');
    const bob = chat.connect('192.0.2.6');
    await bob.types(`register bob ${SECRET}`, 'join ops');
    const elsewhere = chat.connect('198.51.100.1');
    await elsewhere.types(`login bob ${SECRET}`);
    const carol = chat.connect('198.51.100.2');
    await carol.types('register carol', 'join ops');
    await alice.types('/ban 192.0.2.0/24');
    expect(await carol.asks('/users')).toEqual(['* ops: 2 here: @alice, carol']);
  });

  test('lets somebody in once, in spite of a key and a ban', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob');
    await alice.types('/key sesame', '/ban bob', '/invite bob');
    expect(bob.screen()).toEqual(['* alice asks you into ops. To go in: /join ops']);
    expect((await bob.asks('join ops')).join()).toContain('You are in ops');
    await bob.types('leave');
    expect((await bob.asks('join ops')).at(-1)).toStartWith('! banned');
  });
});
