import { describe, expect, test } from 'bun:test';
import type { Second } from '../../src/ops/recorder.ts';
import { Watched } from '../helper/ops.ts';

function recorded(watched: Watched): Second[] {
  const seconds: Second[] = [];
  watched.recorder.listen(second => seconds.push(second));
  return seconds;
}

describe('each second', () => {
  test('has what was said and shown in it, and how things are at its end', async () => {
    const watched = await Watched.start();
    const { chat } = watched;
    const alice = await chat.person('alice', 'ops');
    await chat.person('bob', 'ops', 'den');
    await watched.seconds(1);
    const before = watched.recorder.seconds.at(-1);
    await alice.types('one', 'two');
    await watched.seconds(1);
    expect(watched.recorder.seconds.at(-1)).toEqual({
      at: (before?.at ?? 0) + 1,
      text: 2,
      json: 0,
      irc: 0,
      rooms: 2,
      messages: 2,
      deliveries: 2,
      lag: 0,
      commit: 0,
      outbox: 0,
      memory: 50_000_000,
    });
    await watched.seconds(1);
    expect(watched.recorder.seconds.at(-1)).toMatchObject({ messages: 0, deliveries: 0 });
    await alice.drops();
    await watched.seconds(1);
    expect(watched.recorder.seconds.at(-1)).toMatchObject({ text: 1 });
  });

  test('has the longest of its commits and lags', async () => {
    const watched = await Watched.start();
    watched.meter.committed(2.345);
    watched.meter.committed(17.128);
    await watched.chat.wait(500);
    watched.behind += 80;
    await watched.chat.wait(500);
    expect(watched.recorder.seconds.at(-1)).toMatchObject({ commit: 17.13, lag: 80 });
    await watched.seconds(1);
    expect(watched.recorder.seconds.at(-1)).toMatchObject({ commit: 0, lag: 0 });
  });

  test('is kept for ten minutes; the minutes for a day', async () => {
    const watched = await Watched.start();
    await watched.seconds(601);
    const { seconds, minutes } = watched.recorder;
    expect(seconds).toHaveLength(600);
    const times = seconds.map(sample => sample.at);
    expect(times).toEqual(times.map((_, at) => (times[0] ?? 0) + at));
    expect(minutes).toHaveLength(10);
    watched.meter.stop();
    watched.chat.clock.advance(24 * 60 * 60_000);
    expect(watched.recorder.minutes).toHaveLength(24 * 60);
    expect(watched.recorder.seconds).toHaveLength(600);
  });

  test('rates hold for longer seconds too: a timer that comes late is not a burst', async () => {
    const watched = await Watched.start();
    const alice = await watched.chat.person('alice', 'ops');
    await watched.seconds(1);
    for (let line = 0; line < 30; line++) await alice.types(`line ${line}`);
    watched.behind += 2000;
    await watched.seconds(1);
    expect(watched.recorder.seconds.at(-1)).toMatchObject({ messages: 10 });
  });

  test('goes on where the clock is set back or a timer is a moment early', async () => {
    const watched = await Watched.start();
    await watched.seconds(2);
    const { clock } = watched.chat;
    const last = watched.recorder.seconds.at(-1)?.at ?? 0;
    const real = clock.now.bind(clock);
    clock.now = () => real() - 3_600_000;
    await watched.seconds(2);
    expect(watched.recorder.seconds.map(sample => sample.at)).toEqual([last - 1, last, last + 1, last + 2]);
  });
});

describe('a minute', () => {
  test('has mean rates, the worst of times and of the outbox, the rest as it ends', async () => {
    const watched = await Watched.start();
    const seconds = recorded(watched);
    const alice = await watched.chat.person('alice', 'ops');
    await watched.seconds(10);
    for (let line = 0; line < 6; line++) await alice.types(`line ${line}`);
    watched.meter.committed(9);
    await watched.seconds(20);
    watched.memory = 60_000_000;
    expect(seconds.every(second => second.minute === null)).toBe(true);
    await watched.seconds(30);
    const minute = seconds.at(-1)?.minute;
    expect(minute).toMatchObject({ text: 1, messages: 0.1, commit: 9, memory: 60_000_000 });
    expect(minute?.at).toBe(seconds.at(-1)?.sample.at ?? 0);
    expect((minute?.at ?? 1) % 60).toBe(0);
    expect(watched.recorder.minutes).toEqual(minute ? [minute] : []);
  });

  test('is closed by the next where its last second is missing', async () => {
    const watched = await Watched.start();
    const seconds = recorded(watched);
    await watched.seconds(58);
    const { clock } = watched.chat;
    const real = clock.now.bind(clock);
    clock.now = () => real() + 30_000;
    await watched.seconds(1);
    const [only] = seconds.flatMap(second => second.minute ?? []);
    expect(only?.at).toBe(Math.ceil((seconds[0]?.sample.at ?? 0) / 60) * 60);
  });
});

