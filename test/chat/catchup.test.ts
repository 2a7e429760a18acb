import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { fold } from '../../src/chat/names.ts';
import { Chat, type Person } from '../helper/chat.ts';
import { late } from '../helper/late.ts';

const SECRET = 'correct horse';

/** Signs in and answers what is shown, without the welcome. */
async function login(chat: Chat, name = 'alice'): Promise<{ person: Person; shown: string[] }> {
  const person = chat.connect();
  await person.types(`login ${name} ${SECRET}`);
  return { person, shown: person.screen().slice(2) };
}

/** alice, an account in these rooms that has just left, and bob, who is in them all. */
async function aliceAway(chat: Chat, ...rooms: string[]): Promise<Person> {
  const bob = await chat.person('bob', ...rooms);
  const alice = await chat.account('alice', SECRET, ...rooms);
  await alice.types('/exit');
  bob.screen();
  return bob;
}

const IN_OPS = '* You are in ops: lines you type are said there; commands start with /';

function lines(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, i) => `line ${from + i}`);
}

function by(who: string, room: string, texts: readonly string[]): string[] {
  return texts.map(text => `${who} (in ${room}): ${text}`);
}

describe('an account that signs in', () => {
  test('is shown what it missed, room by room, in order, and that once only', async () => {
    const chat = await Chat.start();
    const bob = await aliceAway(chat, 'ops', 'dev');
    await bob.types('one', '/me waves', '/join ops', 'two', '/join dev', 'three');
    const { person, shown } = await login(chat);
    expect(shown).toEqual([
      '* Missed in dev: 3 lines.',
      'bob (in dev): one',
      '* bob waves (in dev)',
      'bob (in dev): three',
      '* Missed in ops: 1 line.',
      'bob (in ops): two',
      '* You are in dev (and in ops): lines you type are said there; commands start with /',
    ]);
    await person.types('/exit');
    expect((await login(chat)).shown).toEqual(shown.slice(-1));
  });

  test('is told nothing of a room in which nothing was said', async () => {
    const chat = await Chat.start();
    const bob = await aliceAway(chat, 'ops');
    await bob.types('/topic new');
    await chat.person('carol', 'ops');
    expect((await login(chat)).shown).toEqual([IN_OPS]);
  });

  test('is not shown again what it said itself, nor what it read before its link broke', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    const alice = await chat.account('alice', SECRET, 'ops');
    await bob.types('one');
    await alice.types('two');
    await bob.types('three');
    await alice.drops();
    await bob.types('four');
    expect((await login(chat)).shown).toEqual(['* Missed in ops: 1 line.', 'bob (in ops): four', IN_OPS]);
  });

  test('is shown the newest lines where there are too many, and the command shows exactly the rest', async () => {
    const chat = await Chat.start({ rules: { catchUpLines: 20 } });
    const bob = await aliceAway(chat, 'ops');
    await bob.types('/topic news', ...lines(1, 33), '/topic old');
    const { person, shown } = await login(chat);
    const hint = shown.at(-2) ?? '';
    expect(shown).toEqual([
      '* Topic of ops: old (bob)',
      '* Missed in ops: 33 lines.',
      ...by('bob', 'ops', lines(14, 33)),
      hint,
      IN_OPS,
    ]);
    expect(hint).toStartWith('* 13 lines before these. To read them: /history ops 13 after #');
    const rest = await person.asks(hint.slice(hint.indexOf('/history')));
    expect(rest.slice(0, -1).map(line => line.replace(/^#\d+ /, ''))).toEqual(by('bob', 'ops', lines(1, 13)));
  });

  test('is shown only where to find them where no missed lines are to be shown', async () => {
    const chat = await Chat.start({ rules: { catchUpLines: 0 } });
    const bob = await aliceAway(chat, 'ops');
    await bob.types(...lines(1, 3));
    const { person, shown } = await login(chat);
    const hint = shown.find(line => line.includes('/history')) ?? '';
    const rest = await person.asks(hint.slice(hint.indexOf('/history')));
    expect(rest.slice(0, -1).map(line => line.replace(/^#\d+ /, ''))).toEqual(by('bob', 'ops', lines(1, 3)));
  });

  test('is not shown what names it ignores have said, nor told of it where there is nothing else', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops', 'dev');
    const carol = await chat.person('carol', 'ops');
    const alice = await chat.account('alice', SECRET, 'ops', 'dev');
    await alice.types('/ignore bob', '/exit');
    await bob.types('spam', '/join ops', 'more spam', '/msg alice and more');
    await carol.types('ham');
    expect((await login(chat)).shown.slice(0, -1)).toEqual([
      '* Missed in ops: 1 line.',
      'carol (in ops): ham',
    ]);
  });

  test('and comes back to nobody it knows, finds itself in its rooms all the same', async () => {
    const chat = await Chat.start();
    await (await chat.account('alice', SECRET, 'ops')).types('/exit');
    expect(chat.hub.rooms.size).toBe(0);
    const { person, shown } = await login(chat);
    expect(shown).toEqual([IN_OPS]);
    expect(await person.asks('/users')).toEqual(['* ops: 1 here: @alice']);
  });
});

describe('lines said while an account catches up', () => {
  for (const when of ['asked', 'answered'] as const) {
    test(`are neither lost nor doubled, where the store looks as it is ${when}`, async () => {
      const chat = await Chat.start({ rules: { catchUpLines: 4 } });
      const bob = await aliceAway(chat, 'ops');
      await bob.types(...lines(1, 6));
      const history = late(chat.backend, 'history', when);
      const counts = late(chat.backend, 'countSaid', when);
      const alice = chat.connect();
      await alice.types(`login alice ${SECRET}`);
      await bob.types(...lines(7, 8));
      history.stop();
      counts.stop();
      await chat.settle();
      await bob.types(...lines(9, 10));
      const shown = alice.screen().slice(2);
      const said = shown.filter(line => line.startsWith('bob'));
      const first = said[0]?.replace('bob (in ops): line ', '');
      expect(said).toEqual(by('bob', 'ops', lines(Number(first), 10)));
      const hint = shown.find(line => line.includes('/history')) ?? '';
      const rest = await alice.asks(hint.slice(hint.indexOf('/history')));
      expect(rest.slice(0, -1).map(line => line.replace(/^#\d+ /, ''))).toEqual(
        by('bob', 'ops', lines(1, Number(first) - 1)),
      );
    });
  }

  test('are shown as they come, without a word of missing anything, where nothing was missed', async () => {
    const chat = await Chat.start();
    const bob = await aliceAway(chat, 'ops');
    const history = late(chat.backend, 'history', 'answered');
    const alice = chat.connect();
    await alice.types(`login alice ${SECRET}`);
    await bob.types('one', '/topic new', 'two');
    history.stop();
    await chat.settle();
    expect(alice.screen().slice(2)).toEqual([
      'bob (in ops): one',
      '* bob set the topic of ops: new',
      'bob (in ops): two',
      IN_OPS,
    ]);
  });

  test('wait with it while nothing is committed, and come once, in order', async () => {
    const chat = await Chat.start();
    const bob = await aliceAway(chat, 'ops');
    await bob.types('one');
    chat.backend.hold();
    await bob.types('two', 'three');
    const alice = chat.connect();
    await alice.types(`login alice ${SECRET}`);
    await bob.types('four', 'five');
    for (let i = 0; i < 5; i++) {
      chat.backend.resume(1);
      await chat.settle();
    }
    chat.backend.resume();
    await chat.settle();
    expect(alice.screen().filter(line => line.startsWith('bob'))).toEqual(
      by('bob', 'ops', ['one', 'two', 'three', 'four', 'five']),
    );
  });

  test('stay in their room: who is put out of it meanwhile is told so and is out', async () => {
    const chat = await Chat.start();
    const bob = await aliceAway(chat, 'ops');
    await bob.types('one');
    const history = late(chat.backend, 'history');
    const alice = chat.connect();
    await alice.types(`login alice ${SECRET}`);
    await bob.types('two', '/kick alice enough', 'three');
    history.stop();
    await chat.settle();
    expect(alice.screen().slice(2)).toEqual([
      'bob (in ops): two',
      '* bob put alice out of ops (enough)',
      '* Next: join <room>, rooms, who, help. In a room you talk; commands start with /',
    ]);
    expect(await bob.asks('/users')).toEqual(['* ops: 1 here: @bob']);
  });
});

describe('what was not read', () => {
  test('is shown again when the link broke before it had left', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    const alice = await chat.account('alice', SECRET, 'ops');
    await bob.types('one');
    await chat.wait(5000);
    alice.link.room = 0;
    await bob.types('two', 'three');
    await chat.wait(5000);
    await alice.drops();
    expect((await login(chat)).shown).toEqual([
      '* Missed in ops: 2 lines.',
      ...by('bob', 'ops', ['two', 'three']),
      IN_OPS,
    ]);
  });

  test('is shown again to who leaves and never reads the rest', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    const alice = await chat.account('alice', SECRET, 'ops');
    alice.link.room = 0;
    await bob.types('one');
    await alice.types('/exit');
    await chat.wait(10_000);
    expect(alice.link.state).toBe('terminated');
    await alice.drops();
    expect((await login(chat)).shown).toEqual(['* Missed in ops: 1 line.', 'bob (in ops): one', IN_OPS]);
  });

  test('is not shown again to who leaves and reads the rest', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    const alice = await chat.account('alice', SECRET, 'ops');
    alice.link.room = 0;
    await bob.types('one');
    await alice.types('/exit');
    alice.link.room = 10_000;
    alice.connection.drain();
    await chat.settle();
    expect(alice.screen()).toContain('bob (in ops): one');
    expect((await login(chat)).shown).toEqual([IN_OPS]);
  });

  test('is shown again to who was closed for not reading, though the last word was read', async () => {
    const chat = await Chat.start({ wire: { outbox: { soft: 1_000_000, hard: 1000 } } });
    const bob = await chat.person('bob', 'ops');
    const alice = await chat.account('alice', SECRET, 'ops');
    alice.link.room = 0;
    const many = lines(1, 10).map(line => `${line} ${'x'.repeat(200)}`);
    await bob.types(...many);
    alice.link.room = 10_000;
    alice.connection.drain();
    await chat.settle();
    expect(alice.screen().at(-1)).toStartWith('! outbox-full');
    expect(alice.link.state).toBe('ended');
    await alice.drops();
    expect((await login(chat)).shown).toEqual([
      '* Missed in ops: 10 lines.',
      ...by('bob', 'ops', many),
      IN_OPS,
    ]);
  });

  test('is shown again where the link broke before the notice that it was skipped', async () => {
    const chat = await Chat.start({ wire: { outbox: { soft: 1000, hard: 100_000 } } });
    const bob = await chat.person('bob', 'ops');
    const alice = await chat.account('alice', SECRET, 'ops');
    alice.link.room = 1;
    const many = lines(1, 10).map(line => `${line} ${'x'.repeat(200)}`);
    for (const line of many) await bob.types(line);
    await alice.types('/exit');
    // It takes what is left of the line that was begun and the goodbye, and dies before the notice.
    alice.link.room = 300;
    alice.connection.drain();
    await chat.settle();
    expect(alice.link.text).toContain('* Bye.');
    expect(alice.link.text).not.toContain('#');
    await alice.drops();
    const { shown } = await login(chat);
    expect(shown.slice(1, -1)).toEqual(by('bob', 'ops', many));
  });

  test('is not lost in a crash; what was read longer ago than a moment is not repeated', async () => {
    const before = await Chat.start();
    const bob = await before.person('bob', 'ops');
    const alice = await before.account('alice', SECRET, 'ops');
    await bob.types('one', 'two');
    await before.wait(3000);
    await bob.types('three');
    expect(alice.screen()).toEqual(by('bob', 'ops', ['one', 'two', 'three']));
    const after = await Chat.start({ store: before.store, clock: before.clock });
    after.store.claims.clear();
    expect((await login(after)).shown).toEqual(['* Missed in ops: 1 line.', 'bob (in ops): three', IN_OPS]);
  });

  test('because the store failed ends the sign-in with a word, and is shown at the next', async () => {
    const chat = await Chat.start();
    const bob = await aliceAway(chat, 'dev', 'ops');
    await bob.types('/join dev', 'one', '/join ops', 'two');
    const { history } = chat.backend;
    chat.backend.history = async query => {
      if ('room' in query.scope && query.scope.room === 'ops') throw new Error('the disk is gone');
      return await history.call(chat.backend, query);
    };
    const { person, shown } = await login(chat);
    expect(shown).toEqual([
      '* Missed in dev: 1 line.',
      'bob (in dev): one',
      expect.stringContaining('! internal'),
    ]);
    expect(person.link.state).toBe('ended');
    expect(chat.logged.at(-1)).toContain('the disk is gone');
    expect(chat.hub.users.size).toBe(1);
    chat.backend.history = history;
    expect((await login(chat)).shown.slice(0, -1)).toEqual(['* Missed in ops: 1 line.', 'bob (in ops): two']);
  });

  test('on one session is shown on the next, though that one is still there', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    const asleep = await chat.account('alice', SECRET, 'ops');
    await bob.types('one');
    await chat.wait(3000);
    asleep.link.room = 0;
    await bob.types('two', 'three');
    const { person, shown } = await login(chat);
    expect(shown).toEqual(['* Missed in ops: 2 lines.', ...by('bob', 'ops', ['two', 'three']), IN_OPS]);
    await person.types('/exit');
    await asleep.drops();
    expect((await login(chat)).shown).toEqual([IN_OPS]);
  });

  test('is what no session was shown: a second one is not told what the first has just read', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    await chat.account('alice', SECRET, 'ops');
    await bob.types('one');
    const { person, shown } = await login(chat);
    expect(shown).toEqual([IN_OPS]);
    await bob.types('two');
    expect(person.screen()).toEqual(by('bob', 'ops', ['two']));
  });

  test('is decided when the name is given: what another session reads until then is read', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    const first = await chat.account('alice', SECRET, 'ops');
    chat.backend.hold();
    await bob.types('one');
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    chat.backend.resume(1);
    await chat.settle();
    expect(first.screen()).toContain('bob (in ops): one');
    await first.types('/exit');
    chat.backend.resume();
    await chat.settle();
    expect(second.screen().slice(-2)).toEqual(['* You are alice, signed in to your account.', IN_OPS]);
  });
});

