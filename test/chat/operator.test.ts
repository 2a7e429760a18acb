import { describe, expect, test } from 'bun:test';
import { MemoryStore } from '../../src/backend/memory/store.ts';
import { Refusal } from '../../src/chat/errors.ts';
import { fold } from '../../src/chat/names.ts';
import {
  announce,
  ban,
  closeRoom,
  kickSession,
  kickUser,
  type Operator,
  unban,
  unlist,
} from '../../src/chat/operator.ts';
import { Chat, type Person } from '../helper/chat.ts';

const SECRET = 'correct horse';
const ROOT: Operator = { name: 'root', address: '198.51.100.1' };

function idOf({ chat, client }: Person): number {
  for (const session of chat.hub.sessions) if (session.link === client) return session.id;
  throw new Error('not connected');
}

/** Lets the chat come to rest; answers what the work came to, a refusal as its code. */
async function done<T>(chat: Chat, work: Promise<T>): Promise<T | string> {
  let over = false;
  const outcome = work
    .catch((error: unknown) => {
      if (error instanceof Refusal) return error.code;
      throw error;
    })
    .finally(() => {
      over = true;
    });
  while (!over) await chat.settle();
  return await outcome;
}

/** The code that something is refused with; '' where it is not. */
function refusalOf(run: () => unknown): string {
  try {
    run();
    return '';
  } catch (error) {
    return error instanceof Refusal ? error.code : 'a bug';
  }
}

/** Four bytes of one kind after another. */
const random = (count: number): Uint8Array => new Uint8Array(count).map((_, i) => i);
const KEY = '0123456789ab';

/** The names of rooms that somebody is shown. */
async function listed(person: Person): Promise<string> {
  return (await person.asks('/rooms')).join('\n');
}

describe('kicking a connection', () => {
  test('tells it who and why, closes it, and shows its room a guest leaving with the reason', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    expect(kickSession(chat.hub, ROOT, idOf(bob), 'flooding')).toEqual({ name: 'bob', closed: 1 });
    await chat.settle();
    expect(bob.screen().at(0)).toBe('! server-kicked: root put you off this server: flooding');
    expect(bob.link.state).toBe('ended');
    expect(alice.screen()).toContain('* bob left ops (kicked by root: flooding)');
    expect(chat.hub.counters.closed['server-kicked']).toBe(1);
    expect(chat.hub.counters.refusals['server-kicked']).toBe(1);
    const back = await chat.person('bob', 'ops');
    expect(back.link.state).toBe('open');
  });

  test('needs no reason, and reaches whoever has not signed in', async () => {
    const chat = await Chat.start();
    const visitor = chat.connect();
    expect(kickSession(chat.hub, ROOT, idOf(visitor), ' ')).toEqual({ name: null, closed: 1 });
    await chat.settle();
    expect(visitor.screen()).toContain('! server-kicked: root put you off this server.');
    expect(visitor.link.state).toBe('ended');
  });

  test('is about that one only: another of the account goes on, and its rooms with it', async () => {
    const chat = await Chat.start();
    const alice = await chat.account('alice', SECRET, 'ops');
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`);
    const bob = await chat.person('bob', 'ops');
    bob.screen();
    kickSession(chat.hub, ROOT, idOf(alice), '');
    await chat.settle();
    expect([alice.link.state, again.link.state]).toEqual(['ended', 'open']);
    await again.types('still here');
    expect(bob.screen()).toEqual(['alice (in ops): still here']);
  });

  test('is refused for a number that is nobody’s, nobody’s any more included', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob');
    const id = idOf(bob);
    await bob.drops();
    await chat.person('carol');
    for (const gone of [id, 0, 4711])
      expect(refusalOf(() => kickSession(chat.hub, ROOT, gone, ''))).toBe('no-such-connection');
  });
});

describe('kicking a name', () => {
  test('closes all its connections, and shows who shares a room that it is offline and why', async () => {
    const chat = await Chat.start();
    const alice = await chat.account('alice', SECRET, 'ops');
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`);
    const bob = await chat.person('bob', 'ops');
    expect(kickUser(chat.hub, ROOT, 'ALICE', 'rest\u001b[31m now')).toEqual({ name: 'alice', closed: 2 });
    await chat.settle();
    for (const person of [alice, again])
      expect(person.screen()).toContain('! server-kicked: root put you off this server: rest\ufffd[31m now');
    expect(bob.screen()).toContain('* alice is offline (kicked by root: rest\ufffd[31m now)');
    // An account's rooms are its own still.
    const back = chat.connect();
    await back.types(`login alice ${SECRET}`, 'good morning');
    expect(bob.screen()).toContain('alice (in ops): good morning');
  });

  test('is refused where it is not online', async () => {
    const chat = await Chat.start();
    expect(refusalOf(() => kickUser(chat.hub, ROOT, 'nobody', ''))).toBe('not-online');
  });

  test('takes a reason of one line only', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob');
    expect(refusalOf(() => kickUser(chat.hub, ROOT, 'bob', 'a\nb'))).toBe('several-lines');
    expect(refusalOf(() => kickUser(chat.hub, ROOT, 'bob', 'a'.repeat(5000)))).toBe('text-too-long');
    expect(bob.link.state).toBe('open');
  });
});

