import { describe, expect, test } from 'bun:test';
import { fold } from '../../src/chat/names.ts';
import { Chat } from '../helper/chat.ts';
import { late } from '../helper/late.ts';

const SECRET = 'correct horse';
const DAY = 86_400_000;

function waiting(chat: Chat, name: string): string[] {
  return [...(chat.store.names.get(fold(name))?.waiting.values() ?? [])].map(event => event.text);
}

describe('a private message', () => {
  test('is shown to all sessions of its addressee, and to the sender’s other sessions as sent', async () => {
    const chat = await Chat.start();
    const first = await chat.account('alice', SECRET);
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    const bob = await chat.person('bob');
    second.screen();
    await bob.types('msg alice psst');
    expect(first.screen()).toEqual(['bob (private): psst']);
    expect(second.screen()).toEqual(['bob (private): psst']);
    await first.types('msg bob what');
    expect(first.screen()).toEqual([]);
    expect(second.screen()).toEqual(['alice (private to bob): what']);
    expect(bob.screen()).toEqual(['alice (private): what']);
    expect(waiting(chat, 'alice')).toEqual([]);
  });

  test('to oneself is shown once to each of one’s sessions', async () => {
    const chat = await Chat.start();
    const first = await chat.account('alice', SECRET);
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    second.screen();
    await first.types('msg alice note');
    expect(first.screen()).toEqual(['alice (private): note']);
    expect(second.screen()).toEqual(['alice (private): note']);
  });

  test('is echoed to who asked for that, once', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice');
    await chat.person('bob');
    await alice.types('set echo on');
    expect(await alice.asks('msg bob psst')).toEqual(['alice (private to bob): psst']);
  });

  test('comes in its place among the lines of a turn', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    alice.screen();
    bob.sends('one\n/msg alice two\nthree\n/msg alice four\n');
    await chat.settle();
    expect(alice.screen()).toEqual([
      'bob (in ops): one',
      'bob (private): two',
      'bob (in ops): three',
      'bob (private): four',
    ]);
  });

  test('that could not be kept is shown to nobody, and its sender is told', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice');
    const bob = await chat.person('bob');
    chat.backend.failNext('store-full');
    expect((await bob.asks('msg alice psst')).join()).toStartWith('! store-full');
    expect(alice.screen()).toEqual([]);
    expect(waiting(chat, 'alice')).toEqual([]);
    await alice.drops();
    chat.backend.failNext('store-failed');
    expect((await bob.asks('msg alice psst')).join()).toStartWith('! store-failed');
  });

  test('from somebody who is ignored is shown neither now nor later', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob');
    const alice = await chat.account('alice', SECRET);
    await alice.types('ignore bob');
    alice.screen();
    await bob.types('msg alice now');
    expect(alice.screen()).toEqual([]);
    await alice.drops();
    await bob.types('msg alice later');
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`);
    expect(again.screen().join()).not.toContain('waited');
    expect(waiting(chat, 'alice')).toEqual([]);
  });
});

describe('a message to somebody who is not online', () => {
  test('waits, and is shown with its own time, the oldest first, with a date where that was before today', async () => {
    const chat = await Chat.start();
    await (await chat.account('alice', SECRET)).drops();
    const bob = await chat.person('bob');
    const carol = await chat.person('carol');
    expect(await bob.asks('msg alice one')).toEqual([
      '* alice is not online. Your message is kept, and shown when alice signs in.',
    ]);
    await chat.wait(60_000);
    await carol.types('msg alice two');
    await chat.wait(DAY);
    await bob.types('msg alice three');
    await chat.wait(61_000);
    const alice = chat.connect();
    await alice.types(`login alice ${SECRET}`);
    expect(alice.raw().slice(2)).toEqual([
      '* 3 messages waited for you:',
      '[2026-01-15 12:00:00] bob (private): one',
      '[2026-01-15 12:01:00] carol (private): two',
      '[12:01:00] bob (private): three',
      '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
    ]);
    await alice.drops();
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`);
    expect(again.screen().join()).not.toContain('(private)');
  });

  test('who is a guest goes to whoever takes the name next', async () => {
    const chat = await Chat.start();
    await (await chat.person('alice')).types('exit');
    const bob = await chat.person('bob');
    expect(await bob.asks('msg alice psst')).toEqual([
      '* alice is not online and has no password. Your message is kept for whoever next takes the name.',
    ]);
    const other = chat.connect();
    await other.types('register alice');
    expect(other.screen()).toContain('bob (private): psst');
    await other.drops();
    const third = chat.connect();
    await third.types(`register alice ${SECRET}`);
    expect(third.screen().join()).not.toContain('psst');
  });

  test('waits on when its bytes never left, and is shown at the next sign-in', async () => {
    const chat = await Chat.start();
    await (await chat.account('alice', SECRET)).drops();
    const bob = await chat.person('bob');
    await bob.types('msg alice one', 'msg alice two');
    const deaf = chat.connect();
    deaf.link.room = 0;
    await deaf.types(`login alice ${SECRET}`);
    await bob.types('msg alice three');
    await chat.wait(10_000);
    await deaf.drops();
    expect(waiting(chat, 'alice')).toEqual(['one', 'two', 'three']);
    const alice = chat.connect();
    await alice.types(`login alice ${SECRET}`);
    expect(alice.screen().filter(line => line.startsWith('bob'))).toEqual([
      'bob (private): one',
      'bob (private): two',
      'bob (private): three',
    ]);
    expect(waiting(chat, 'alice')).toEqual([]);
  });

  test('that is shown live but never leaves waits too', async () => {
    const chat = await Chat.start();
    const alice = await chat.account('alice', SECRET);
    const bob = await chat.person('bob');
    alice.link.room = 0;
    await bob.types('msg alice one');
    expect(waiting(chat, 'alice')).toEqual(['one']);
    await alice.drops();
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`);
    expect(again.screen()).toContain('bob (private): one');
  });

  test('and comes back before it is committed, is shown to them all the same, once', async () => {
    const chat = await Chat.start();
    await (await chat.account('alice', SECRET)).drops();
    const bob = await chat.person('bob');
    for (const first of ['message', 'login'] as const) {
      chat.backend.hold();
      const alice = chat.connect();
      if (first === 'message') await bob.types(`msg alice ${first}`);
      await alice.types(`login alice ${SECRET}`);
      if (first === 'login') await bob.types(`msg alice ${first}`);
      for (let i = 0; i < 4; i++) {
        chat.backend.resume(1);
        await chat.settle();
      }
      chat.backend.resume();
      await chat.settle();
      expect(alice.screen().filter(line => line === `bob (private): ${first}`)).toHaveLength(1);
      await alice.drops();
    }
  });

  test('and comes back while it is on its way, is shown what came before first', async () => {
    const chat = await Chat.start();
    await (await chat.account('alice', SECRET)).drops();
    const bob = await chat.person('bob');
    await bob.types('msg alice one');
    for (const when of ['asked', 'answered'] as const) {
      const mailbox = late(chat.backend, 'waiting', when);
      const alice = chat.connect();
      await alice.types(`login alice ${SECRET}`);
      await bob.types(`msg alice two ${when}`);
      mailbox.stop();
      await chat.settle();
      await bob.types(`msg alice three ${when}`);
      expect(alice.screen().filter(line => line.startsWith('bob'))).toEqual([
        ...(when === 'asked' ? ['bob (private): one'] : []),
        `bob (private): two ${when}`,
        `bob (private): three ${when}`,
      ]);
      await alice.drops();
    }
  });

  test('is shown to each session of an account, also one that was signing in while another was shown it', async () => {
    const chat = await Chat.start();
    await chat.account('alice', SECRET);
    const bob = await chat.person('bob');
    const mailbox = late(chat.backend, 'waiting', 'answered');
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    await bob.types('msg alice one');
    // From here on it takes long to note that a message was seen: only the second still waits.
    chat.backend.delivered = () => {};
    await bob.types('msg alice two');
    mailbox.stop();
    await chat.settle();
    expect(second.screen().filter(line => line.startsWith('bob'))).toEqual([
      'bob (private): one',
      'bob (private): two',
    ]);
  });

  test('and to a name that nobody ever had is refused, with what was maybe meant', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob');
    await (await chat.person('alice')).drops();
    expect(await bob.asks('msg alicia hello')).toEqual([
      '! no-such-name: nobody here was ever called alicia. Did you mean: alice?',
    ]);
    expect(chat.store.conversations.size).toBe(0);
  });

  test('is refused with a reason once too many wait, and nothing that waits is lost', async () => {
    const chat = await Chat.start({ rules: { waitingMessages: 3 } });
    await (await chat.person('alice')).drops();
    const bob = await chat.person('bob');
    await bob.types(...[1, 2, 3].map(n => `msg alice ${n}`));
    expect(await bob.asks('msg alice 4')).toEqual([
      '! mailbox-full: alice has 3 messages waiting, which is the most. This one was not kept.',
    ]);
    const alice = chat.connect();
    await alice.types('register alice');
    expect(alice.screen().filter(line => line.startsWith('bob'))).toHaveLength(3);
    expect((await bob.asks('msg alice 5')).join()).toBe('');
  });
});

test('a sender is told of the outcome also where the store cannot say more about the name', async () => {
  const chat = await Chat.start();
  await (await chat.account('alice', SECRET)).drops();
  const bob = await chat.person('bob');
  chat.backend.known = () => Promise.reject(new Error('the disk is gone'));
  chat.backend.similarNames = () => Promise.reject(new Error('the disk is gone'));
  expect(await bob.asks('msg alice psst')).toEqual([
    '* alice is not online. Your message is kept, and shown when alice signs in.',
  ]);
  expect(await bob.asks('msg nobody psst')).toEqual(['! no-such-name: nobody here was ever called nobody.']);
  await bob.types('exit');
  expect(bob.link.state).toBe('ended');
});

describe('a full mailbox', () => {
  test('can be read through an outbox that is far smaller, over however many wakings of a slow reader', async () => {
    const chat = await Chat.start({
      rules: { waitingMessages: 100 },
      wire: { outbox: { soft: 16 * 1024, hard: 16 * 1024 } },
    });
    await (await chat.account('alice', SECRET)).drops();
    const bob = await chat.person('bob');
    const texts = Array.from({ length: 60 }, (_, i) => `${i} ${'x'.repeat(2000)}`);
    await bob.types(...texts.map(text => `msg alice ${text}`));
    const alice = chat.connect();
    alice.link.room = 5000;
    await alice.types(`login alice ${SECRET}`);
    for (let i = 0; i < 100 && waiting(chat, 'alice').length > 0; i++) {
      expect(chat.flusher.totals.bytes).toBeLessThan(16 * 1024);
      alice.link.room = 5000;
      alice.connection.drain();
      await chat.settle();
    }
    const screen = alice.screen();
    expect(screen.filter(line => line.startsWith('bob'))).toEqual(
      texts.map(text => `bob (private): ${text}`),
    );
    expect(screen.filter(line => line.includes('waited'))).toEqual(['* 60 messages waited for you:']);
    expect(alice.link.state).toBe('open');
  });

  test('has those pages wait on that were not read', async () => {
    const chat = await Chat.start({
      rules: { waitingMessages: 100 },
      wire: { outbox: { soft: 16 * 1024, hard: 16 * 1024 } },
    });
    await (await chat.account('alice', SECRET)).drops();
    const bob = await chat.person('bob');
    await bob.types(...Array.from({ length: 60 }, (_, i) => `msg alice ${i} ${'x'.repeat(2000)}`));
    const alice = chat.connect();
    alice.link.room = 30_000;
    await alice.types(`login alice ${SECRET}`);
    await alice.drops();
    const left = waiting(chat, 'alice');
    expect(left.length).toBeGreaterThan(40);
    expect(left.length).toBeLessThan(60);
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`);
    expect(again.screen().filter(line => line.startsWith('bob'))).toEqual(
      left.map(text => `bob (private): ${text}`),
    );
  });

  test('does not grow in memory while its reader sleeps over the sign-in', async () => {
    const chat = await Chat.start({ wire: { outbox: { soft: 1000, hard: 100_000 } } });
    const bob = await chat.person('bob', 'ops');
    await (await chat.account('alice', SECRET, 'ops', 'dev')).drops();
    await bob.types('/msg alice first', ...Array.from({ length: 5 }, (_, i) => `${i} ${'x'.repeat(200)}`));
    const alice = chat.connect();
    alice.link.room = 0;
    await alice.types(`login alice ${SECRET}`);
    const session = [...chat.hub.sessions].at(-1);
    expect(session?.inbox).toEqual([]);
    bob.sends(Array.from({ length: 3000 }, (_, i) => `/msg alice ${i}\n`).join(''));
    await chat.settle();
    expect(session?.inbox?.length).toBeLessThanOrEqual(1000);
    alice.link.room = Number.POSITIVE_INFINITY;
    alice.connection.drain();
    await chat.settle();
    expect(alice.screen().filter(line => line.startsWith('bob (private)'))).toEqual(
      ['first', ...Array.from({ length: 3000 }, (_, i) => i)].map(text => `bob (private): ${text}`),
    );
  });
});

test('a sender who hangs up before the outcome of a message is told of it all the same', async () => {
  const chat = await Chat.start();
  await (await chat.account('alice', SECRET)).drops();
  const bob = await chat.person('bob');
  chat.backend.hold();
  bob.sends('msg alice psst\nmsg nobody psst\n');
  await bob.hangsUp();
  expect(bob.link.state).toBe('open');
  chat.backend.resume();
  await chat.settle();
  expect(bob.screen().filter(line => !line.includes('store'))).toEqual([
    '* alice is not online. Your message is kept, and shown when alice signs in.',
    '! no-such-name: nobody here was ever called nobody.',
  ]);
  expect(bob.link.state).toBe('ended');
});
