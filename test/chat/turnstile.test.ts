import { describe, expect, test } from 'bun:test';
import { Turnstile } from '../../src/chat/turnstile.ts';
import { Chat } from '../helper/chat.ts';
import { ManualTurn } from '../helper/turn.ts';

async function promisesRun(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

describe('a turnstile', () => {
  /** Sends `count` through a turnstile for two a turn; answers the numbers let through so far. */
  function crowd(turn: ManualTurn, count: number): number[] {
    const turnstile = new Turnstile(turn, 2);
    const through: number[] = [];
    const pass = async (nth: number) => {
      await turnstile.pass();
      through.push(nth);
    };
    for (let nth = 1; nth <= count; nth++) void pass(nth);
    return through;
  }

  test('lets so many through a turn, in the order they came', async () => {
    const turn = new ManualTurn();
    const through = crowd(turn, 5);
    const seen: number[][] = [];
    for (let turns = 0; turns < 3; turns++) {
      await promisesRun();
      seen.push([...through]);
      turn.end();
    }
    expect(seen).toEqual([
      [1, 2],
      [1, 2, 3, 4],
      [1, 2, 3, 4, 5],
    ]);
  });

  test('counts those who waited among those of the turn in which they go on', async () => {
    const turn = new ManualTurn();
    const turnstile = new Turnstile(turn, 2);
    const waits = [1, 2, 3, 4].map(() => turnstile.pass() !== null);
    expect(waits).toEqual([false, false, true, true]);
    turn.end();
    expect(turnstile.pass()).not.toBeNull();
  });

  test('has nothing left to do once nobody waits', async () => {
    const turn = new ManualTurn();
    const through = crowd(turn, 3);
    await turn.settle();
    expect(through).toEqual([1, 2, 3]);
    expect(turn.end()).toBe(false);
  });
});

describe('when a thousand sign in at once', () => {
  test('who is there already is answered meanwhile, and all get in', async () => {
    const chat = await Chat.start();
    const alice = await chat.person('alice', 'ops');
    const bob = await chat.person('bob', 'ops');
    alice.screen();
    const crowd = Array.from({ length: 1000 }, () => chat.connect());
    for (const [nth, each] of crowd.entries()) each.sends(`register guest${nth}\n`);
    alice.sends('anyone?\n');
    let turns = 0;
    while (!bob.screen().includes('alice (in ops): anyone?')) {
      await promisesRun();
      chat.turn.end();
      turns++;
    }
    expect(turns).toBeLessThan(3);
    expect(chat.hub.users.size).toBeLessThan(200);
    expect(crowd.filter(({ link }) => link.writes.length > 0).length).toBeLessThan(200);
    await chat.settle();
    expect(chat.hub.users.size).toBe(1002);
  });

  test('who hangs up while waiting for its turn leaves nothing behind', async () => {
    const chat = await Chat.start();
    const crowd = Array.from({ length: 100 }, () => chat.connect());
    for (const [nth, each] of crowd.entries()) each.sends(`register guest${nth}\n`);
    for (const each of crowd) each.connection.gone('closed');
    await chat.settle();
    const { hub, store } = chat;
    expect([hub.users.size, hub.sessions.size, hub.holds.size, store.claims.size]).toEqual([0, 0, 0, 0]);
  });
});
