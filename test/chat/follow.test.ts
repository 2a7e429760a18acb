import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { BEAT, Follows, MOST_EACH } from '../../src/chat/follow.ts';
import type { Follower, Next } from '../../src/chat/follower.ts';
import { fold } from '../../src/chat/names.ts';
import type { Token } from '../../src/chat/ports.ts';
import type { Reader } from '../../src/chat/rights.ts';
import { Chat } from '../helper/chat.ts';
import { type Late, late } from '../helper/late.ts';

const SECRET = 'correct horse';
const LOCAL: Reader = { kind: 'local' };
const ALICE: Reader = { kind: 'account', name: 'alice' };

function token(parts: Partial<Token> = {}): Reader {
  const all = { id: 'abc', name: 'bot', rooms: null, read: true, write: true, created: 0, lastUsed: null };
  return { kind: 'token', token: { ...all, ...parts } };
}

/** Somebody who follows, asking for more when told to. */
class Following {
  readonly got: number[] = [];
  /** How it ended. */
  over: string | null = null;
  quiet = 0;
  asking = false;
  private number = 0;

  constructor(public follower: Follower) {}

  /** As a client does when its stream broke: with the last id it read. */
  comeBack(follower: Follower): void {
    this.number++;
    this.asking = false;
    this.over = null;
    this.follower.close();
    this.follower = follower;
  }

  ask(): void {
    if (this.asking || this.over !== null) return;
    this.asking = true;
    const number = this.number;
    void this.follower.next().then(next => {
      if (number !== this.number) return;
      this.asking = false;
      this.take(next);
    });
  }

  private take(next: Next): void {
    if (next.kind === 'messages') this.got.push(...next.messages.map(({ id }) => id));
    else if (next.kind === 'quiet') this.quiet++;
    else this.over = next.why.code;
  }

  /** Asks until there is nothing more. */
  async drain(chat: Chat): Promise<void> {
    do {
      this.ask();
      await chat.settle();
    } while (!this.asking && this.over === null);
  }
}

