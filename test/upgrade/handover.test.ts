/** A program in the middle of a chat is replaced by another: what everybody sees of it, which is nothing. */
import { expect, test } from 'bun:test';
import { finishRestoring, hubState, isUnderWay, restoreHub } from '../../src/chat/handover.ts';
import { fold } from '../../src/chat/names.ts';
import { readState } from '../../src/upgrade/read.ts';
import { type HandoverState, STATE_VERSION, writeState } from '../../src/upgrade/state.ts';
import { Chat, Person } from '../helper/chat.ts';
import { late } from '../helper/late.ts';

/** The state of a chat and of these people, as the next program reads it. */
function handedOver(chat: Chat, people: readonly Person[]): HandoverState {
  const written = writeState({
    version: STATE_VERSION,
    from: 'test',
    since: chat.clock.now(),
    stopping: false,
    listeners: [],
    inodes: [],
    httpPort: null,
    httpsPort: null,
    hub: hubState(chat.hub),
    clients: people.flatMap(({ connection, client }) => {
      const link = connection.carriedLink();
      return link ? [{ link, client: client.carry() }] : [];
    }),
  });
  const read = readState(written);
  if (typeof read === 'string') throw new Error(read);
  return read;
}

/** Another program goes on with the chat and these people, who look up at an empty screen. */
async function upgraded(chat: Chat, ...people: Person[]): Promise<[Chat, ...Person[]]> {
  for (const person of people) person.screen();
  chat.wire.flow = 'held';
  await chat.settle();
  chat.wire.flow = 'sealed';
  chat.flusher.sealed = true;
  await chat.hub.stop();
  const state = handedOver(chat, people);

  const next = await Chat.start({ store: chat.store, clock: chat.clock });
  next.wire.flow = 'held';
  const restoring = restoreHub(next.hub, state.hub);
  await next.settle();
  await restoring;
  const again = state.clients.map(({ client }) => new Person(next, client.address, client.address, client));
  finishRestoring(next.hub);
  next.wire.flow = 'on';
  for (const person of again) person.connection.release();
  await next.settle();
  return [next, ...again];
}

test('nobody sees it, and the next line is heard by all', async () => {
  const before = await Chat.start();
  const people = [await before.person('alice', 'ops'), await before.person('bob', 'ops')];
  const [, alice, bob] = await upgraded(before, ...people);
  expect([alice?.screen(), bob?.screen()]).toEqual([[], []]);
  await alice?.types('still here');
  expect(bob?.screen()).toEqual(['alice (in ops): still here']);
  expect(alice?.screen()).toEqual([]);
});

test('rooms keep their order, their current one, and who runs them', async () => {
  const before = await Chat.start();
  const first = await before.person('alice', 'ops', 'dev', 'tea');
  const second = await before.person('bob', 'ops');
  await first.types('/join dev', '/op bob ops');
  const [, alice, bob] = await upgraded(before, first, second);
  await alice?.types('hello', '/leave', 'and then');
  expect(await alice?.asks('/who alice')).toEqual([expect.stringContaining('ops, tea')]);
  expect(await bob?.asks('/kick alice')).toEqual(
    expect.arrayContaining([expect.stringContaining('not-operator')]),
  );
  expect(await alice?.asks('/users')).toEqual([expect.stringContaining('alice')]);
});

test('a guest who runs a room goes on running it', async () => {
  const before = await Chat.start();
  const first = await before.person('alice', 'ops');
  const second = await before.person('bob', 'ops');
  const [, alice, bob] = await upgraded(before, first, second);
  expect(await bob?.asks('/topic mine')).not.toEqual([]);
  await alice?.types('/kick bob');
  expect(bob?.screen().join()).toContain('alice');
  expect(await alice?.asks('/who ops')).not.toContain(expect.stringContaining('bob'));
});

test('options, being away, names ignored and the connection itself stay as they were', async () => {
  const before = await Chat.start();
  const first = await before.person('alice', 'ops');
  const second = await before.person('bob', 'ops');
  const third = await before.person('carol', 'ops');
  await first.types('/set time off', '/away at lunch', '/ignore carol');
  const { connectedAt, id, lines } = first.client.session;
  before.clock.advance(5000);
  const [, alice, bob, carol] = await upgraded(before, first, second, third);
  expect(await bob?.asks('/message alice hi')).toEqual(['* alice is away: at lunch.']);
  expect(alice?.raw()).toEqual(['bob (private): hi']);
  await carol?.types('nobody?');
  expect(alice?.raw()).toEqual([]);
  expect(alice?.client.session).toMatchObject({ connectedAt, id, lines });
});

test('a line typed half before it and half after it is one line', async () => {
  const before = await Chat.start();
  const first = await before.person('alice', 'ops');
  const second = await before.person('bob', 'ops');
  first.sends('one half ');
  const [, alice, bob] = await upgraded(before, first, second);
  alice?.sends('and the other\n');
  await alice?.chat.settle();
  expect(bob?.screen()).toEqual(['alice (in ops): one half and the other']);
});

