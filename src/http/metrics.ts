/**
 * What Prometheus is told, and what load balancers and supervisors ask. Everything is read as it is asked for,
 * from counters that are there anyway; every label is of a closed set. prom-client writes it down, and is
 * loaded by the first who asks, as it takes longer to load than parley to start.
 */
import type { Counters, Dialect, EndReason } from '../chat/counters.ts';
import { ERROR_CODES } from '../chat/errors.ts';
import type { HealthCheck } from '../ops/health.ts';
import type { OpsMeter } from '../ops/meter.ts';
import type { OutboxTotals } from '../wire/flusher.ts';
import type { Exposition } from './exposition.ts';
import { describeProcess } from './process-metrics.ts';
import { type Route, route } from './route.ts';

export interface MetricsSources {
  readonly version: string;
  readonly check: HealthCheck;
  readonly meter: OpsMeter;
  readonly outbox: OutboxTotals;
  readonly hub: {
    readonly counters: Counters;
    readonly dialects: Readonly<Record<Dialect, number>>;
    readonly rooms: { readonly size: number };
    readonly users: { readonly size: number };
    readonly backend: { readonly roomCount: number };
  };
  readonly events: { readonly watchers: number; readonly dropped: number };
}

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };

/** `/metrics`, `/livez` and `/readyz`. Counts only: anybody may ask. */
export function metricsRoutes(sources: MetricsSources): Route[] {
  let loaded: Promise<Exposition> | null = null;
  return [
    route({
      method: 'GET',
      path: '/metrics',
      need: 'anybody',
      summary: 'Metrics for Prometheus',
      answers: { 200: { what: 'The text format of Prometheus.', type: 'text/plain' } },
      run: async () => {
        loaded ??= load(sources);
        const { text, type } = await (await loaded).scrape();
        return new Response(text, { headers: { 'Content-Type': type } });
      },
    }),
    route({
      method: 'GET',
      path: '/livez',
      need: 'anybody',
      summary: 'Is the program alive?',
      answers: { 200: { what: 'It is.', type: 'text/plain' } },
      run: () => new Response('ok\n', { headers: TEXT }),
    }),
    route({
      method: 'GET',
      path: '/readyz',
      need: 'anybody',
      summary: 'Should anybody be sent here?',
      answers: {
        200: { what: 'Yes.', type: 'text/plain' },
        503: { what: 'No, and why: it starts, stops or cannot commit.', type: 'text/plain' },
      },
      run: () => {
        const why = sources.check.notReady();
        return new Response(`${why ?? 'ready'}\n`, { status: why === null ? 200 : 503, headers: TEXT });
      },
    }),
  ];
}

async function load(sources: MetricsSources): Promise<Exposition> {
  const { Exposition } = await import('./exposition.ts');
  const to = new Exposition();
  describeConnections(to, sources);
  describeChat(to, sources);
  describeTimes(to, sources);
  describeProcess(to);
  to.gauge('parley_build_info', 'The version that runs; always 1.', 'version', [sources.version], () => ({
    [sources.version]: 1,
  }));
  return to;
}

function describeConnections(to: Exposition, { hub, outbox }: MetricsSources): void {
  const { counters } = hub;
  to.gauge('parley_connections', 'Connections open now.', 'dialect', DIALECTS, () => hub.dialects);
  to.gauge('parley_users', 'Names signed in now, each counted once.', () => hub.users.size);
  to.counter(
    'parley_connections_opened_total',
    'Connections that were let in.',
    'transport',
    Object.keys(counters.opened),
    () => counters.opened,
  );
  to.counter(
    'parley_connections_closed_total',
    'Connections that ended, by why.',
    'reason',
    END_REASONS,
    () => counters.closed,
  );
  to.counter(
    'parley_connections_aborted_total',
    'Connections that were closed before the first byte of chat.',
    'reason',
    ABORTED,
    () => counters.aborted,
  );
  to.counter(
    'parley_throttles_total',
    'Times that a client was made to wait since it was too fast.',
    'limit',
    Object.keys(counters.throttles),
    () => counters.throttles,
  );
  to.gauge('parley_outbox_bytes', 'Bytes waiting for slow readers.', () => outbox.bytes);
  to.counter('parley_written_bytes_total', 'Bytes handed to the kernel.', () => outbox.written);
  to.counter('parley_writes_total', 'Writes to connections.', () => outbox.writes);
  to.counter(
    'parley_skipped_lines_total',
    'Lines that slow readers were not shown.',
    () => outbox.skippedLines,
  );
  to.counter(
    'parley_outbox_overflows_total',
    'Readers that were so slow that they were closed.',
    () => outbox.overflows,
  );
}

function describeChat(to: Exposition, { hub, events }: MetricsSources): void {
  const { counters } = hub;
  to.counter(
    'parley_messages_total',
    'Lines that were kept.',
    'kind',
    Object.keys(counters.messages),
    () => counters.messages,
  );
  to.counter('parley_deliveries_total', 'Lines put in front of somebody.', () => counters.deliveries);
  to.counter('parley_refused_total', 'Refusals.', 'code', ERROR_CODES, () => counters.refusals);
  to.counter('parley_sign_ins_total', 'Sign-ins that worked.', () => counters.signIns);
  to.gauge('parley_rooms', 'Rooms that exist.', () => hub.backend.roomCount);
  to.gauge('parley_rooms_awake', 'Rooms with somebody in them.', () => hub.rooms.size);
  to.gauge('parley_sse_watchers', 'Watchers of /events now.', () => events.watchers);
  to.counter(
    'parley_sse_dropped_total',
    'Watchers of /events that were too slow and were closed.',
    () => events.dropped,
  );
}

function describeTimes(to: Exposition, { meter }: MetricsSources): void {
  to.histogram(
    'parley_delivery_seconds',
    'A turn: from the first line that came until all it had for anybody was handed to the kernel.',
    meter.deliveries,
  );
  to.histogram('parley_commit_seconds', 'A transaction of the store.', meter.commits);
  to.histogram('parley_event_loop_lag_seconds', 'How late a timer was.', meter.lag);
}

// Series are there from the start, so that a rate sees the first of them.
const DIALECTS: readonly Dialect[] = ['text', 'json', 'irc'];
/** Any code may end a connection; these do. */
const END_REASONS: readonly EndReason[] = [
  'exit',
  'closed',
  'reset',
  'timeout',
  'tls',
  'outbox-full',
  'flooding',
  'line-endless',
  'sign-in-timeout',
  'http-request',
  'tls-on-plain',
  'name-lost',
  'internal',
  'shutting-down',
];
const ABORTED: readonly (keyof Counters['aborted'])[] = ['tls-handshake', 'proxy-header', 'too-many-waiting'];