describe('banning', () => {
  test('a name puts it off at once and keeps it out, as a guest, as an account, from anywhere', async () => {
    const chat = await Chat.start();
    const bob = await chat.account('bob', SECRET, 'ops');
    const alice = await chat.person('alice', 'ops');
    bob.screen();
    expect(await done(chat, ban(chat.hub, ROOT, 'BOB', 'spam'))).toEqual({
      ban: { kind: 'name', what: 'bob', label: 'bob', reason: 'spam' },
      closed: 1,
    });
    expect(bob.screen().at(0)).toBe('! server-banned: bob is banned from this server: spam');
    expect(bob.link.state).toBe('ended');
    expect(alice.screen()).toContain('* bob is offline (banned by root: spam)');
    const elsewhere = chat.connect('203.0.113.9');
    for (const line of [`login bob ${SECRET}`, 'login Bob wrong-password', 'register bob'])
      expect(await elsewhere.asks(line)).toContain('! server-banned: bob is banned from this server: spam');
    expect(await elsewhere.asks('register robert')).toContainEqual(expect.stringContaining('robert'));
  });

  test('an address puts off whoever is on it, and is told by name of nobody', async () => {
    const chat = await Chat.start();
    const [near, far, local] = [chat.connect('192.0.2.7'), chat.connect('192.0.3.7'), chat.connect('')];
    await near.types('register near', 'join ops');
    await far.types('register far', 'join ops');
    const outcome = await done(chat, ban(chat.hub, ROOT, '192.0.2.200/24', ''));
    expect(outcome).toEqual({
      ban: { kind: 'address', what: '192.0.2.0/24', label: '192.0.2.0/24', reason: '' },
      closed: 1,
    });
    expect([near, far, local].map(({ link }) => link.state)).toEqual(['ended', 'open', 'open']);
    expect(near.screen()).toContain('! server-banned: your address is banned from this server.');
    expect(far.screen()).toContain('* near left ops (banned by root)');
    expect(chat.hub.serverBans.forAddress('192.0.2.9')?.label).toBe('192.0.2.0/24');
    expect(chat.hub.serverBans.forAddress('192.0.3.9')).toBeNull();
  });

  test('meets who was signing in just then', async () => {
    const chat = await Chat.start();
    const bob = chat.connect();
    chat.backend.hold();
    await bob.types('register bob');
    const banning = ban(chat.hub, ROOT, 'bob', '');
    chat.backend.resume();
    await done(chat, banning);
    expect(bob.screen().at(-1)).toStartWith('! server-banned');
    expect(chat.hub.users.size).toBe(0);
    expect(chat.hub.holds.size).toBe(0);
  });

  test('is in force again after a restart, until it is lifted', async () => {
    const store = new MemoryStore();
    const first = await Chat.start({ store });
    for (const what of ['bob', '192.0.2.0/24', '2001:db8::1'])
      await done(first, ban(first.hub, ROOT, what, 'spam'));
    await first.hub.stop();
    const chat = await Chat.start({ store });
    const { hub } = chat;
    expect(hub.serverBans.all().map(({ label }) => label)).toEqual(['bob', '192.0.2.0/24', '2001:db8::1']);
    const bob = chat.connect('203.0.113.9');
    expect(await bob.asks('register bob')).toContainEqual(expect.stringContaining('! server-banned'));
    for (const what of ['BOB', '192.0.2.99/24', '2001:0db8:0::1']) await done(chat, unban(hub, ROOT, what));
    expect(hub.serverBans.all()).toEqual([]);
    expect(hub.serverBans.forAddress('192.0.2.9')).toBeNull();
    expect((await bob.asks('register bob')).join()).not.toContain('!');
    expect(await done(chat, unban(hub, ROOT, 'bob'))).toBe('ban-not-found');
    await hub.stop();
    expect((await Chat.start({ store })).hub.serverBans.all()).toEqual([]);
  });

  test('again replaces the reason', async () => {
    const chat = await Chat.start();
    await done(chat, ban(chat.hub, ROOT, 'bob', 'one'));
    await done(chat, ban(chat.hub, ROOT, 'Bob', 'two'));
    expect(chat.hub.serverBans.all().map(({ reason }) => reason)).toEqual(['two']);
    expect((await chat.backend.serverBans()).map(({ reason }) => reason)).toEqual(['two']);
  });

  test('is refused of oneself, of this machine, and of what is neither name nor address', async () => {
    const chat = await Chat.start();
    const refused = (what: string, by = ROOT) => done(chat, ban(chat.hub, by, what, ''));
    expect(await refused('Root')).toBe('that-is-you');
    expect(await refused('198.51.100.1')).toBe('that-is-you');
    expect(await refused('198.51.0.0/16')).toBe('that-is-you');
    expect(await refused('0.0.0.0/0')).toBe('that-is-you');
    for (const what of ['127.0.0.1', '::1', '127.0.0.0/8', '300.1.1.1', 'two words', '', '1bob'])
      expect([what, await refused(what)]).toEqual([what, 'bad-request']);
    expect(chat.hub.serverBans.all()).toEqual([]);
    // On this machine nobody is met by a ban on addresses.
    const [here, there] = [chat.connect('127.0.0.1'), chat.connect('192.0.2.1')];
    expect(await refused('0.0.0.0/0', { name: 'root', address: '127.0.0.1' })).toMatchObject({ closed: 1 });
    expect([here, there].map(({ link }) => link.state)).toEqual(['open', 'ended']);
    expect((await here.asks('register bob')).join()).not.toContain('!');
  });

  test('is not in force where it could not be kept', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob');
    chat.backend.failNext('store-full');
    expect(await done(chat, ban(chat.hub, ROOT, 'bob', ''))).toBe('store-full');
    expect([chat.hub.serverBans.all(), bob.link.state]).toEqual([[], 'open']);
    await done(chat, ban(chat.hub, ROOT, 'bob', ''));
    chat.backend.failNext('store-full');
    expect(await done(chat, unban(chat.hub, ROOT, 'bob'))).toBe('store-full');
    expect(chat.hub.serverBans.all()).toHaveLength(1);
  });
});

