import { describe, expect, test } from 'bun:test';
import { refusal } from '../../src/chat/errors.ts';
import { fold } from '../../src/chat/names.ts';
import type { Passwords } from '../../src/chat/ports.ts';
import { Chat, type Person } from '../helper/chat.ts';
import { late } from '../helper/late.ts';

const SECRET = 'correct horse';

/** Hashes in its own time: when the test says so. */
class SlowPasswords implements Passwords {
  readonly held: (() => void)[] = [];
  checked = 0;

  async hash(password: string): Promise<string> {
    await new Promise<void>(resolve => this.held.push(resolve));
    return `hash of ${password}`;
  }

  async verify(password: string, hash: string): Promise<boolean> {
    this.checked++;
    await new Promise<void>(resolve => this.held.push(resolve));
    return hash === `hash of ${password}`;
  }

  /** Lets everything that is being hashed be done. */
  done(): void {
    for (const resolve of this.held.splice(0)) resolve();
  }
}

/** Nobody is here, and nothing of anybody is left. */
function expectEmpty({ hub, store }: Chat): void {
  expect([hub.users.size, hub.rooms.size, hub.holds.size, store.claims.size]).toEqual([0, 0, 0, 0]);
}

function names({ hub }: Chat): string[] {
  return [...hub.users.values()].map(user => `${user.name} ${user.sessions.length}`);
}