describe('who comes and goes', () => {
  test('is shown as of the end of the second, with the names that the room is shown', async () => {
    const watched = await Watched.start();
    const seconds = recorded(watched);
    const alice = await watched.chat.person('alice', 'ops');
    const bob = await watched.chat.person('bob', 'ops');
    await watched.seconds(1);
    await alice.types('/kick bob');
    await alice.drops();
    await bob.drops();
    await watched.seconds(1);
    const moves = seconds.map(({ movements }) => movements.map(({ kind, room, name }) => [kind, room, name]));
    expect(moves).toEqual([
      [
        ['join', 'ops', 'alice'],
        ['join', 'ops', 'bob'],
      ],
      [
        ['leave', 'ops', 'bob'],
        ['leave', 'ops', 'alice'],
      ],
    ]);
    expect(watched.recorder.movements).toEqual(seconds.flatMap(second => second.movements));
  });

  test('keeps the last fifty, and passes on no more at once', async () => {
    const watched = await Watched.start();
    const seconds = recorded(watched);
    const alice = await watched.chat.person('alice');
    for (let at = 0; at < 40; at++) await alice.types('/join ops', '/leave ops');
    await watched.seconds(1);
    expect(seconds.at(-1)?.movements).toHaveLength(50);
    await alice.types('/join den');
    await watched.seconds(1);
    expect(watched.recorder.movements).toHaveLength(50);
    expect(watched.recorder.movements.at(-1)).toMatchObject({ room: 'den', kind: 'join' });
  });

  test('is never shown of an unlisted room, not its making, nor the last to leave, nor what was before', async () => {
    const watched = await Watched.start();
    const seconds = recorded(watched);
    const alice = await watched.chat.person('alice');
    const [line] = (await alice.asks('/create secret')).join(' ').match(/secret-[0-9a-z]{12}/) ?? [];
    const bob = await watched.chat.person('bob', String(line), 'den');
    expect(line).toBeDefined();
    await bob.types('hello');
    await watched.seconds(5);
    expect(JSON.stringify([seconds, watched.recorder.rooms()])).toContain('den');
    await bob.types('/unlisted on');
    await bob.drops();
    await alice.drops();
    await watched.seconds(5);
    expect(JSON.stringify(seconds)).not.toContain('secret');
    expect(JSON.stringify([watched.recorder.movements, watched.recorder.rooms()])).toBe('[[],[]]');
  });
});

describe('rooms', () => {
  test('are the listed ones with people in them, the fullest first, and how busy they are', async () => {
    const watched = await Watched.start();
    const alice = await watched.chat.account('alice', 'password1', 'ops', 'quiet');
    await watched.chat.person('bob', 'ops', 'den');
    await alice.types('/join ops', 'one', 'two', '/me waves');
    await watched.seconds(5);
    expect(watched.recorder.rooms()).toEqual([
      { name: 'ops', people: 2, perMinute: 3 },
      { name: 'den', people: 1, perMinute: 0 },
      { name: 'quiet', people: 1, perMinute: 0 },
    ]);
    // An account stays a member, and is not there.
    await alice.drops();
    await watched.seconds(54);
    expect(watched.recorder.rooms()).toEqual([
      { name: 'den', people: 1, perMinute: 0 },
      { name: 'ops', people: 1, perMinute: 3 },
    ]);
    await watched.seconds(6);
    expect(watched.recorder.rooms().map(room => room.perMinute)).toEqual([0, 0]);
  });

  test('are two hundred at most', async () => {
    const watched = await Watched.start({ rules: { roomsPerSession: 300, rooms: 300 } });
    const alice = await watched.chat.person('alice');
    await alice.types(...Array.from({ length: 210 }, (_, at) => `/join room${at}`));
    await watched.chat.person('bob', 'room209');
    const rooms = watched.recorder.rooms();
    expect(rooms).toHaveLength(200);
    expect(rooms[0]).toMatchObject({ name: 'room209', people: 2 });
  });
});

describe('health', () => {
  test('says in one word what is worst, and why', async () => {
    const watched = await Watched.start();
    const { chat, check } = watched;
    const health = async () => {
      await watched.seconds(1);
      return watched.recorder.health;
    };
    expect(await health()).toEqual({ state: 'ok', why: '' });
    watched.behind += 251;
    expect(await health()).toEqual({ state: 'slow', why: 'the event loop was 251 ms late' });
    chat.hub.stalled('somebody else is writing');
    expect(await health()).toEqual({ state: 'stalled', why: 'somebody else is writing' });
    chat.hub.recovered();
    watched.trouble = 'the disk is full';
    expect(await health()).toEqual({ state: 'full', why: 'the disk is full' });
    check.phase = 'stopping';
    expect(await health()).toMatchObject({ state: 'stopping' });
    check.phase = 'running';
    watched.trouble = null;
    expect((await health()).state).toBe('slow');
    await watched.seconds(9);
    expect(await health()).toEqual({ state: 'ok', why: '' });
  });

  test('is ready only where something can be committed', async () => {
    const watched = await Watched.start();
    const { chat, check } = watched;
    expect(check.notReady()).toBeNull();
    check.phase = 'starting';
    expect(check.notReady()).toBe('starting');
    check.phase = 'stopping';
    expect(check.notReady()).toBe('stopping');
    check.phase = 'running';
    chat.hub.stalled('somebody else is writing');
    expect(check.notReady()).toBe('somebody else is writing');
    watched.trouble = 'the disk is full';
    expect(check.notReady()).toBe('the disk is full');
  });
});

test('stopping leaves nothing behind', async () => {
  const watched = await Watched.start();
  const before = watched.chat.clock.pending;
  await watched.seconds(3);
  watched.recorder.stop();
  watched.meter.stop();
  expect(watched.chat.clock.pending).toBe(before - 2);
  await watched.chat.person('alice', 'ops');
  expect(watched.recorder.movements).toEqual([]);
});