describe('announcing', () => {
  test('reaches everyone who is signed in, with the name of who says it, also who ignores it', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob');
    await chat.person('root');
    await bob.types('/ignore root', '/set notices off');
    const visitor = chat.connect();
    await visitor.types('help');
    for (const person of [alice, bob, visitor]) person.screen();
    expect(announce(chat.hub, ROOT, ' back at \u001b[31mnoon\n')).toBe(3);
    await chat.settle();
    for (const person of [alice, bob])
      expect(person.screen()).toEqual(['* root to everyone: back at \ufffd[31mnoon']);
    expect(visitor.screen()).toEqual([]);
  });

  test('is one line with something in it', async () => {
    const { hub } = await Chat.start();
    expect(refusalOf(() => announce(hub, ROOT, ' \n'))).toBe('empty-text');
    expect(refusalOf(() => announce(hub, ROOT, 'one\ntwo'))).toBe('several-lines');
  });
});

describe('closing a room', () => {
  test('puts everybody out, tells each so, and nobody of anybody else', async () => {
    const chat = await Chat.start();
    const alice = await chat.account('alice', SECRET, 'ops');
    const bob = await chat.person('bob', 'dev', 'ops');
    const carol = await chat.person('carol', 'ops');
    await carol.types('/topic all is well', 'hello');
    for (const person of [alice, bob, carol]) person.screen();
    expect(await done(chat, closeRoom(chat.hub, ROOT, 'OPS', 'over', random))).toEqual({
      room: 'ops',
      putOut: 3,
      key: KEY,
    });
    expect(alice.screen()).toEqual([
      '* root put alice out of ops (over)',
      '* You are in no room now: lines you type are commands.',
    ]);
    expect(bob.screen()).toEqual(['* root put bob out of ops (over)', '* Lines you type now go to dev.']);
    expect(carol.screen().at(0)).toBe('* root put carol out of ops (over)');
  });

  test('lets nobody back in but with the key, and is in no list', async () => {
    const chat = await Chat.start();
    const alice = await chat.account('alice', SECRET, 'ops');
    const bob = await chat.person('bob', 'ops');
    await bob.types('a secret');
    await done(chat, closeRoom(chat.hub, ROOT, 'ops', '', random));
    alice.screen();
    for (const person of [alice, bob]) {
      expect((await person.asks('/join ops')).join()).toContain('! bad-key');
      expect(await listed(person)).not.toContain('ops');
    }
    await bob.types(`/join ops ${KEY}`);
    // Whoever reopens it runs it, and finds what was said.
    expect(bob.screen().join('\n')).toContain('bob (in ops): a secret');
    await bob.types('/key -', '/unlisted off');
    expect(await listed(alice)).toContain('ops');
    expect((await alice.asks('/join ops')).join()).not.toContain('!');
  });

  test('puts accounts out that are away, and stays closed over a restart', async () => {
    const store = new MemoryStore();
    const first = await Chat.start({ store });
    const alice = await first.account('alice', SECRET, 'ops', 'dev');
    const bob = await first.account('bob', SECRET, 'ops');
    await alice.drops();
    await bob.drops();
    expect(await done(first, closeRoom(first.hub, ROOT, 'ops', '', random))).toMatchObject({ putOut: 2 });
    expect(first.hub.rooms.has(fold('ops'))).toBe(false);
    await first.hub.stop();
    const chat = await Chat.start({ store });
    const back = chat.connect();
    await back.types(`login alice ${SECRET}`);
    expect(await back.asks('/leave ops')).toContain('! not-in-room: you are not in ops. To go in: /join ops');
    expect((await back.asks('/join ops')).join()).toContain('! bad-key');
    expect(await listed(back)).not.toContain('ops');
  });

  test('takes away its old key, its topic and what it was moderated for, but no ban and no line', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    await alice.types('/key sesame', '/topic all is well', '/moderated on', '/ban mallory', '/unlisted on');
    await alice.types('kept');
    const bob = await chat.person('bob');
    await alice.types('/invite bob');
    // Something keeps it awake beyond its last member, as following it over HTTP does.
    const { promise, resolve } = Promise.withResolvers<void>();
    const awake = chat.hub.withRoom('ops', () => promise);
    await done(chat, closeRoom(chat.hub, ROOT, 'ops', '', random));
    expect((await bob.asks('/join ops')).join()).toContain('! bad-key');
    resolve();
    await awake;
    expect((await bob.asks('/join ops sesame')).join()).toContain('! bad-key');
    await bob.types(`/join ops ${KEY}`);
    const room = chat.hub.rooms.get(fold('ops'));
    expect(room).toMatchObject({ topic: null, moderated: false, unlisted: true, key: KEY, closing: false });
    expect(room?.bans.size).toBe(1);
    expect((await bob.asks('/history')).join()).toContain('kept');
  });

  test('reaches who was on the way in', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob');
    const carol = await chat.person('carol');
    bob.sends('join ops\n');
    const closing = closeRoom(chat.hub, ROOT, 'ops', '', random);
    carol.sends('join ops\n');
    await done(chat, closing);
    await chat.settle();
    for (const person of [alice, bob, carol])
      expect(await person.asks('/who ops')).not.toContainEqual(expect.stringContaining('in ops'));
    expect([...chat.hub.rooms.keys()]).toEqual([]);
  });

  test('shows what was said until then, and puts a crowd out without telling each of all', async () => {
    const chat = await Chat.start({ rules: { bansPerRoom: 0 } });
    const crowd: Person[] = [];
    for (let i = 0; i < 600; i++) crowd.push(await chat.person(`p${i}`, 'lobby'));
    const [first, last] = [crowd[0], crowd.at(-1)];
    for (const person of crowd) person.screen();
    const before = chat.hub.counters.deliveries;
    first?.sends('goodbye\n');
    expect(await done(chat, closeRoom(chat.hub, ROOT, 'lobby', '', random))).toMatchObject({ putOut: 600 });
    expect(last?.screen()).toEqual([
      'p0 (in lobby): goodbye',
      '* root put p599 out of lobby',
      '* You are in no room now: lines you type are commands.',
    ]);
    expect(first?.screen().at(0)).toBe('* root put p0 out of lobby');
    // The goodbye for all others, and for each its own leaving.
    expect(chat.hub.counters.deliveries - before).toBe(599 + 600);
  });

  test('is refused of a room that is not there, and half done where the store fails', async () => {
    const chat = await Chat.start();
    const refused = (room: string) => done(chat, closeRoom(chat.hub, ROOT, room, '', random));
    expect(await refused('nowhere')).toBe('no-such-room');
    expect(await refused('..')).toBe('bad-room');
    const alice = await chat.person('alice', 'ops');
    chat.backend.failNext('store-full');
    expect(await refused('ops')).toBe('store-full');
    alice.screen();
    // The room is told of things again.
    const bob = await chat.person('bob');
    await bob.types('/join ops', `/join ops ${KEY}`);
    expect(alice.screen()).toContain('* bob joined ops');
    expect(await refused('ops')).toMatchObject({ putOut: 2 });
  });
});