describe('a name', () => {
  test('that two ask for in one turn goes to one of them', async () => {
    const chat = await Chat.start();
    const [one, other] = [chat.connect(), chat.connect()];
    one.sends('register alice\n');
    other.sends('register ALICE\n');
    await chat.settle();
    expect(one.screen()).toContain(
      '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
    );
    expect(other.screen().at(-1)).toStartWith('! name-taken: ALICE is in use.');
    expect(names(chat)).toEqual(['alice 1']);
    expect(await other.asks('register bob')).toContain(
      '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
    );
  });

  test("that a token speaks as is nobody else's, and is not called an account", async () => {
    const chat = await Chat.start();
    const token = {
      id: 'abcd1234',
      name: 'deploys',
      rooms: null,
      read: true,
      write: true,
      created: 0,
      lastUsed: null,
    };
    const added = chat.backend.addToken(token, 'hash');
    await chat.settle();
    expect(await added).toBe('added');
    const refused = '! name-of-token: Deploys is what a program here is called. Take another name.';
    expect(await chat.connect().asks('register Deploys')).toContain(refused);
    expect(await chat.connect().asks(`register Deploys ${SECRET}`)).toContain(refused);
  });

  test('that two ask for while nothing is committed goes to the first, once something is', async () => {
    const chat = await Chat.start();
    chat.backend.hold();
    const [one, other] = [chat.connect(), chat.connect()];
    await one.types('register alice');
    await other.types('register alice');
    expect(one.screen().join()).not.toContain('You are alice');
    chat.backend.resume();
    await chat.settle();
    expect(one.screen().join()).toContain('You are alice');
    expect(other.screen().join()).toContain('! name-taken');
  });

  test('is free as soon as its owner has left, and is the next one’s even in the same turn', async () => {
    const chat = await Chat.start();
    const one = await chat.person('alice', 'ops');
    const other = chat.connect();
    one.sends('/exit\n');
    other.sends('register alice\n');
    await chat.settle();
    expect(other.screen().join()).toContain('You are alice');
    expect(names(chat)).toEqual(['alice 1']);
    await one.drops();
    expect(names(chat)).toEqual(['alice 1']);
  });

  test('stays taken until the leaving of its owner is committed', async () => {
    const chat = await Chat.start();
    const one = await chat.person('alice');
    chat.backend.hold();
    await one.drops();
    const other = chat.connect();
    await other.types('register alice');
    expect(other.screen().join()).not.toContain('You are alice');
    chat.backend.resume();
    await chat.settle();
    expect(other.screen().join()).toContain('You are alice');
    await other.drops();
    expectEmpty(chat);
  });

  test('is free again when who asked for it hangs up before it was given', async () => {
    for (const when of ['at once', 'while it is claimed']) {
      const chat = await Chat.start();
      const one = chat.connect();
      chat.backend.hold();
      one.sends('register alice\n');
      if (when !== 'at once') await chat.settle();
      await one.drops();
      chat.backend.resume();
      await chat.settle();
      expectEmpty(chat);
    }
  });

  test('that was lost to another node has all its sessions told and closed, and their rooms', async () => {
    const chat = await Chat.start();
    const first = await chat.account('alice', SECRET, 'ops');
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    const bob = await chat.person('bob', 'ops');
    first.screen();
    second.screen();
    chat.backend.loseClaim(fold('alice'));
    await chat.settle();
    for (const person of [first, second]) {
      expect(person.screen()).toEqual([
        '! name-lost: the name alice was taken over elsewhere. Come back and sign in again.',
      ]);
      expect(person.link.state).toBe('ended');
    }
    expect(bob.screen()).toEqual(['* alice is offline (name-lost)']);
    expect(names(chat)).toEqual(['bob 1']);
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`);
    expect(again.screen().join()).toContain('You are alice');
  });

  test('that was lost while its password was made is nobody’s here, and not given back', async () => {
    const passwords = new SlowPasswords();
    const chat = await Chat.start({ passwords });
    const one = chat.connect();
    await one.types(`register alice ${SECRET}`);
    expect(chat.store.claims.has(fold('alice'))).toBe(true);
    chat.backend.loseClaim(fold('alice'));
    chat.store.claims.set(fold('alice'), { account: false, nodes: new Set() });
    passwords.done();
    await chat.settle();
    expect(one.screen().join()).toContain('! name-lost');
    expect(names(chat)).toEqual([]);
    expect(chat.store.claims.has(fold('alice'))).toBe(true);
  });

  test('is asked for where only accounts are taken, with a password', async () => {
    const chat = await Chat.start({ rules: { accounts: 'required' } });
    const one = chat.connect();
    await chat.wait(200);
    expect(one.screen().join()).toContain('To begin: register <name> <password>.');
    expect(await one.asks('register alice')).toEqual([
      '! account-required: this server takes accounts only: register <name> <password>',
    ]);
    expect((await one.asks(`register alice ${SECRET}`)).join()).toContain('You are alice');
  });

  test('may be somebody’s to begin with, and a guest keeps it where accounts are required later', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    chat.hub.setRules({ ...chat.hub.rules, accounts: 'required' });
    await alice.types('still here');
    expect((await alice.asks('/history')).join()).toContain('still here');
  });
});

describe('an account', () => {
  test('may be signed in several times, and gives its name back with the last session', async () => {
    const chat = await Chat.start();
    const first = await chat.account('alice', SECRET);
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    expect(second.screen().join()).toContain('signed in once elsewhere');
    await first.drops();
    expect(chat.store.claims.has(fold('alice'))).toBe(true);
    expect(names(chat)).toEqual(['alice 1']);
    await second.types('/exit');
    expect(chat.store.claims.has(fold('alice'))).toBe(false);
    expectEmpty(chat);
  });

  test('signs in while the leaving of its last session is not committed yet', async () => {
    const chat = await Chat.start();
    const first = await chat.account('alice', SECRET, 'ops');
    chat.backend.hold();
    await first.drops();
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    expect(second.screen().join()).not.toContain('You are alice');
    chat.backend.resume();
    await chat.settle();
    expect(second.screen().join()).toContain('You are in ops');
    expect(chat.store.claims.has(fold('alice'))).toBe(true);
    await second.types('here');
    await second.drops();
    expectEmpty(chat);
  });

  test('keeps its name where its last session leaves while the next is signing in', async () => {
    const chat = await Chat.start();
    const first = await chat.account('alice', SECRET, 'ops');
    chat.backend.hold();
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    await first.drops();
    chat.backend.resume();
    await chat.settle();
    expect(second.screen().join()).toContain('You are in ops');
    expect(chat.store.claims.has(fold('alice'))).toBe(true);
    await second.drops();
    expectEmpty(chat);
  });

  test('that hangs up while its password is checked leaves nobody behind', async () => {
    const passwords = new SlowPasswords();
    const chat = await Chat.start({ passwords });
    const first = chat.connect();
    await first.types(`register alice ${SECRET}`);
    passwords.done();
    await chat.settle();
    await first.drops();
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    await second.drops();
    passwords.done();
    await chat.settle();
    expectEmpty(chat);
  });

  test('comes back to the room it was in and to its settings, also after a crash', async () => {
    const before = await Chat.start();
    const alice = await before.account('alice', SECRET, 'ops', 'dev', 'tea');
    await alice.types('/set echo on', '/set color on', '/join dev');
    const after = await Chat.start({ store: before.store, clock: before.clock });
    const again = after.connect();
    // What the crashed node had claimed is free once it is known to be gone.
    after.store.claims.clear();
    await again.types(`login alice ${SECRET}`);
    expect(again.screen().at(-1)).toContain('You are in dev (and in ops, tea):');
    await again.types('hello');
    expect(again.screen().join()).toContain('(in dev): hello');
  });

  test('comes back to the room it was in last, whatever a session that is gone still has on its way', async () => {
    const before = await Chat.start();
    const first = await before.account('alice', SECRET, 'dev', 'tea', 'ops');
    const second = before.connect();
    await second.types(`login alice ${SECRET}`);
    before.backend.hold();
    await first.types('/leave');
    await first.drops();
    await second.types('/join dev');
    before.backend.resume();
    await before.settle();
    const after = await Chat.start({ store: before.store, clock: before.clock });
    after.store.claims.clear();
    const again = after.connect();
    await again.types(`login alice ${SECRET}`);
    expect(again.screen().at(-1)).toContain('You are in dev (and in tea):');
  });

  test('keeps the settings that were chosen last, whichever of its sessions leaves last', async () => {
    const chat = await Chat.start();
    const first = await chat.account('alice', SECRET, 'ops');
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    await first.types('/set echo on');
    await first.drops();
    await second.drops();
    const third = chat.connect();
    await third.types(`login alice ${SECRET}`, 'hello');
    expect(third.screen().at(-1)).toBe('alice (in ops): hello');
  });

  test('begins with what its first session had set before it registered', async () => {
    const chat = await Chat.start();
    const alice = chat.connect();
    await alice.types('set echo on', `register alice ${SECRET}`, 'join ops', 'hello');
    expect(alice.screen().at(-1)).toBe('alice (in ops): hello');
    await alice.types('/exit');
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`, 'again');
    expect(again.screen().at(-1)).toBe('alice (in ops): again');
  });

  test('that could not be made for want of disk is not made at all, and the name is free', async () => {
    const passwords = new SlowPasswords();
    const chat = await Chat.start({ passwords });
    const alice = chat.connect();
    await alice.types(`register alice ${SECRET}`);
    chat.backend.failNext('store-full');
    passwords.done();
    await chat.settle();
    expect(alice.screen().at(-1)).toStartWith('! store-full');
    expectEmpty(chat);
    expect((await alice.asks('register alice')).join()).toContain('You are alice');
  });
});