describe('rooms of an account', () => {
  test('that another session joins or leaves meanwhile are those of the new session as well', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops', 'dev');
    const first = await chat.account('alice', SECRET, 'ops');
    const accounts = late(chat.backend, 'account');
    const second = chat.connect();
    await second.types(`login alice ${SECRET}`);
    accounts.answer();
    await chat.settle();
    await first.types('/join dev', '/leave ops');
    accounts.stop();
    await chat.settle();
    second.screen();
    await bob.types('in dev', '/join ops', 'in ops');
    expect(second.screen()).toEqual(['bob (in dev): in dev']);
  });

  test('are left with all its sessions, each of which is told where it is now', async () => {
    const chat = await Chat.start();
    const first = await chat.account('alice', SECRET, 'dev', 'ops');
    const { person: second } = await login(chat);
    await first.types('/leave');
    expect(first.screen()).toEqual(['* You left ops; lines you type now go to dev.']);
    expect(second.screen()).toEqual(['* alice left ops', '* Lines you type now go to dev.']);
  });

  test('survive a restart with their ranks, and the account is not announced twice', async () => {
    const before = await Chat.start();
    const alice = await before.account('alice', SECRET, 'ops');
    const bob = await before.account('bob', SECRET, 'ops');
    await alice.types('/exit');
    await bob.types('/exit');
    await before.hub.stop();
    const chat = await Chat.start({ store: before.store, clock: before.clock });
    const { person } = await login(chat, 'bob');
    await login(chat, 'alice');
    expect(person.screen()).toEqual(['* alice is online']);
    expect(await person.asks('/users')).toEqual(['* ops: 2 here: @alice, bob']);
  });
});

