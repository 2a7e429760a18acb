import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { fold } from '../../src/chat/names.ts';
import { Chat, type Person } from '../helper/chat.ts';

const SECRET = 'correct horse';
const LONG = 'x'.repeat(100);

/** The link takes this many bytes more, and says so. */
async function reads(person: Person, bytes: number): Promise<void> {
  person.link.room = bytes;
  person.connection.drain();
  await person.chat.settle();
}

/** The command that a notice tells of. */
function commandIn(notice: string): string {
  return notice.slice(notice.indexOf('/history'));
}

/** Lines of history without their ids and without what is said after them. */
function withoutIds(lines: readonly string[]): string[] {
  return lines.filter(line => line.startsWith('#')).map(line => line.replace(/^#\d+ /, ''));
}

describe('a slow reader', () => {
  async function sleeper(soft: number, hard = 1_000_000): Promise<[Chat, Person, Person]> {
    const chat = await Chat.start({ rules: { waitingMessages: 100 }, wire: { outbox: { soft, hard } } });
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    alice.screen();
    alice.link.room = 0;
    return [chat, alice, bob];
  }

  test('is told how many lines it was not shown, and the command shows exactly those', async () => {
    const [, alice, bob] = await sleeper(1000);
    const said = Array.from({ length: 50 }, (_, i) => `line ${i} ${LONG}`);
    for (const text of said) await bob.types(text);
    await reads(alice, Number.POSITIVE_INFINITY);
    const screen = alice.screen();
    const shown = screen.filter(line => line.startsWith('bob'));
    const notice = screen.at(-1) ?? '';
    expect(notice).toStartWith(`* ${50 - shown.length} lines in ops skipped: you were not reading.`);
    const rest = withoutIds(await alice.asks(commandIn(notice)));
    expect([...shown, ...rest]).toEqual(said.map(text => `bob (in ops): ${text}`));
    await bob.types('awake');
    expect(alice.screen()).toEqual(['bob (in ops): awake']);
  });

  test('does not make anybody else wait', async () => {
    const [chat, , bob] = await sleeper(1000);
    const carol = await chat.person('carol', 'ops');
    carol.screen();
    for (let i = 0; i < 100; i++) {
      await bob.types(`${i} ${LONG}`);
      expect(carol.screen()).toEqual([`bob (in ops): ${i} ${LONG}`]);
    }
  });

  test('is closed with a reason past the hard limit, its room told, and takes no more memory', async () => {
    const [chat, alice, bob] = await sleeper(1000, 2000);
    bob.screen();
    const carol = await chat.person('carol');
    await carol.types(...Array.from({ length: 40 }, (_, i) => `msg alice ${i} ${LONG}`));
    expect(bob.screen()[0]).toBe('* alice left ops (was not reading)');
    expect(chat.flusher.totals.bytes).toBeLessThan(2000);
    expect(chat.hub.counters.closed['outbox-full']).toBe(1);
    await reads(alice, Number.POSITIVE_INFINITY);
    expect(alice.screen().at(-1)).toBe(
      '! outbox-full: you were not reading: more than 1 MiB were waiting for you.',
    );
    expect(alice.link.state).toBe('ended');
    expect(chat.store.names.get(fold('alice'))?.waiting.size).toBe(40);
  });

  test('is not closed for private messages, and not skipped over, while it stays below that', async () => {
    const [chat, alice] = await sleeper(1000, 10_000);
    const carol = await chat.person('carol');
    await carol.types(...Array.from({ length: 40 }, (_, i) => `msg alice ${i} ${LONG}`));
    await reads(alice, Number.POSITIVE_INFINITY);
    expect(alice.screen()).toHaveLength(40);
  });

  test('whoever says what, and however it reads: shown and skipped lines together are all there were', async () => {
    type Step =
      | { readonly do: 'say'; readonly who: 'alice' | 'bob' | 'carol' | 'dave'; readonly room: string }
      | { readonly do: 'read'; readonly bytes: number }
      | { readonly do: 'turn' };
    const steps: fc.Arbitrary<Step[]> = fc.array(
      fc.oneof(
        {
          weight: 6,
          arbitrary: fc.record({
            do: fc.constant('say' as const),
            who: fc.constantFrom('alice' as const, 'bob' as const, 'carol' as const, 'dave' as const),
            room: fc.constantFrom('ops', 'dev'),
          }),
        },
        {
          weight: 1,
          arbitrary: fc.record({
            do: fc.constant('read' as const),
            bytes: fc.integer({ min: 0, max: 1500 }),
          }),
        },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
      ),
      { maxLength: 80, size: 'max' },
    );
    await fc.assert(
      fc.asyncProperty(steps, fc.boolean(), async (script, ignoring) => {
        const chat = await Chat.start({ wire: { outbox: { soft: 500, hard: 1_000_000 } } });
        const alice = await chat.person('alice', 'ops', 'dev');
        const people = {
          alice,
          bob: await chat.person('bob', 'ops', 'dev'),
          carol: await chat.person('carol', 'ops', 'dev'),
          dave: await chat.person('dave', 'ops', 'dev'),
        };
        if (ignoring) await alice.types('/ignore dave');
        alice.screen();
        alice.link.room = 0;
        const said: Record<string, string[]> = { ops: [], dev: [] };
        let texts = 0;
        for (const step of script) {
          if (step.do === 'read') await reads(alice, step.bytes);
          else if (step.do === 'turn') await chat.settle();
          else {
            const text = `t${++texts} ${LONG.slice(0, 30)}`;
            people[step.who].sends(`/join ${step.room}\n`);
            await Promise.resolve();
            people[step.who].sends(`${text}\n`);
            if (step.who !== 'alice' && !(ignoring && step.who === 'dave'))
              said[step.room]?.push(`${step.who} (in ${step.room}): ${text}`);
          }
        }
        await chat.settle();
        await reads(alice, Number.POSITIVE_INFINITY);
        const screen = alice.screen();
        for (const room of ['ops', 'dev']) {
          const shown = screen.filter(line => line.includes(`(in ${room})`));
          const skipped: string[] = [];
          for (const notice of screen.filter(
            line => line.includes(`lines in ${room} skipped`) || line.includes(`line in ${room} skipped`),
          ))
            skipped.push(...withoutIds(await alice.asks(commandIn(notice))));
          const others = skipped.filter(line => !line.startsWith('alice'));
          const all = [...shown, ...others].sort((a, b) => number(a) - number(b));
          expect(all).toEqual(said[room] ?? []);
        }
      }),
      { numRuns: Number(process.env['RUNS'] ?? 100) },
    );
  }, 60_000);
});

function number(line: string): number {
  return Number(/: t(\d+)/.exec(line)?.[1]);
}

describe('history', () => {
  /** A room with a hundred lines of nearly the greatest length, and a reader of small means. */
  async function longRoom(): Promise<[Chat, Person, Person]> {
    const chat = await Chat.start({ wire: { outbox: { soft: 16 * 1024, hard: 32 * 1024 } } });
    const bob = await chat.person('bob', 'ops');
    await bob.types(...Array.from({ length: 100 }, (_, i) => `${i} ${'x'.repeat(2000)}`));
    const alice = await chat.person('alice', 'ops');
    alice.screen();
    return [chat, alice, bob];
  }

  for (const command of ['/history ops 100 after #0', '/history 100']) {
    test(`reaches a slow reader whole, and never more of it than an outbox takes: ${command}`, async () => {
      const [chat, alice, bob] = await longRoom();
      alice.link.room = 3000;
      await alice.types(command);
      await bob.types('meanwhile');
      for (let i = 0; i < 100; i++) {
        expect(chat.flusher.totals.bytes).toBeLessThan(16 * 1024);
        await reads(alice, 3000);
      }
      const screen = alice.screen();
      expect(withoutIds(screen).map(line => line.split(' ')[3])).toEqual(
        Array.from({ length: 100 }, (_, i) => String(i)),
      );
      expect(screen).toContain('bob (in ops): meanwhile');
      expect(screen.join()).not.toContain('skipped');
      expect(alice.link.state).toBe('open');
    });
  }

  test('has what was said just before it, in the same packet', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    alice.sends('one\ntwo\n/history\nthree\n/search three\n/history ops 5 after #0\n');
    await chat.settle();
    expect(withoutIds(alice.screen())).toEqual(
      ['one', 'two', 'three', 'one', 'two', 'three'].map(text => `alice (in ops): ${text}`),
    );
  });

  test('and search are about rooms one is in and one’s own messages since one has the account', async () => {
    const chat = await Chat.start();
    const guest = await chat.person('alice', 'ops', 'dev');
    const bob = await chat.person('bob', 'ops');
    await bob.types('secret one', '/msg alice secret two');
    await guest.types('secret three', '/leave', '/exit');
    const alice = await chat.account('alice', SECRET, 'dev');
    await bob.types('/msg alice secret four');
    alice.screen();
    expect(withoutIds(await alice.asks('/search secret'))).toEqual([
      'alice (in dev): secret three',
      'bob (private): secret four',
    ]);
    expect(withoutIds(await alice.asks('/history @bob'))).toEqual(['bob (private): secret four']);
    expect(await alice.asks('/history ops')).toEqual([
      '! not-in-room: you are not in ops. To go in: /join ops',
    ]);
    expect(await bob.asks('/history @alice')).toEqual([
      '! not-an-account: that is for accounts. To make your name one: /password <new password>',
    ]);
  });

  test('leaves out what names said that are ignored', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    await bob.types('spam');
    await alice.types('ham', '/ignore bob');
    alice.screen();
    expect(withoutIds(await alice.asks('/history'))).toEqual(['alice (in ops): ham']);
    expect(await alice.asks('/search spam')).toEqual(['* Nothing found.']);
  });
});

describe('positions of accounts', () => {
  test('are saved every few seconds, those that moved only', async () => {
    const chat = await Chat.start();
    const bob = await chat.person('bob', 'ops');
    await chat.account('alice', SECRET, 'ops', 'dev');
    await chat.wait(2000);
    const saved: string[][] = [];
    chat.backend.saveRead = (_name, positions) => void saved.push(positions.map(([room]) => room));
    await chat.wait(10_000);
    expect(saved).toEqual([]);
    await bob.types('hello');
    await chat.wait(10_000);
    expect(saved).toEqual([['ops']]);
  });
});