async function tick(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

function speak(chat: Chat, text: string, room = 'ops'): void {
  chat.hub.post({ type: 'message', room, from: 'bot', text }, null);
}

/** Ids of all that was said in ops. */
function said(chat: Chat): number[] {
  const events = chat.store.rooms.get(fold('ops'))?.events ?? [];
  return events.filter(({ type }) => type === 'message' || type === 'action').map(({ id }) => id);
}

async function started(): Promise<{ chat: Chat; follows: Follows }> {
  const chat = await Chat.start();
  await chat.account('alice', SECRET, 'ops');
  const follows = new Follows(chat.hub);
  chat.hub.backend.tokens = async () => [];
  return { chat, follows };
}

async function follow(
  chat: Chat,
  follows: Follows,
  reader: Reader,
  after: number | null,
): Promise<Following> {
  const follower = await follows.follow(reader, 'ops', after);
  await chat.settle();
  return new Following(follower);
}

describe('following a room', () => {
  test('brings what is said from now on, once each, and nothing of other rooms', async () => {
    const { chat, follows } = await started();
    speak(chat, 'before');
    await chat.settle();
    const following = await follow(chat, follows, ALICE, null);
    speak(chat, 'one');
    speak(chat, 'elsewhere', 'dev');
    await following.drain(chat);
    speak(chat, 'two');
    speak(chat, 'three');
    await following.drain(chat);
    expect(following.got).toEqual(said(chat).slice(1));
  });

  test('brings what was said since an id first, however much it is', async () => {
    const { chat, follows } = await started();
    for (let i = 0; i < 350; i++) speak(chat, `${i}`);
    await chat.settle();
    const ids = said(chat);
    const following = await follow(chat, follows, LOCAL, ids[20] ?? 0);
    await following.drain(chat);
    expect(following.got).toEqual(ids.slice(21));
    // Read by pages, though nothing is waiting.
    speak(chat, 'more');
    await following.drain(chat);
    expect(following.got).toEqual(said(chat).slice(21));
  });

  test('takes an id of another store for now', async () => {
    const { chat, follows } = await started();
    speak(chat, 'one');
    await chat.settle();
    const following = await follow(chat, follows, LOCAL, 1_000_000);
    await following.drain(chat);
    speak(chat, 'two');
    await following.drain(chat);
    expect(following.got).toEqual(said(chat).slice(1));
  });

  test('hands all who wait the same messages, which are read from no store', async () => {
    const { chat, follows } = await started();
    const followers = [];
    for (let i = 0; i < 3; i++) followers.push((await follow(chat, follows, LOCAL, null)).follower);
    const waiting = followers.map(follower => follower.next());
    const held = late(chat.backend, 'history');
    speak(chat, 'one');
    await chat.settle();
    const [first, ...others] = await Promise.all(waiting);
    expect(held.waiting).toBe(0);
    if (first?.kind !== 'messages') throw new Error('no messages');
    for (const other of others) expect(other.kind === 'messages' && other.messages).toBe(first.messages);
  });

  test('keeps the room awake as long as somebody follows', async () => {
    const chat = await Chat.start();
    const alice = await chat.account('alice', SECRET, 'ops');
    const follows = new Follows(chat.hub);
    const following = await follow(chat, follows, ALICE, null);
    await alice.drops();
    expect(chat.hub.rooms.size).toBe(1);
    expect(follows.count).toBe(1);
    following.follower.close();
    await chat.settle();
    expect(chat.hub.rooms.size).toBe(0);
    expect(follows.count).toBe(0);
  });

  test('has one follow in so many streams and no more', async () => {
    const { chat, follows } = await started();
    const all = [];
    for (let i = 0; i < MOST_EACH; i++) all.push(await follows.follow(ALICE, 'ops', null));
    const refused = (): Promise<unknown> => follows.follow(ALICE, 'ops', null).catch(error => error.code);
    expect(await refused()).toBe('too-many-streams');
    expect(await follows.follow(token(), 'ops', null)).toBeDefined();
    all[0]?.close();
    await chat.settle();
    expect(await refused()).not.toBe('too-many-streams');
  });
});

test('what was purged before it was read is not waited for', async () => {
  const { chat, follows } = await started();
  const following = await follow(chat, follows, LOCAL, null);
  for (let i = 0; i < 5; i++) speak(chat, `${i}`);
  await chat.settle();
  const room = chat.store.rooms.get(fold('ops'));
  room?.events.splice(-3);
  await following.drain(chat);
  const held = late(chat.backend, 'history');
  await tick();
  expect(held.waiting).toBe(0);
  held.stop();
  expect(following.got).toEqual(said(chat));
  speak(chat, 'more');
  await following.drain(chat);
  expect(following.got).toEqual(said(chat));
});

test('what another node has kept is not brought twice', async () => {
  const { chat, follows } = await started();
  const far = await Chat.start({ store: chat.store });
  const following = await follow(chat, follows, LOCAL, 0);
  speak(far, 'one');
  far.turn.end();
  // Read before it is told.
  following.ask();
  await tick();
  following.ask();
  expect(following.got).toEqual(said(chat));
  await following.drain(chat);
  expect(following.got).toEqual(said(chat));
});

describe('a right that is lost', () => {
  const ends: [string, Reader, string[], string][] = [
    ['being kicked', { kind: 'account', name: 'bob' }, ['/kick bob'], 'not-in-room'],
    ['being banned', { kind: 'account', name: 'bob' }, ['/ban bob'], 'banned'],
    ['a ban on the name of a token', token(), ['/ban bot'], 'banned'],
    ['the room becoming unlisted', token(), ['/unlisted on'], 'no-such-room'],
  ];
  for (const [what, reader, lines, code] of ends)
    test(`ends the stream: ${what}`, async () => {
      const chat = await Chat.start();
      const alice = await chat.account('alice', SECRET, 'ops');
      await chat.account('bob', SECRET, 'ops');
      const follows = new Follows(chat.hub);
      const waiting = await follow(chat, follows, reader, null);
      const slow = await follow(chat, follows, reader, null);
      await waiting.drain(chat);
      await alice.types('before', ...lines, 'after');
      await waiting.drain(chat);
      await slow.drain(chat);
      // What was said while it was one's right may come, nothing after it.
      expect(said(chat).slice(0, 1)).toEqual(waiting.got);
      expect([waiting.over, slow.over]).toEqual([code, code] as never);
      expect(slow.got).toEqual([]);
      expect(follows.count).toBe(0);
    });

  test('ends it in its place among what a turn brings', async () => {
    const chat = await Chat.start();
    await chat.account('alice', SECRET, 'ops');
    await chat.account('bob', SECRET, 'ops');
    const follows = new Follows(chat.hub);
    const following = await follow(chat, follows, { kind: 'account', name: 'bob' }, null);
    following.ask();
    speak(chat, 'before');
    chat.hub.post({ type: 'kick', room: 'ops', from: 'alice', name: 'bob', reason: '' }, null);
    speak(chat, 'after');
    await following.drain(chat);
    expect(following.got).toEqual(said(chat).slice(0, 1));
    expect(following.over).toBe('not-in-room');
  });

  test('stays where it is not lost', async () => {
    const chat = await Chat.start();
    const alice = await chat.account('alice', SECRET, 'ops');
    await chat.account('bob', SECRET, 'ops');
    const follows = new Follows(chat.hub);
    const following = await follow(chat, follows, { kind: 'account', name: 'bob' }, null);
    const named = await follow(chat, follows, token({ rooms: ['ops'] }), null);
    await alice.types('/unlisted on', '/moderated on', '/key sesame', '/ban carol', 'still');
    for (const each of [following, named]) {
      await each.drain(chat);
      expect(each.got).toEqual(said(chat));
    }
  });

  test('is noticed with the next heartbeat where a token is taken back, also of who does not read', async () => {
    const { chat, follows } = await started();
    let known = [{ id: 'abc' }, { id: 'def' }];
    chat.hub.backend.tokens = async () => known as Token[];
    const one = await follow(chat, follows, token(), null);
    const slow = await follow(chat, follows, token(), null);
    const other = await follow(chat, follows, token({ id: 'def' }), null);
    for (const each of [one, other]) await each.drain(chat);
    known = [{ id: 'def' }];
    await chat.wait(BEAT);
    await slow.drain(chat);
    expect([one.over, slow.over, other.over]).toEqual(['bad-token', 'bad-token', null]);
    expect(other.quiet).toBe(1);
  });

  test('is not made of a store that cannot say', async () => {
    const { chat, follows } = await started();
    chat.hub.backend.tokens = async () => {
      throw new Error('no');
    };
    const following = await follow(chat, follows, token(), null);
    await following.drain(chat);
    await chat.wait(BEAT);
    expect([following.over, following.quiet]).toEqual([null, 1]);
  });
});

test('a heartbeat comes every 15 seconds, as long as anybody follows', async () => {
  const { chat, follows } = await started();
  const timers = chat.clock.pending;
  const following = await follow(chat, follows, ALICE, null);
  for (let i = 1; i <= 3; i++) {
    await following.drain(chat);
    await chat.wait(BEAT);
    expect(following.quiet).toBe(i);
  }
  following.follower.close();
  await chat.settle();
  expect(chat.clock.pending).toBeLessThanOrEqual(timers);
});

test('stopping ends every stream and takes no new one', async () => {
  const { chat, follows } = await started();
  const waiting = await follow(chat, follows, ALICE, null);
  const slow = await follow(chat, follows, LOCAL, null);
  await waiting.drain(chat);
  follows.stop();
  await waiting.drain(chat);
  await slow.drain(chat);
  expect([waiting.over, slow.over]).toEqual(['shutting-down', 'shutting-down']);
  expect(await follows.follow(LOCAL, 'ops', null).catch(error => error.code)).toBe('shutting-down');
  expect(follows.count).toBe(0);
});

/** What may happen while somebody follows. */
type Step = 'say' | 'far' | 'noise' | 'turn' | 'far turn' | 'ask' | 'answer' | 'break' | 'restart';

describe('whatever the order of things', () => {
  const step = fc.constantFrom<Step[]>(
    'say',
    'say',
    'far',
    'noise',
    'turn',
    'turn',
    'far turn',
    'ask',
    'ask',
    'ask',
    'answer',
    'answer',
    'break',
    'restart',
  );

  for (const when of ['asked', 'answered'] as const)
    for (const nodes of [1, 2])
      test(`every message comes once and in order (${nodes} nodes, history as it is ${when})`, async () => {
        await fc.assert(
          fc.asyncProperty(
            fc.array(step, { maxLength: 80 }),
            fc.integer({ min: 0, max: 250 }),
            async (steps, before) => {
              const world = await FollowedWorld.start(when, before, nodes);
              for (const each of steps) await world.take(each);
              await world.end();
            },
          ),
          { numRuns: 500 },
        );
      });
});

class FollowedWorld {
  private held: Late;

  private constructor(
    private chat: Chat,
    /** Another node of the same chat. */
    private readonly far: Chat | null,
    private follows: Follows,
    private readonly following: Following,
    private readonly when: 'asked' | 'answered',
    private readonly start: number,
  ) {
    this.held = late(chat.backend, 'history', when);
  }

  static async start(when: 'asked' | 'answered', before: number, nodes: number): Promise<FollowedWorld> {
    const chat = await Chat.start();
    await chat.account('alice', SECRET, 'ops');
    for (let i = 0; i < before; i++) speak(chat, `${i}`);
    await chat.settle();
    const far = nodes === 2 ? await Chat.start({ store: chat.store }) : null;
    const follows = new Follows(chat.hub);
    const start = said(chat)[Math.floor(before / 4)] ?? 0;
    const following = await follow(chat, follows, ALICE, start);
    return new FollowedWorld(chat, far, follows, following, when, start);
  }

  async take(step: Step): Promise<void> {
    const { chat, far, following } = this;
    if (step === 'say') speak(chat, 'a');
    else if (step === 'far') speak(far ?? chat, 'b');
    else if (step === 'noise') chat.hub.post({ type: 'topic', room: 'ops', from: 'alice', text: 't' }, null);
    else if (step === 'turn') chat.turn.end();
    else if (step === 'far turn') far?.turn.end();
    else if (step === 'ask') following.ask();
    else if (step === 'answer') this.held.answer(1);
    else if (step === 'break') await this.comeBack();
    else await this.restart();
    await tick();
  }

  private async comeBack(): Promise<void> {
    const last = this.following.got.at(-1) ?? this.start;
    const coming = this.follows.follow(ALICE, 'ops', last);
    let come = false;
    void coming.then(() => {
      come = true;
    });
    // It may ask the store first, whether it ever had a message that this node is yet to be told of.
    for (await tick(); !come; await tick()) this.held.answer();
    this.following.comeBack(await coming);
  }

  private async restart(): Promise<void> {
    this.held.stop();
    this.follows.stop();
    await this.chat.settle();
    await this.chat.hub.stop();
    this.chat = await Chat.start({ store: this.chat.store });
    this.follows = new Follows(this.chat.hub);
    this.held = late(this.chat.backend, 'history', this.when);
    await this.comeBack();
  }

  /** Lets everything come to its end, and looks at what came. */
  async end(): Promise<void> {
    this.held.stop();
    for (let i = 0; i < 2; i++) {
      await this.chat.settle();
      await this.far?.settle();
    }
    await this.following.drain(this.chat);
    expect(this.following.got).toEqual(said(this.chat).filter(id => id > this.start));
  }
}