/** Signs in and out at random, by hanging up, by exit, with a link that stops reading, or by a crash of all. */
type Step =
  | { readonly do: 'say'; readonly room: string; readonly times: number }
  | { readonly do: 'login' | 'exit' | 'drop' | 'sleep' | 'crash' | 'hold' | 'resume' | 'settle' | 'wait' };

test('over all its sessions an account is shown every line of its rooms, in order, and once if it reads', async () => {
  const room = fc.constantFrom('ops', 'dev');
  const steps: fc.Arbitrary<Step[]> = fc.array(
    fc.oneof(
      {
        weight: 5,
        arbitrary: fc.record({
          do: fc.constant('say' as const),
          room,
          times: fc.integer({ min: 1, max: 3 }),
        }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('login' as const) }) },
      {
        weight: 3,
        arbitrary: fc.record({
          do: fc.constantFrom('exit', 'drop', 'sleep', 'crash', 'hold', 'resume', 'settle', 'wait'),
        }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('resume', 'settle') }) },
    ),
    { maxLength: 40, size: 'max' },
  );
  await fc.assert(
    fc.asyncProperty(steps, async script => {
      let chat = await Chat.start({ rules: { catchUpLines: 1000 } });
      let bob = await chat.person('bob', 'ops', 'dev');
      let alice: Person | null = await chat.account('alice', SECRET, 'ops', 'dev');
      let texts = 0;
      /** What each of alice's sessions was shown; whether none of them stopped reading or saw a crash. */
      const shown: string[][] = [];
      let read = true;
      const look = (): void => {
        if (alice) shown.push(alice.link.text.split('\n').filter(line => line.includes('bob (in')));
      };
      for (const step of script) {
        switch (step.do) {
          case 'say':
            for (let i = 0; i < step.times; i++) bob.sends(`/join ${step.room}\nt${++texts}\n`);
            break;
          case 'login':
            if (alice) break;
            alice = chat.connect();
            alice.sends(`login alice ${SECRET}\n`);
            break;
          case 'exit':
            alice?.sends('/exit\n');
            await chat.settle();
            if (alice?.link.state !== 'ended') break;
            alice.connection.gone('closed');
            look();
            alice = null;
            break;
          case 'drop':
            await alice?.drops();
            look();
            alice = null;
            break;
          case 'sleep':
            if (alice) alice.link.room = 0;
            if (alice) read = false;
            break;
          case 'hold':
            chat.backend.hold();
            break;
          case 'resume':
            chat.backend.resume();
            break;
          case 'settle':
            await chat.settle();
            break;
          case 'wait':
            await chat.wait(2500);
            break;
          case 'crash':
            look();
            if (alice) read = false;
            chat = await Chat.start({ store: chat.store, clock: chat.clock, rules: { catchUpLines: 1000 } });
            chat.store.claims.clear();
            chat.store.nodes.clear();
            chat.store.nodes.add(chat.backend);
            alice = null;
            bob = await chat.person('bob', 'ops', 'dev');
            break;
        }
      }
      chat.backend.resume();
      await alice?.drops();
      look();
      await chat.settle();
      alice = chat.connect();
      await alice.types(`login alice ${SECRET}`);
      look();
      for (const name of ['ops', 'dev']) {
        const said = (chat.store.rooms.get(fold(name))?.events ?? [])
          .map(event => (event.type === 'message' ? `bob (in ${name}): ${event.text}` : ''))
          .filter(line => line !== '');
        const sessions = shown.map(each =>
          each.map(line => line.replace(/^\[[\d:]+\] /, '')).filter(line => line.includes(`(in ${name})`)),
        );
        const all = sessions.flat();
        for (const each of sessions) expect(each).toEqual(said.filter(line => each.includes(line)));
        if (read) expect(all).toEqual(said);
        else expect(said.filter(line => !all.includes(line))).toEqual([]);
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 100) },
  );
}, 60_000);

