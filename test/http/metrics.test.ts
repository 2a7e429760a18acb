import { describe, expect, test } from 'bun:test';
import { ERROR_CODES } from '../../src/chat/errors.ts';
import { metricsRoutes } from '../../src/http/metrics.ts';
import { Watched } from '../helper/ops.ts';

async function setUp(): Promise<{ watched: Watched; get(path: string): Promise<Response> }> {
  const watched = await Watched.start();
  const { meter, check, events, chat } = watched;
  const { hub, flusher } = chat;
  const routes = metricsRoutes({ version: '1.2.3', check, meter, events, hub, outbox: flusher.totals });
  const get = async (path: string) => {
    const route = routes.find(row => row.path === path);
    if (!route) throw new Error(`no route ${path}`);
    return await route.run({} as never);
  };
  return { watched, get };
}

/** The samples of a scrape by series. */
function samples(text: string): Map<string, number> {
  const lines = text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

describe('/metrics', () => {
  test('is what Prometheus reads, without a word from its linter', async () => {
    const { watched, get } = await setUp();
    const alice = await watched.chat.person('alice', 'ops');
    await alice.types('one');
    await watched.seconds(1);
    for (let scrape = 0; scrape < 2; scrape++) {
      const response = await get('/metrics');
      expect(response.headers.get('Content-Type')).toBe('text/plain; version=0.0.4; charset=utf-8');
      const promtool = Bun.spawn(['promtool', 'check', 'metrics'], {
        stdin: Buffer.from(await response.text()),
        stdout: 'pipe',
        stderr: 'pipe',
      });
      const said = (await promtool.stdout.text()) + (await promtool.stderr.text());
      expect(said).toBe('');
      expect(await promtool.exited).toBe(0);
    }
  });

  test('has what happened, however often it is asked', async () => {
    const { watched, get } = await setUp();
    const alice = await watched.chat.person('alice', 'ops');
    await watched.chat.person('bob', 'ops');
    await alice.types('one', '/me waves', '/msg bob hello', '/kick nobody');
    watched.meter.committed(2);
    watched.meter.committed(700);
    watched.meter.delivered(0.05);
    watched.meter.delivered(60_000);
    await get('/metrics');
    const seen = samples(await (await get('/metrics')).text());
    const expected: Record<string, number> = {
      'parley_connections{dialect="text"}': 2,
      'parley_connections{dialect="irc"}': 0,
      parley_users: 2,
      'parley_messages_total{kind="message"}': 1,
      'parley_messages_total{kind="action"}': 1,
      'parley_messages_total{kind="private"}': 1,
      parley_deliveries_total: watched.chat.hub.counters.deliveries,
      'parley_refused_total{code="member-not-found"}': 1,
      parley_sign_ins_total: 2,
      parley_rooms: 1,
      parley_rooms_awake: 1,
      parley_sse_watchers: 0,
      'parley_build_info{version="1.2.3"}': 1,
      'parley_commit_seconds_bucket{le="0.001"}': 0,
      'parley_commit_seconds_bucket{le="0.0025"}': 1,
      'parley_commit_seconds_bucket{le="1"}': 2,
      'parley_commit_seconds_bucket{le="+Inf"}': 2,
      parley_commit_seconds_count: 2,
      parley_commit_seconds_sum: 0.702,
      'parley_delivery_seconds_bucket{le="0.0001"}': 1,
      'parley_delivery_seconds_bucket{le="5"}': 1,
      'parley_delivery_seconds_bucket{le="+Inf"}': 2,
    };
    expect(Object.fromEntries(Object.keys(expected).map(name => [name, seen.get(name)]))).toEqual(expected);
    expect(seen.get('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
    expect(seen.get('process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(seen.get('process_open_fds')).toBeGreaterThan(2);
    expect(seen.get('process_start_time_seconds')).toBeWithin(
      Date.now() / 1000 - 3600,
      Date.now() / 1000 + 1,
    );
  });

  test('has every series of a closed set from the start, so that a rate sees its first step', async () => {
    const { get } = await setUp();
    const seen = samples(await (await get('/metrics')).text());
    for (const code of ERROR_CODES) expect(seen.get(`parley_refused_total{code="${code}"}`)).toBe(0);
    for (const series of [
      'parley_connections_opened_total{transport="tls"}',
      'parley_connections_closed_total{reason="outbox-full"}',
      'parley_connections_aborted_total{reason="proxy-header"}',
      'parley_throttles_total{limit="line-rate"}',
      'parley_skipped_lines_total',
      'parley_outbox_overflows_total',
      'parley_outbox_bytes',
      'parley_sse_dropped_total',
      'parley_event_loop_lag_seconds_count',
    ])
      expect([series, seen.get(series)]).toEqual([series, 0]);
  });

  test('never has a name, a room or an address in it', async () => {
    const { watched, get } = await setUp();
    const alice = await watched.chat.person('alice', 'operations');
    await alice.types('utterance', '/msg nobody hello');
    await alice.drops();
    expect(await (await get('/metrics')).text()).not.toMatch(/alice|operations|utterance|nobody|192\.0\.2/);
  });
});

describe('health', () => {
  test('/livez is ok as long as anybody answers', async () => {
    const { watched, get } = await setUp();
    watched.trouble = 'the disk is full';
    const response = await get('/livez');
    expect([response.status, await response.text()]).toEqual([200, 'ok\n']);
  });

  test('/readyz says no and why while starting, stopping, or where nothing can be committed', async () => {
    const { watched, get } = await setUp();
    const ready = async () => {
      const response = await get('/readyz');
      return [response.status, await response.text()];
    };
    expect(await ready()).toEqual([200, 'ready\n']);
    watched.trouble = 'the disk is full';
    expect(await ready()).toEqual([503, 'the disk is full\n']);
    watched.check.phase = 'stopping';
    expect(await ready()).toEqual([503, 'stopping\n']);
    watched.check.phase = 'starting';
    expect(await ready()).toEqual([503, 'starting\n']);
  });
});
