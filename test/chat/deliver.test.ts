import { describe, expect, test } from 'bun:test';
import { fold } from '../../src/chat/names.ts';
import { Chat, type Person } from '../helper/chat.ts';

const SECRET = 'correct horse';

/** People in one room, with empty screens. */
async function inOps<const N extends readonly string[]>(
  chat: Chat,
  ...names: N
): Promise<{ readonly [K in keyof N]: Person }> {
  const people: Person[] = [];
  for (const name of names) people.push(await chat.person(name, 'ops'));
  for (const person of people) person.screen();
  // One for each name: the compiler does not count what was pushed.
  return people as { readonly [K in keyof N]: Person };
}

/** Ends turns and answers what each of these links was given to write meanwhile. */
async function writesOf(chat: Chat, people: readonly Person[]): Promise<Uint8Array[][]> {
  const before = people.map(({ link }) => link.writes.length);
  await chat.settle();
  return people.map(({ link }, at) => link.writes.slice(before[at]).map(({ bytes }) => bytes));
}

describe('a turn', () => {
  test('costs each session one write, and plain listeners of a room share one buffer', async () => {
    const chat = await Chat.start();
    const people = await inOps(chat, 'alice', 'bob', 'carol', 'dave', 'erin');
    const [alice, bob, ...listeners] = people;
    alice.sends('one\ntwo\n');
    bob.sends('three\n');
    alice.sends('four\n');
    const writes = await writesOf(chat, people);
    expect(writes.map(each => each.length)).toEqual([1, 1, 1, 1, 1]);
    const shared = new Set(writes.slice(2).flat());
    expect(shared.size).toBe(1);
    expect(alice.screen()).toEqual(['bob (in ops): three']);
    expect(bob.screen()).toEqual(['alice (in ops): one', 'alice (in ops): two', 'alice (in ops): four']);
    for (const listener of listeners)
      expect(listener.screen()).toEqual([
        'alice (in ops): one',
        'alice (in ops): two',
        'bob (in ops): three',
        'alice (in ops): four',
      ]);
  });

  test('has one shared buffer for each way of showing lines', async () => {
    const chat = await Chat.start();
    const people = await inOps(chat, 'alice', 'bob', 'carol', 'dave', 'erin');
    const [alice, , , dave, erin] = people;
    await dave.types('/set time off');
    await erin.types('/set time off');
    alice.sends('hello\n');
    const [, bobs, carols, daves, erins] = await writesOf(chat, people);
    expect(new Set([...(bobs ?? []), ...(carols ?? [])]).size).toBe(1);
    expect(new Set([...(daves ?? []), ...(erins ?? [])]).size).toBe(1);
    expect(Buffer.concat(bobs ?? []).toString()).toBe('[12:00:00] alice (in ops): hello\n');
    expect(Buffer.concat(daves ?? []).toString()).toBe('alice (in ops): hello\n');
  });

  test('costs one write also where several rooms, private messages and answers come together', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops', 'dev', 'tea');
    const bob = await chat.person('bob', 'ops');
    const carol = await chat.person('carol', 'dev');
    const dave = await chat.person('dave', 'tea');
    const erin = await chat.person('erin');
    alice.screen();
    bob.sends('b1\n');
    carol.sends('c1\n');
    dave.sends('d1\n');
    bob.sends('b2\n');
    erin.sends('msg alice psst\n');
    carol.sends('c2\n');
    const [writes] = await writesOf(chat, [alice]);
    expect(writes).toHaveLength(1);
    expect(alice.screen()).toEqual([
      'bob (in ops): b1',
      'carol (in dev): c1',
      'dave (in tea): d1',
      'bob (in ops): b2',
      'erin (private): psst',
      'carol (in dev): c2',
    ]);
  });

  test('writes nothing to whom it has nothing for', async () => {
    const chat = await Chat.start();
    const people = await inOps(chat, 'alice', 'bob');
    const carol = await chat.person('carol', 'dev');
    const [alice] = people;
    alice.sends('hello\n');
    const writes = await writesOf(chat, [alice, carol]);
    expect(writes).toEqual([[], []]);
  });

  test('counts every line once for each who was shown it', async () => {
    const chat = await Chat.start();
    const [alice, , carol] = await inOps(chat, 'alice', 'bob', 'carol', 'dave');
    await carol.types('/ignore alice');
    const before = chat.hub.counters.deliveries;
    alice.sends('one\ntwo\n');
    await chat.settle();
    expect(chat.hub.counters.deliveries - before).toBe(4);
    expect(chat.hub.counters.messages.message).toBe(2);
  });
});