type Move =
  | { readonly do: 'say' | 'join' | 'leave'; readonly room: string; readonly session: number }
  | { readonly do: 'exit' | 'drop'; readonly session: number }
  | { readonly do: 'kick'; readonly room: string }
  | { readonly do: 'login' | 'hold' | 'resume' | 'resume one' | 'settle' | 'promises' };

test('several sessions of an account at once: each is shown its rooms without a gap, together they miss nothing', async () => {
  const room = fc.constantFrom('ops', 'dev');
  const session = fc.nat({ max: 2 });
  const moves: fc.Arbitrary<Move[]> = fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('say' as const), room, session }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant('login' as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('join', 'leave'), room, session }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('exit', 'drop'), session }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('kick' as const), room }) },
      {
        weight: 4,
        arbitrary: fc.record({ do: fc.constantFrom('settle', 'promises', 'resume', 'resume one') }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const) }) },
    ),
    { maxLength: 50, size: 'max' },
  );
  await fc.assert(
    fc.asyncProperty(moves, async script => {
      const chat = await Chat.start({ rules: { catchUpLines: 1000, joinLines: 0 } });
      const { hub } = chat;
      /** Of each room: what was said while alice was in it, in committed order. */
      const due: Record<string, string[]> = { ops: [], dev: [] };
      const isIn = new Set<string>();
      /** How many of those do not matter any more, since alice was out of the room in between. */
      const past: Record<string, number> = { ops: 0, dev: 0 };
      const deliver = hub.committed.bind(hub);
      hub.committed = batch => {
        for (const { event } of batch) {
          if (event.type === 'private') continue;
          if (event.type === 'join' && event.from === 'alice') isIn.add(event.room);
          if (event.type === 'kick' || (event.type === 'leave' && event.from === 'alice')) {
            isIn.delete(event.room);
            past[event.room] = due[event.room]?.length ?? 0;
          }
          if (event.type === 'message' && isIn.has(event.room)) due[event.room]?.push(event.text);
        }
        deliver(batch);
      };
      const others = { ops: await chat.person('bob', 'ops'), dev: await chat.person('rob', 'dev') };
      const sessions = [await chat.account('alice', SECRET, 'ops', 'dev')];
      const all = [...sessions];
      let texts = 0;
      for (const move of script) {
        const person = 'session' in move ? sessions[move.session % Math.max(1, sessions.length)] : undefined;
        switch (move.do) {
          case 'say':
            others[move.room === 'ops' ? 'ops' : 'dev'].sends(`t${++texts}.\n`);
            break;
          case 'login': {
            if (sessions.length === 3) break;
            const next = chat.connect();
            next.sends(`login alice ${SECRET}\n`);
            sessions.push(next);
            all.push(next);
            break;
          }
          case 'join':
          case 'leave':
            person?.sends(`/${move.do} ${move.room}\n`);
            break;
          case 'kick':
            others[move.room === 'ops' ? 'ops' : 'dev'].sends('/kick alice\n');
            break;
          case 'exit':
            person?.sends('/exit\n');
            break;
          case 'drop':
            if (!person) break;
            sessions.splice(sessions.indexOf(person), 1);
            // What is on its way is let out first: a link that loses it is another test's.
            chat.turn.end();
            person.link.lose();
            person.connection.gone('reset');
            break;
          case 'hold':
            chat.backend.hold();
            break;
          case 'resume':
            chat.backend.resume();
            break;
          case 'resume one':
            chat.backend.resume(1);
            break;
          case 'settle':
            await chat.settle();
            break;
          case 'promises':
            for (let i = 0; i < 10; i++) await Promise.resolve();
            break;
        }
      }
      chat.backend.resume();
      await chat.settle();
      const last = chat.connect();
      await last.types(`login alice ${SECRET}`);
      all.push(last);
      for (const [name, lines] of Object.entries(due)) {
        const shown = new Set<string>();
        for (const person of all) {
          const got = [...person.link.text.matchAll(/\(in (\w+)\): (t\d+\.)\n/g)]
            .filter(([, where]) => where === name)
            .map(([, , text = '']) => text);
          const from = got[0] === undefined ? 0 : lines.indexOf(got[0]);
          expect(got).toEqual(lines.slice(from, from + got.length));
          for (const text of got) shown.add(text);
        }
        expect(lines.slice(past[name]).filter(text => !shown.has(text))).toEqual([]);
      }
    }),
    { numRuns: Number(process.env['RUNS'] ?? 100) },
  );
}, 60_000);

test('what was shown on signing in is not shown again, however abruptly the connection ends after it', async () => {
  const chat = await Chat.start();
  const alice = await chat.account('alice', SECRET, 'ops');
  const bob = await chat.person('bob', 'ops');
  await alice.types('/exit');
  await bob.types('one', 'two');
  const again = chat.connect();
  await again.types(`login alice ${SECRET}`);
  expect(again.screen().filter(line => line.startsWith('bob'))).toEqual([
    'bob (in ops): one',
    'bob (in ops): two',
  ]);
  // The peer is gone before parley knows: what is written now goes nowhere.
  again.link.lose();
  await bob.types('three');
  await again.drops();
  const third = chat.connect();
  await third.types(`login alice ${SECRET}`);
  expect(third.screen().filter(line => line.startsWith('bob'))).toEqual(['bob (in ops): three']);
});