describe('a guest that takes a password', () => {
  async function guestWithPassword(chat: Chat): Promise<Person> {
    const alice = await chat.person('alice', 'ops', 'dev');
    await alice.types(`/password ${SECRET}`);
    return alice;
  }

  test('keeps its rooms and its rank in them as an account', async () => {
    const chat = await Chat.start();
    const alice = await guestWithPassword(chat);
    await alice.drops();
    const again = chat.connect();
    await again.types(`login alice ${SECRET}`);
    expect(again.screen().at(-1)).toContain('You are in dev (and in ops):');
    expect(await again.asks('/topic mine')).toEqual(['* Topic of dev: mine (alice)']);
  });

  test('and leaves before it is made, does not make an account of whoever has the name then', async () => {
    const passwords = new SlowPasswords();
    const chat = await Chat.start({ passwords });
    const alice = await guestWithPassword(chat);
    await alice.drops();
    const other = chat.connect();
    await other.types('register alice', 'join ops');
    passwords.done();
    await chat.settle();
    expect(await chat.backend.account(fold('alice'))).toBeNull();
    expect(names(chat)).toEqual(['alice 1']);
    await other.drops();
    expectEmpty(chat);
  });

  test('is a member only of the rooms it is in by then', async () => {
    const passwords = new SlowPasswords();
    const chat = await Chat.start({ passwords });
    const bob = await chat.person('bob', 'ops');
    const alice = await guestWithPassword(chat);
    await bob.types('/kick alice');
    passwords.done();
    await chat.settle();
    const rooms = async (): Promise<string[] | undefined> =>
      (await chat.backend.account(fold('alice')))?.memberships.map(({ room }) => room);
    expect(await rooms()).toEqual(['dev']);
    expect(alice.screen().join()).toContain('alice is your account now');
  });

  test('and is put out of a room in the same turn, is out of it for good', async () => {
    const passwords = new SlowPasswords();
    const chat = await Chat.start({ passwords });
    const bob = await chat.person('bob', 'ops');
    await guestWithPassword(chat);
    chat.backend.hold();
    await bob.types('/kick alice');
    passwords.done();
    await chat.settle();
    chat.backend.resume();
    await chat.settle();
    const account = await chat.backend.account(fold('alice'));
    expect(account?.memberships.map(({ room }) => room)).toEqual(['dev']);
  });
});