describe('who speaks', () => {
  test('is not shown its own lines, but those of others between them', async () => {
    const chat = await Chat.start();
    const [alice, bob] = await inOps(chat, 'alice', 'bob');
    alice.sends('one\n');
    bob.sends('two\n');
    alice.sends('three\n');
    await chat.settle();
    expect(alice.screen()).toEqual(['bob (in ops): two']);
    expect(bob.screen()).toEqual(['alice (in ops): one', 'alice (in ops): three']);
  });

  test('with echo on is shown what it said, once, and not what it did: that has an answer of its own', async () => {
    const chat = await Chat.start();
    const [alice] = await inOps(chat, 'alice', 'bob');
    await alice.types('/set echo on');
    alice.screen();
    await alice.types('hello', '/me waves', '/topic news');
    expect(alice.screen()).toEqual([
      'alice (in ops): hello',
      '* alice waves (in ops)',
      '* Topic of ops: news (alice)',
    ]);
  });

  test('in several sessions sees in each what it said in the others', async () => {
    const chat = await Chat.start();
    const first = await chat.account('alice', SECRET, 'ops');
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    second.screen();
    await first.types('one');
    await second.types('two');
    expect(first.screen()).toEqual(['alice (in ops): two']);
    expect(second.screen()).toEqual(['alice (in ops): one']);
  });
});

describe('a line that is not kept', () => {
  test('is shown to nobody, is in no history, and its sender is told', async () => {
    const chat = await Chat.start();
    const [alice, bob] = await inOps(chat, 'alice', 'bob');
    await alice.types('/set echo on', '/ignore');
    alice.screen();
    for (const code of ['store-full', 'store-failed'] as const) {
      chat.backend.failNext(code);
      alice.sends('lost\n');
      bob.sends('also lost\n');
      await chat.settle();
      expect(alice.screen()).toEqual([expect.stringContaining(`! ${code}: `)]);
      expect(bob.screen()).toEqual([expect.stringContaining(`! ${code}: `)]);
    }
    await alice.types('kept');
    expect(bob.screen()).toEqual(['alice (in ops): kept']);
    expect(await bob.asks('/search lost')).toEqual(['* Nothing found.']);
  });

  test('is no reason to refuse the next one', async () => {
    const chat = await Chat.start();
    const [alice, bob] = await inOps(chat, 'alice', 'bob');
    chat.backend.hold();
    await alice.types('one', 'two', 'three');
    alice.screen();
    bob.screen();
    chat.backend.resume(1);
    await chat.settle();
    chat.backend.failNext('store-full');
    chat.backend.resume(1);
    await chat.settle();
    chat.backend.resume();
    await chat.settle();
    expect(bob.screen().filter(line => !line.startsWith('*'))).toEqual([
      'alice (in ops): one',
      'alice (in ops): three',
    ]);
    expect(alice.screen().filter(line => line.startsWith('!'))).toHaveLength(1);
  });
});

