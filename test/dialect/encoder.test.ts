import { expect, test } from 'bun:test';
import { DEFAULT_OPTIONS, OPTION_NAMES, type Options } from '../../src/chat/options.ts';
import { TextEncoders } from '../../src/dialect/text/encoder.ts';
import { Chat } from '../helper/chat.ts';
import { FakeClock } from '../helper/clock.ts';

const clock = new FakeClock();
const said = { type: 'message', room: 'ops', from: 'alice', text: 'hello', id: 7, at: clock.now() } as const;
const joined = {
  type: 'join',
  room: 'ops',
  from: 'alice',
  account: false,
  operator: false,
  id: 6,
  at: 0,
} as const;

/** Every combination of options. */
const ALL: readonly Options[] = Array.from({ length: 2 ** OPTION_NAMES.length }, (_, bits) => ({
  time: (bits & 1) > 0,
  color: (bits & 2) > 0,
  echo: (bits & 4) > 0,
  notices: (bits & 8) > 0,
  prompt: (bits & 16) > 0,
}));

test('the same options have the same encoder, so that their sessions share bytes', () => {
  const encoders = new TextEncoders(clock);
  for (const options of ALL) expect(encoders.for({ ...options })).toBe(encoders.for(options));
});

test('encoders that show a line differently have different indexes, and echo makes no difference', () => {
  const encoders = new TextEncoders(clock);
  const byIndex = new Map<number, string>();
  for (const options of ALL) {
    const encoder = encoders.for(options);
    const shows = JSON.stringify([encoder.line(said), encoder.line(joined), encoder.frame === null]);
    expect(byIndex.get(encoder.index) ?? shows).toBe(shows);
    byIndex.set(encoder.index, shows);
  }
  expect(byIndex.size).toBe(16);
  expect(Math.max(...byIndex.keys())).toBe(15);
});

test('a line has its end, and what is not shown has none', () => {
  const encoders = new TextEncoders(clock);
  expect(encoders.for(DEFAULT_OPTIONS).line(said)).toBe('[12:00:00] alice (in ops): hello\n');
  expect(encoders.for({ ...DEFAULT_OPTIONS, notices: false }).line(joined)).toBe('');
});

test('two that share an encoder are given the very same bytes; one with a prompt is given its own', async () => {
  const chat = await Chat.start();
  const alice = await chat.person('alice', 'ops');
  const bob = await chat.person('bob', 'ops');
  const carol = await chat.person('carol', 'ops');
  const dave = await chat.person('dave', 'ops');
  await dave.types('/set prompt on');
  await alice.types('hello');
  const last = [bob, carol, dave].map(({ link }) => link.writes.at(-1)?.bytes);
  expect(last[0]).toBe(last[1]);
  expect(last[2]).not.toBe(last[0]);
  expect(dave.link.text).toEndWith('\r\x1b[K[12:00:00] alice (in ops): hello\nops> ');
});

test('the prompt is the current room, else the name, else parley', async () => {
  const chat = await Chat.start();
  const someone = chat.connect();
  await someone.types('set prompt on');
  expect(someone.link.text).toEndWith('parley> ');
  await someone.types('register bob');
  expect(someone.link.text).toEndWith('bob> ');
  await someone.types('join ops');
  expect(someone.link.text).toEndWith('ops> ');
  const alice = await chat.person('alice', 'dev');
  await alice.types('/invite bob');
  expect(someone.link.text).toEndWith('\r\x1b[K* alice asks you into dev. To go in: /join dev\nops> ');
  await someone.types('leave');
  expect(someone.link.text).toEndWith('bob> ');
});