describe('attempts to sign in', () => {
  const WINDOW = 60_000;

  async function withAccount(chat: Chat, ...accounts: string[]): Promise<void> {
    for (const name of accounts) await (await chat.account(name, SECRET)).drops();
  }

  /** Tries a wrong password; answers the code it is refused with. */
  async function guess(person: Person, name = 'alice'): Promise<string> {
    return /^! ([\w-]+)/.exec((await person.asks(`login ${name} wrong`)).at(-1) ?? '')?.[1] ?? '';
  }

  test('are limited by address, and allowed again when the time is over', async () => {
    const chat = await Chat.start({ rules: { signInAttemptsPerAddress: 3, signInWindow: WINDOW } });
    await withAccount(chat, 'alice');
    const one = chat.connect('192.0.2.7');
    for (let i = 0; i < 3; i++) expect(await guess(one)).toBe('wrong-password');
    await chat.wait(20_000);
    expect(await one.asks(`login alice ${SECRET}`)).toEqual([
      '! too-many-attempts: too many sign-in attempts. Try again in 40 s.',
    ]);
    expect(await guess(chat.connect('192.0.2.7'))).toBe('too-many-attempts');
    expect(await guess(chat.connect('192.0.2.8'))).toBe('wrong-password');
    await chat.wait(39_999);
    expect(await guess(one)).toBe('too-many-attempts');
    await chat.wait(1);
    expect((await one.asks(`login alice ${SECRET}`)).join()).toContain('You are alice');
  });

  test('count by address also where there is no such account', async () => {
    const chat = await Chat.start({ rules: { signInAttemptsPerAddress: 2 } });
    const one = chat.connect();
    expect(await guess(one, 'nobody')).toBe('no-such-account');
    expect(await guess(one, 'no-one')).toBe('no-such-account');
    expect(await guess(one, 'none')).toBe('too-many-attempts');
  });

  test('are limited by account, wherever they come from, and by no other account’s', async () => {
    const chat = await Chat.start({ rules: { signInAttemptsPerAccount: 4, signInWindow: WINDOW } });
    await withAccount(chat, 'alice', 'bob');
    for (let i = 0; i < 4; i++) expect(await guess(chat.connect(`192.0.2.${i}`))).toBe('wrong-password');
    const one = chat.connect('198.51.100.1');
    expect(await guess(one)).toBe('too-many-attempts');
    expect(await guess(one, 'ALICE')).toBe('too-many-attempts');
    expect(await guess(one, 'bob')).toBe('wrong-password');
    await chat.wait(WINDOW);
    expect((await one.asks(`login alice ${SECRET}`)).join()).toContain('You are alice');
  });

  test('from an exempt address are limited by account only', async () => {
    const chat = await Chat.start({ rules: { signInAttemptsPerAddress: 1, signInAttemptsPerAccount: 3 } });
    await withAccount(chat, 'alice', 'bob');
    const one = chat.connect('127.0.0.1', null);
    for (let i = 0; i < 3; i++) expect(await guess(one)).toBe('wrong-password');
    expect(await guess(one)).toBe('too-many-attempts');
    expect(await guess(one, 'bob')).toBe('wrong-password');
  });

  test('that are right do not count', async () => {
    const chat = await Chat.start({ rules: { signInAttemptsPerAddress: 2, signInAttemptsPerAccount: 2 } });
    await withAccount(chat, 'alice');
    for (let i = 0; i < 5; i++) {
      const one = chat.connect();
      await one.types(`login alice ${SECRET}`);
      expect(one.screen().join()).toContain('You are alice');
    }
  });

  test('in a burst get no further than one after the other', async () => {
    const passwords = new SlowPasswords();
    const chat = await Chat.start({ passwords, rules: { signInAttemptsPerAddress: 3 } });
    const owner = chat.connect();
    await owner.types(`register alice ${SECRET}`);
    passwords.done();
    await chat.settle();
    const burst = Array.from({ length: 10 }, () => chat.connect());
    for (const one of burst) one.sends('login alice wrong\n');
    await chat.settle();
    expect(passwords.checked).toBe(3);
    passwords.done();
    await chat.settle();
    const codes = burst.map(one => /! ([\w-]+)/.exec(one.screen().join())?.[1]);
    expect(codes.filter(code => code === 'wrong-password')).toHaveLength(3);
    expect(codes.filter(code => code === 'too-many-attempts')).toHaveLength(7);
  });

  test('that nobody could look at do not count', async () => {
    let busy = true;
    const passwords: Passwords = {
      hash: async () => 'hash',
      verify: async () => {
        if (busy) throw refusal('hash-busy');
        return true;
      },
    };
    const chat = await Chat.start({
      passwords,
      rules: { signInAttemptsPerAddress: 1, signInAttemptsPerAccount: 1 },
    });
    await withAccount(chat, 'alice');
    const one = chat.connect();
    for (let i = 0; i < 3; i++)
      expect((await one.asks(`login alice ${SECRET}`)).at(-1)).toStartWith('! hash-busy');
    busy = false;
    expect((await one.asks(`login alice ${SECRET}`)).join()).toContain('You are alice');
  });

  test('go by new limits from the moment they are in force', async () => {
    const chat = await Chat.start({ rules: { signInAttemptsPerAddress: 2 } });
    await withAccount(chat, 'alice');
    const one = chat.connect();
    await guess(one);
    await guess(one);
    expect(await guess(one)).toBe('too-many-attempts');
    chat.hub.setRules({ ...chat.hub.rules, signInAttemptsPerAddress: 3 });
    expect(await guess(one)).toBe('wrong-password');
    expect(await guess(one)).toBe('too-many-attempts');
  });

  test('and new names are limited apart from each other', async () => {
    const chat = await Chat.start({ rules: { registrationsPerAddress: 2, registrationWindow: WINDOW } });
    await chat.person('alice');
    const bob = await chat.person('bob');
    const one = chat.connect();
    expect(await one.asks('register carol')).toContain(
      '! too-many-registrations: too many new names from your address. Try again in 60 s.',
    );
    // A name that was here before is no new one.
    await bob.drops();
    expect((await chat.connect().asks('register bob')).join()).toContain('You are bob');
    const exempt = chat.connect('127.0.0.1', null);
    expect((await exempt.asks('register dave')).join()).toContain('You are dave');
    await chat.wait(WINDOW);
    expect((await one.asks('register carol')).join()).toContain('You are carol');
  });
});

