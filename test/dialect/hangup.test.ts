/** How a client's conversation ends: every line it sent is run, every answer arrives, then the link ends. */
import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { fold } from '../../src/chat/names.ts';
import { Chat } from '../helper/chat.ts';
import { late } from '../helper/late.ts';
import { cut, packetSizes } from '../helper/packets.ts';

const SCRIPT = ['register bob', 'join ops', 'hello', '/topic news', '/msg alice psst', '/history', 'bye'];
const ANSWERS = [
  '* parley test at here. To begin: register <name>. Commands: help',
  '* You are bob. Anyone may take the name once you leave; to keep it: /password <new password>',
  '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
  '* You are in ops. You are its operator. 1 here: @bob',
  '* Topic of ops: news (bob)',
  expect.stringMatching(/^#\d+ bob \(in ops\): hello$/),
];

describe('a script that sends its lines and closes its half', () => {
  test('has them all run and is shown all answers, however they come, over a link that takes little', async () => {
    const bytes = Buffer.from(SCRIPT.map(line => `${line}\n`).join(''));
    await fc.assert(
      fc.asyncProperty(packetSizes, fc.integer({ min: 20, max: 300 }), async (sizes, room) => {
        const chat = await Chat.start();
        const alice = await chat.person('alice');
        const bob = chat.connect();
        bob.link.room = room;
        for (const packet of cut(bytes, sizes)) bob.sends(packet);
        bob.connection.end();
        for (let i = 0; i < 100 && bob.link.state === 'open'; i++) {
          await chat.settle();
          bob.link.room = room;
          bob.connection.drain();
        }
        expect(bob.link.state).toBe('ended');
        expect(bob.screen()).toEqual(ANSWERS);
        expect(alice.screen()).toEqual(['bob (private): psst']);
        expect((await alice.asks('/join ops')).filter(line => line.startsWith('bob'))).toEqual([
          'bob (in ops): hello',
          'bob (in ops): bye',
        ]);
      }),
      { numRuns: 50 },
    );
  });

  test('is waited for while the store does not answer', async () => {
    const chat = await Chat.start();
    chat.backend.hold();
    const bob = chat.connect();
    bob.sends(SCRIPT.map(line => `${line}\n`).join(''));
    await bob.hangsUp();
    await chat.wait(120_000);
    expect(bob.link.state).toBe('open');
    chat.backend.resume();
    await chat.settle();
    expect(bob.link.state).toBe('ended');
    expect(bob.screen()).toContainEqual(ANSWERS.at(-1));
  });

  test('and asked something is told that the answer is missing', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob');
    bob.sends('msg\nbob');
    await bob.hangsUp();
    expect(bob.screen().join()).toContain('! missing-argument');
    expect(bob.link.state).toBe('ended');
    expect(chat.hub.users.size).toBe(0);
  });

  test('and says nothing at all is let go in silence', async () => {
    const chat = await Chat.start();
    const nobody = chat.connect();
    await nobody.hangsUp();
    expect(nobody.link.state).toBe('ended');
    expect(nobody.link.bytes).toHaveLength(0);
  });
});

describe('exit', () => {
  test('comes after all that was said before it, and nothing after it is run', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    alice.screen();
    bob.sends('one\ntwo\n/exit good night\nthree\n');
    await chat.settle();
    expect(alice.screen()).toEqual(['bob (in ops): one', 'bob (in ops): two', '* bob left ops (good night)']);
    expect(bob.screen().at(-1)).toBe('* Bye.');
    expect(bob.link.state).toBe('ended');
    expect(chat.hub.counters.closed.exit).toBe(1);
  });

  test('of who does not read ends at the deadline, and its name is free before that', async () => {
    const chat = await Chat.start({ wire: { drain: 3000 } });
    const bob = await chat.person('bob', 'ops');
    bob.link.room = 0;
    await bob.types('/exit');
    expect(chat.hub.users.size).toBe(0);
    expect(bob.link.state).toBe('open');
    await chat.wait(3000);
    expect(bob.link.state).toBe('terminated');
  });
});

