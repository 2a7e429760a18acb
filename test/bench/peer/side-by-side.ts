/** The tables of what ran side by side. */
import type { Case, Group, Metric, Results } from './measure.ts';
import type { Recipe } from './running.ts';
import { cell, type Table, times } from './tables.ts';

/** Throughput and cost of closed loops. `÷` is parley's number divided by that server's, round by round. */
export function deliveries(title: string, groups: readonly Group[], results: Results): Table {
  return {
    title,
    columns: [
      'workload, server',
      'thousand deliveries/s',
      'parley ÷ it',
      'CPU µs each',
      'parley ÷ it',
      'p99 ms',
      'busy %: server',
      'load',
    ],
    rows: groups.flatMap(group =>
      group.cases.flatMap(each => [
        [each.label],
        ...group.servers.map(server => deliveriesRow(each, server, results)),
      ]),
    ),
    notes: [
      'Where the load is busier than the server, deliveries say what the load can take; CPU is the server’s own.',
    ],
  };
}

function deliveriesRow({ name }: Case, { name: server, label }: Recipe, results: Results): string[] {
  const of = (metric: Metric): string => cell(results.of(name, server, metric));
  const ratio = (metric: Metric): string =>
    server === 'parley' ? '' : cell(results.ratio(name, server, metric));
  return [
    `– ${label}`,
    cell(times(results.of(name, server, 'perSecond'), 1 / 1000)),
    ratio('perSecond'),
    of('cpu'),
    ratio('cpu'),
    of('p99'),
    Math.round(results.of(name, server, 'serverBusy').median).toString(),
    Math.round(results.of(name, server, 'loadBusy').median).toString(),
  ];
}

export function latencies(group: Group, results: Results): Table {
  return {
    title: 'Open loop: the same rate for all, latency from when a line was due',
    columns: ['rate, server', 'p50 ms', 'p99 ms', 'parley ÷ it', 'p99.9 ms', 'CPU µs each', 'busy %: server'],
    rows: group.cases.flatMap(({ name, label }) => [
      [label],
      ...group.servers.map(server => {
        const of = (metric: Metric): string => cell(results.of(name, server.name, metric));
        const ratio = (metric: Metric): string =>
          server.name === 'parley' ? '' : cell(results.ratio(name, server.name, metric));
        const busy = Math.round(results.of(name, server.name, 'serverBusy').median).toString();
        return [`– ${server.label}`, of('p50'), of('p99'), ratio('p99'), of('p999'), of('cpu'), busy];
      }),
    ]),
    notes: ['Per cent of what the slowest of the four carried in the big room.'],
  };
}

export function crowds(group: Group, results: Results): Table {
  return {
    title: 'Idle crowd',
    columns: [
      'workload, server',
      'KiB a connection',
      'beyond empty, KiB each',
      'empty, MiB',
      'p99 ms',
      'CPU µs each',
    ],
    rows: group.cases.flatMap(({ name, label }) => [
      [label],
      ...group.servers.map(server => [
        `– ${server.label}`,
        cell(times(results.each(name, 'talk', server.name), 1 / 1024)),
        cell(times(results.of(name, server.name, 'memory'), 1 / 1024)),
        cell(results.of(name, server.name, 'empty')),
        cell(results.of(name, server.name, 'p99')),
        cell(results.of(name, server.name, 'cpu')),
      ]),
    ]),
    notes: [
      'Resident memory: what each idle connection adds to a server that has had the same talk, 200 lines a second, without them; and all beyond the empty server, talk and all, shared out among them.',
    ],
  };
}

export function storms(group: Group, results: Results): Table {
  return {
    title: 'Sign-in storm',
    columns: ['workload, server', 'sign-ins/s', 'p50 ms', 'p99 ms', 'slowest line of others, ms'],
    rows: group.cases.flatMap(({ name, label }) => [
      [label],
      ...group.servers.map(server => [
        `– ${server.label}`,
        cell(results.of(name, server.name, 'signInsPerSecond')),
        cell(results.of(name, server.name, 'signInP50')),
        cell(results.of(name, server.name, 'signInP99')),
        cell(results.of(name, server.name, 'slowestExisting')),
      ]),
    ]),
    notes: ['The others are 10 people who were there before and say 200 lines a second.'],
  };
}