test('lines that came while nothing was run are run after it, in order', async () => {
  const before = await Chat.start();
  const first = await before.person('alice', 'ops');
  const second = await before.person('bob', 'ops');
  before.wire.flow = 'held';
  first.sends('one\ntwo\nthr');
  const [, alice, bob] = await upgraded(before, first, second);
  alice?.sends('ee\n');
  await alice?.chat.settle();
  expect(bob?.screen()).toEqual(['alice (in ops): one', 'alice (in ops): two', 'alice (in ops): three']);
});

test('telnet may be in the middle of a command', async () => {
  const before = await Chat.start();
  const first = await before.person('alice', 'ops');
  first.sends(Uint8Array.of(255, 253, 1, 255));
  await before.settle();
  const [, alice] = await upgraded(before, first);
  alice?.sends(Uint8Array.of(253, 1, 255, 253, 3));
  await alice?.chat.settle();
  // Refused before, the first is not answered again; the second is.
  expect([...(alice?.link.bytes ?? [])]).toEqual([255, 252, 3]);
});

test('a slow reader gets every byte, once', async () => {
  const before = await Chat.start();
  const first = await before.person('alice', 'ops');
  const second = await before.person('bob', 'ops');
  second.link.room = 30;
  const said = Array.from({ length: 20 }, (_, at) => `line ${at}`);
  await first.types(...said);
  const early = second.link.bytes.subarray(-30).toString();
  const [, , bob] = await upgraded(before, first, second);
  const text = early + (bob?.link.text ?? '');
  expect([...(text.match(/line \d+/g) ?? [])]).toEqual(said);
});

test('a private message waits until its bytes have left, whichever program that was', async () => {
  const before = await Chat.start();
  const first = await before.person('alice');
  const second = await before.person('bob');
  second.link.room = 0;
  await first.types('/message bob psst');
  const [chat, , bob] = await upgraded(before, first, second);
  expect(bob?.link.text).toContain('alice (private): psst');
  expect(await chat.backend.waiting(fold('bob'))).toEqual([]);
});

test('lines skipped for a slow reader are told of after it', async () => {
  const before = await Chat.start({ wire: { outbox: { soft: 100, hard: 100_000 } } });
  const first = await before.person('alice', 'ops');
  const second = await before.person('bob', 'ops');
  second.link.room = 0;
  await first.types(...Array.from({ length: 30 }, (_, at) => `line ${at}`));
  const [, , bob] = await upgraded(before, first, second);
  expect(bob?.link.text).toMatch(/^\* 30 lines in ops skipped/);
});

test('a question is still waiting for its answer, and what was answered before stands', async () => {
  const before = await Chat.start();
  const first = await before.person('alice', 'ops');
  const second = await before.person('bob', 'ops');
  await first.types('/message', 'bob');
  const [, alice, bob] = await upgraded(before, first, second);
  expect(alice?.screen()).toEqual([]);
  await alice?.types('for your eyes only', 'for all');
  expect(bob?.screen()).toEqual(['alice (private): for your eyes only', 'alice (in ops): for all']);
});

test('an account hears on, is shown nothing again, and its other session too', async () => {
  const before = await Chat.start();
  const first = await before.account('alice', 'correct horse', 'ops');
  const second = before.connect();
  await second.types('login alice correct horse');
  const third = await before.person('bob', 'ops');
  await third.types('before');
  const [, ...people] = await upgraded(before, first, second, third);
  const [alice, also, bob] = people;
  expect(people.map(person => person.screen())).toEqual([[], [], []]);
  await bob?.types('after');
  expect([alice?.screen(), also?.screen()]).toEqual([['bob (in ops): after'], ['bob (in ops): after']]);
});

test('who was lost on the way has left, and the name is free', async () => {
  const before = await Chat.start();
  const first = await before.person('alice', 'ops');
  const second = await before.person('bob', 'ops');
  second.link.lose();
  const [chat, alice] = await upgraded(before, first, second);
  expect(alice?.screen()).toEqual(['* bob left ops (connection lost)']);
  const other = chat.connect();
  await other.types('register bob');
  expect(other.screen().join()).not.toContain('name-taken');
});

test('who has not signed in is greeted once, and numbers go on', async () => {
  const before = await Chat.start();
  const first = before.connect();
  const [chat, visitor] = await upgraded(before, first);
  await chat.wait(1000);
  expect(visitor?.screen().length).toBe(1);
  expect(chat.connect().client.session.id).toBe((visitor?.client.session.id ?? 0) + 1);
});

test('signing in is under way until everything was shown', async () => {
  const chat = await Chat.start();
  const far = late(chat.backend, 'waiting');
  const alice = chat.connect();
  await alice.types('register alice');
  expect(isUnderWay(alice.client.session)).toBe(true);
  far.stop();
  await chat.settle();
  expect(isUnderWay(alice.client.session)).toBe(false);
});

test('no password is in it', async () => {
  const chat = await Chat.start();
  const alice = await chat.account('alice', 'correct horse', 'ops');
  const asked = chat.connect();
  await asked.types('login alice');
  const text = writeState(handedOver(chat, [alice, asked]));
  expect(text).not.toContain('hash of');
  expect(text).not.toContain('correct');
});