describe('a line that takes long', () => {
  test('has the next ones wait for it, in order, and others not at all', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    alice.screen();
    const history = late(chat.backend, 'history');
    bob.sends('/history\none\n/history\ntwo\n');
    await chat.settle();
    await alice.types('meanwhile');
    expect(bob.screen()).toEqual(['alice (in ops): meanwhile']);
    expect(alice.screen()).toEqual([]);
    history.answer();
    await chat.settle();
    expect(alice.screen()).toEqual(['bob (in ops): one']);
    history.answer();
    await chat.settle();
    expect(alice.screen()).toEqual(['bob (in ops): two']);
  });

  test('stops the link from being read when too much piles up behind it, and none of that is lost', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    alice.screen();
    const history = late(chat.backend, 'history');
    await bob.types('/history');
    const said = Array.from({ length: 100 }, (_, i) => `${i} ${'x'.repeat(1000)}`);
    for (const text of said) if (!bob.link.paused) bob.sends(`${text}\n`);
    expect(bob.link.paused).toBe(true);
    history.stop();
    await chat.settle();
    expect(bob.link.paused).toBe(false);
    const heard = alice.screen();
    expect(heard.length).toBeGreaterThan(60);
    expect(heard).toEqual(said.slice(0, heard.length).map(text => `bob (in ops): ${text}`));
  });
});

describe('a flooder', () => {
  test('is heard at the rate, whole and in order, while others talk as ever', async () => {
    const chat = await Chat.start({ wire: { rate: { perSecond: 2, burst: 4 }, floodClose: 0 } });
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    await chat.wait(10_000);
    alice.screen();
    bob.sends(Array.from({ length: 20 }, (_, i) => `line ${i}\n`).join(''));
    await chat.settle();
    const heard = alice.screen();
    expect(heard).toHaveLength(4);
    for (let second = 0; second < 8; second++) {
      expect(bob.link.paused).toBe(true);
      await alice.types('me too');
      await chat.wait(1000);
      expect(bob.screen()).toEqual(['alice (in ops): me too']);
      heard.push(...alice.screen());
      expect(heard).toHaveLength(4 + 2 * (second + 1));
    }
    expect(heard).toEqual(Array.from({ length: 20 }, (_, i) => `bob (in ops): line ${i}`));
    expect(bob.link.paused).toBe(false);
  });

  test('that is to be closed once the store answers is not kept in memory until then', async () => {
    const chat = await Chat.start({ wire: { rate: { perSecond: 1, burst: 1 }, floodClose: 1000 } });
    const bob = await chat.person('bob', 'ops');
    await chat.wait(10_000);
    chat.backend.hold();
    for (let second = 0; second < 10; second++) {
      bob.sends('hello\n'.repeat(10));
      await chat.wait(1000);
    }
    expect(bob.link.paused).toBe(false);
    expect(chat.clock.pending).toBe(2);
    for (let i = 0; i < 100; i++) bob.sends('hello\n'.repeat(1000));
    expect(bob.link.paused).toBe(false);
    chat.backend.resume();
    await chat.settle();
    expect(bob.link.state).toBe('ended');
    expect(chat.hub.counters.messages.message).toBeLessThan(5);
  });
});

describe('the server', () => {
  test('runs nothing any more of who is to be closed, while that waits for what was said before', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    chat.backend.hold();
    await bob.types('one');
    chat.backend.loseClaim(fold('bob'));
    await bob.types('two', '/topic three', '/exit');
    expect(bob.link.state).toBe('open');
    alice.screen();
    chat.backend.resume();
    await chat.settle();
    expect(alice.screen().filter(line => line.includes('bob'))).toEqual([
      'bob (in ops): one',
      '* bob left ops (name-lost)',
    ]);
    expect(bob.link.state).toBe('ended');
  });
});