describe('while the store is far away', () => {
  test('signing in waits for it, and what was asked meanwhile follows in order', async () => {
    const chat = await Chat.start();
    await (await chat.account('alice', SECRET, 'ops')).drops();
    const accounts = late(chat.backend, 'account');
    const one = chat.connect();
    await one.types(`login alice ${SECRET}`, 'hello', '/history 1');
    expect(one.screen().join()).not.toContain('You are');
    accounts.stop();
    await chat.settle();
    const screen = one.screen();
    expect(screen.findIndex(line => line.includes('You are in ops'))).toBeGreaterThan(0);
    expect(screen.some(line => line.endsWith('alice (in ops): hello'))).toBe(true);
  });

  test('two sessions of an account that join a room at once are both in it, as its operator', async () => {
    const chat = await Chat.start();
    const first = await chat.account('alice', SECRET);
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    const rooms = late(chat.backend, 'openRoom');
    first.sends('join ops\n');
    second.sends('join ops\n');
    await chat.settle();
    rooms.stop();
    await chat.settle();
    const bob = await chat.person('bob', 'ops');
    expect(first.screen()).toContain('* You are in ops. You are its operator. 1 here: @alice');
    expect(second.screen()).toContain('* You are in ops: lines you type now go there.');
    await bob.types('hello');
    expect(first.screen()).toEqual(['bob (in ops): hello']);
    expect(second.screen()).toEqual(['bob (in ops): hello']);
    expect(await first.asks('/topic mine')).toEqual(['* Topic of ops: mine (alice)']);
    expect(await second.asks('/topic ours')).toEqual(['* Topic of ops: ours (alice)']);
    expect(await bob.asks('/users')).toEqual(['* ops: 2 here: @alice, bob']);
  });
});