describe('while nothing is committed', () => {
  test('nothing is shown, nothing is lost, everyone is told, and all comes after it, in order', async () => {
    const chat = await Chat.start();
    const [alice, bob] = await inOps(chat, 'alice', 'bob');
    chat.backend.hold();
    await chat.settle();
    const told = '* The store is not answering. What you say waits, in order, and nothing is lost.';
    expect(alice.screen()).toEqual([told]);
    alice.sends('one\n');
    bob.sends('two\n/topic busy\n');
    await alice.types('three', 'four');
    await chat.wait(30_000);
    expect(bob.screen()).toEqual([told]);
    expect(alice.screen()).toEqual([]);
    chat.backend.resume();
    await chat.settle();
    expect(alice.screen()).toEqual(['bob (in ops): two', '* The store answers again.']);
    expect(bob.screen()).toEqual([
      'alice (in ops): one',
      'alice (in ops): three',
      'alice (in ops): four',
      '* The store answers again.',
      '! not-operator: only an operator of ops may do that.',
    ]);
  });

  test('what is let through is shown as far as it goes, and the rest waits on', async () => {
    const chat = await Chat.start();
    const [alice, bob] = await inOps(chat, 'alice', 'bob');
    chat.backend.hold();
    await alice.types('one', 'two', 'three', 'four');
    bob.screen();
    chat.backend.resume(2);
    await chat.settle();
    expect(bob.screen()).toEqual(['alice (in ops): one', 'alice (in ops): two']);
    await alice.types('five');
    expect(bob.screen()).toEqual([]);
    chat.backend.resume();
    await chat.settle();
    expect(bob.screen()).toEqual([
      'alice (in ops): three',
      'alice (in ops): four',
      'alice (in ops): five',
      '* The store answers again.',
    ]);
  });

  test('who connects is told why signing in takes so long, and is in once it is over', async () => {
    const chat = await Chat.start();
    chat.backend.hold();
    await chat.settle();
    const alice = chat.connect();
    await chat.wait(200);
    expect(alice.screen().at(-1)).toBe(
      '* The store is not answering. What you say waits, in order, and nothing is lost.',
    );
    await alice.types('register alice', 'join ops', 'hello');
    chat.backend.resume();
    await chat.settle();
    expect(await alice.asks('/history')).toEqual([expect.stringContaining('alice (in ops): hello')]);
  });

  test('who hangs up is closed when all its lines have their outcome, its answers shown', async () => {
    const chat = await Chat.start();
    const [alice, bob] = await inOps(chat, 'alice', 'bob');
    chat.backend.hold();
    await bob.types('one', '/topic busy', 'two');
    await bob.hangsUp();
    await chat.wait(60_000);
    expect(bob.link.state).toBe('open');
    alice.screen();
    chat.backend.resume();
    await chat.settle();
    expect(bob.screen()).toContain('! not-operator: only an operator of ops may do that.');
    expect(bob.link.state).toBe('ended');
    expect(alice.screen().filter(line => !line.startsWith('* The store'))).toEqual([
      'bob (in ops): one',
      'bob (in ops): two',
      '* bob left ops (connection closed)',
    ]);
  });

  test('who breaks off has its lines kept and shown all the same, and leaves after them', async () => {
    const chat = await Chat.start();
    const [alice, bob] = await inOps(chat, 'alice', 'bob');
    chat.backend.hold();
    await bob.types('one', 'two');
    await bob.drops();
    alice.screen();
    chat.backend.resume();
    await chat.settle();
    expect(alice.screen().filter(line => !line.startsWith('* The store'))).toEqual([
      'bob (in ops): one',
      'bob (in ops): two',
      '* bob left ops (connection lost)',
    ]);
  });

  test('who leaves with a word is told that it was not kept, if it was not', async () => {
    const chat = await Chat.start();
    const [, bob] = await inOps(chat, 'alice', 'bob');
    chat.backend.hold();
    await bob.types('one', '/exit');
    expect(bob.link.state).toBe('open');
    chat.backend.failNext('store-full');
    chat.backend.resume();
    await chat.settle();
    expect(bob.screen()).toContainEqual(expect.stringContaining('! store-full'));
    expect(bob.link.state).toBe('ended');
  });
});

describe('who leaves half-way through a turn', () => {
  test('is shown what came before and nothing after', async () => {
    const chat = await Chat.start();
    const [alice, bob, carol] = await inOps(chat, 'alice', 'bob', 'carol');
    alice.sends('one\n');
    bob.sends('/leave\n');
    alice.sends('two\n');
    await chat.settle();
    expect(bob.screen()).toEqual(['alice (in ops): one', '* You left ops.']);
    expect(carol.screen()).toEqual(['alice (in ops): one', '* bob left ops', 'alice (in ops): two']);
  });

  test('because it is put out is shown that, with what came before, and where it is now', async () => {
    const chat = await Chat.start();
    const [alice, bob, carol] = await inOps(chat, 'alice', 'bob', 'carol');
    carol.sends('one\n');
    alice.sends('/kick bob enough\n');
    carol.sends('two\n');
    await chat.settle();
    expect(bob.screen()).toEqual([
      'carol (in ops): one',
      '* alice put bob out of ops (enough)',
      '* You are in no room now: lines you type are commands.',
    ]);
    expect((await bob.asks('hello?')).join()).toContain('! unknown-command');
    expect(carol.screen()).toEqual(['* alice put bob out of ops (enough)']);
  });

  test('twice, by its word and by hanging up, has left once for those who stay', async () => {
    const chat = await Chat.start();
    const [alice, bob] = await inOps(chat, 'alice', 'bob');
    chat.backend.hold();
    await bob.types('/leave');
    await bob.drops();
    alice.screen();
    chat.backend.resume();
    await chat.settle();
    expect(alice.screen().filter(line => line.includes('bob'))).toEqual(['* bob left ops']);
  });
});

