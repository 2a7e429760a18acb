import { expect, test } from 'bun:test';
import { Monitor } from '../../src/http/monitor.ts';
import { OpsMeter } from '../../src/ops/meter.ts';
import { Chat } from '../helper/chat.ts';
import { Reader, streamAsk } from '../helper/sse.ts';

test('a monitor answers from its making to its end, and leaves no timer behind', async () => {
  const chat = await Chat.start();
  const { hub, clock, flusher } = chat;
  const before = clock.pending;
  const meter = new OpsMeter(clock, () => clock.now());
  const monitor = new Monitor({
    hub,
    clock,
    meter,
    outbox: flusher.totals,
    version: '1.2.3',
    serverName: () => 'here',
    listening: () => ['127.0.0.1:8080'],
  });
  const get = async (path: string) => {
    const route = monitor.routes.find(row => row.path === path);
    const { request, keepOpen } = streamAsk();
    // These routes use no more of what they are asked.
    return (await route?.run({ request, keepOpen } as never)) ?? Response.error();
  };
  expect(await (await get('/readyz')).text()).toBe('starting\n');
  monitor.phase = 'running';
  expect(await (await get('/readyz')).text()).toBe('ready\n');
  expect(await (await get('/livez')).text()).toBe('ok\n');
  const reader = new Reader(await get('/events'));
  expect(await reader.expect('hello')).toMatchObject({ version: '1.2.3', server: 'here' });
  await chat.person('alice', 'ops');
  await chat.wait(1000);
  expect(await reader.expect('tick')).toMatchObject({ sample: { text: 1 }, health: { state: 'ok' } });
  expect(await (await get('/metrics')).text()).toContain('\nparley_sse_watchers 1\n');
  monitor.close();
  expect((await get('/readyz')).status).toBe(503);
  for (const event of ['movement', 'rooms', 'bye']) await reader.expect(event);
  expect(await reader.next()).toBeNull();
  expect(clock.pending).toBe(before);
});