describe('unlisting a room', () => {
  test('takes it out of the lists of others and tells the room who did it; and back', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob');
    expect(await done(chat, unlist(chat.hub, ROOT, 'Ops', true))).toBe('ops');
    expect(alice.screen()).toEqual(['* root took ops out of all lists']);
    expect(await listed(bob)).not.toContain('ops');
    expect(await listed(alice)).toContain('ops');
    await done(chat, unlist(chat.hub, ROOT, 'ops', true));
    await done(chat, unlist(chat.hub, ROOT, 'ops', false));
    expect(alice.screen().filter(line => line.includes('root'))).toEqual([
      '* root put ops back in the lists',
    ]);
    expect(await listed(bob)).toContain('ops');
    expect(await done(chat, unlist(chat.hub, ROOT, 'nowhere', true))).toBe('no-such-room');
  });
});

test('everything an operator does is logged with who did it, and nothing that anybody said', async () => {
  const chat = await Chat.start();
  const { hub } = chat;
  const bob = await chat.person('bob', 'ops');
  const carol = await chat.person('carol');
  chat.logged.length = 0;
  announce(hub, ROOT, 'words of mine');
  await done(chat, unlist(hub, ROOT, 'ops', true));
  await done(chat, closeRoom(hub, ROOT, 'ops', 'words of mine', random));
  kickSession(hub, ROOT, idOf(bob), 'words of mine');
  kickUser(hub, ROOT, 'carol', 'words of mine');
  await done(chat, ban(hub, ROOT, '192.0.2.7', 'words of mine'));
  await done(chat, unban(hub, ROOT, '192.0.2.7'));
  expect(chat.logged.map(line => line.replace(/ \{.*/, ''))).toEqual([
    'info an operator announced something',
    'info an operator changed whether a room is listed',
    'info an operator closed a room',
    'info an operator kicked a connection',
    'info an operator kicked a name',
    'info an operator banned',
    'info an operator lifted a ban',
  ]);
  for (const line of chat.logged) {
    expect(line).toContain('"by":"root"');
    expect(line).not.toContain('words');
    expect(line).not.toContain(KEY);
  }
  expect([bob, carol].map(({ link }) => link.state)).toEqual(['ended', 'ended']);
});