describe('who joins', () => {
  test('half-way through a turn is shown the room, then what came after', async () => {
    const chat = await Chat.start();
    const [alice] = await inOps(chat, 'alice');
    const bob = await chat.person('bob');
    alice.sends('one\n');
    bob.sends('join ops\n');
    // The join is asked for before this is said.
    for (let i = 0; i < 20; i++) await Promise.resolve();
    alice.sends('two\n');
    await chat.settle();
    expect(bob.screen()).toEqual([
      '* You are in ops. 2 here: @alice, bob',
      'alice (in ops): one',
      'alice (in ops): two',
    ]);
  });

  test('with somebody else in the same turn is shown that one too, and each its lines once', async () => {
    const chat = await Chat.start();
    const [alice] = await inOps(chat, 'alice');
    const bob = await chat.person('bob');
    const carol = await chat.person('carol');
    chat.backend.hold();
    await bob.types('join ops');
    await alice.types('one');
    await carol.types('join ops');
    await alice.types('two');
    for (const person of [bob, carol]) person.screen();
    chat.backend.resume();
    await chat.settle();
    expect(bob.screen().filter(line => !line.startsWith('* The'))).toEqual([
      '* You are in ops. 3 here: @alice, bob, carol',
      'alice (in ops): one',
      '* carol joined ops',
      'alice (in ops): two',
    ]);
    expect(carol.screen().filter(line => !line.startsWith('* The'))).toEqual([
      '* You are in ops. 3 here: @alice, bob, carol',
      'alice (in ops): one',
      'alice (in ops): two',
    ]);
  });

  test('and breaks off before the join is committed leaves no ghost', async () => {
    const chat = await Chat.start();
    const [alice] = await inOps(chat, 'alice');
    const bob = await chat.person('bob');
    chat.backend.hold();
    await bob.types('join ops', 'join dev');
    await bob.drops();
    alice.screen();
    chat.backend.resume();
    await chat.settle();
    expect(alice.screen().filter(line => line.includes('bob'))).toEqual([
      '* bob joined ops',
      '* bob left ops (connection closed)',
    ]);
    expect(await alice.asks('/users')).toEqual(['* ops: 1 here: @alice']);
    expect(chat.hub.rooms.size).toBe(1);
    expect(chat.hub.users.size).toBe(1);
  });

  test('as an account on two sessions, one of which breaks off, stays in by the other', async () => {
    const chat = await Chat.start();
    const [alice] = await inOps(chat, 'alice');
    const first = await chat.account('bob', SECRET);
    const second = chat.connect();
    await second.types(`login bob ${SECRET}`);
    chat.backend.hold();
    await first.types('join ops');
    await second.types('join ops');
    await second.drops();
    alice.screen();
    first.screen();
    chat.backend.resume();
    await chat.settle();
    expect(alice.screen().filter(line => line.includes('bob'))).toEqual(['* bob joined ops']);
    await alice.types('hello');
    expect(first.screen().at(-1)).toBe('alice (in ops): hello');
    expect(chat.hub.rooms.get(fold('ops'))?.members.size).toBe(2);
  });
});

test('a bug in what one member is shown is logged, and the others are shown it all the same', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  const carol = await chat.person('carol', 'ops');
  bob.connection.outbox.push = () => {
    throw new Error('a bug');
  };
  await alice.types('one', 'two', '/topic three');
  expect(carol.screen()).toContain('alice (in ops): one');
  expect(await alice.asks('/topic')).toEqual(['* Topic of ops: three (alice)']);
  expect(chat.logged.some(entry => entry.startsWith('error a delivery failed'))).toBe(true);
});
