/** What parley promises itself, and whether the medians of this run keep it. */
import type { Spread } from '../kit/stats.ts';
import type { Alone } from './alone.ts';
import type { Metric, Results } from './measure.ts';
import { cell, number, type Table } from './tables.ts';

interface Target {
  readonly workload: string;
  readonly target: string;
  /** NaN where it was not measured in full. */
  readonly measured: Spread;
  readonly atLeast?: number;
  readonly atMost?: number;
  readonly unit?: string;
  readonly remark?: string;
}

const NOT_MEASURED: Spread = { median: Number.NaN, low: Number.NaN, high: Number.NaN, rounds: 0 };
const LOOP_BLOCK = 20;

export function targets(results: Results, alone: Alone): Table {
  const all = [...sideBySide(results), ...parleyAlone(results, alone)];
  return {
    title: 'Targets',
    columns: ['workload', 'target', 'measured', 'met'],
    rows: all.map(each => [each.workload, each.target, shown(each), verdict(each)]),
    notes: [],
  };
}

function sideBySide(results: Results): Target[] {
  const ratio = (name: string, server: string, metric: Metric): Spread => results.ratio(name, server, metric);
  const big = 'big room, 64 in flight: deliveries/s';
  const one = 'big room, 1 in flight: CPU per delivery';
  // Deliveries that the load could not take are not the server's fault.
  const remark = loadBound(results, 'big-64') ? 'the load was the limit: at least this' : '';
  return [
    {
      workload: big,
      target: '≥ 2 × InspIRCd',
      measured: ratio('big-64', 'inspircd', 'perSecond'),
      atLeast: 2,
      remark,
    },
    {
      workload: big,
      target: '≥ 5 × ngIRCd',
      measured: ratio('big-64', 'ngircd', 'perSecond'),
      atLeast: 5,
      remark,
    },
    {
      workload: big,
      target: '≥ 0.9 × bare loop',
      measured: ratio('big-64', 'bare', 'perSecond'),
      atLeast: 0.9,
      remark,
    },
    { workload: one, target: '≤ 1.0 × InspIRCd', measured: ratio('big-1', 'inspircd', 'cpu'), atMost: 1 },
    ...[
      { name: 'many-100', rooms: '100 rooms of 10' },
      { name: 'many-1000', rooms: '1000 rooms of 2' },
    ].flatMap(({ name, rooms }): Target[] => {
      const workload = `${rooms}: CPU per delivery`;
      return [
        { workload, target: '≤ 1.0 × InspIRCd', measured: ratio(name, 'inspircd', 'cpu'), atMost: 1 },
        { workload, target: '≤ 1.25 × bare loop', measured: ratio(name, 'bare', 'cpu'), atMost: 1.25 },
      ];
    }),
    {
      workload: 'open loop at 50 %: p99',
      target: '≤ 1.0 × InspIRCd',
      measured: ratio('open-50', 'inspircd', 'p99'),
      atMost: 1,
    },
  ];
}

function parleyAlone(results: Results, { histories, cold }: Alone): Target[] {
  const of = (name: string, metric: Metric): Spread => results.of(name, 'parley', metric);
  const storm = of('storm', 'signInsPerSecond');
  const longest = histories.find(({ lines }) => lines === 10_000_000);
  const slowest = (search: boolean): Spread =>
    worst((longest?.answers ?? []).filter(each => each.search === search).map(({ p50 }) => p50));
  const blocked = worst((longest?.answers ?? []).map(({ others }) => others));
  const disk = (longest ?? histories[0])?.bytesPerLine ?? Number.NaN;
  const history = '10 million lines';
  return [
    {
      workload: 'idle crowd: memory a connection',
      target: '≤ 4 KiB',
      measured: results.each('idle', 'talk', 'parley'),
      atMost: 4096,
      unit: ' B',
    },
    {
      workload: 'idle crowd: the same with what talking took of the empty server',
      target: '≤ 4 KiB',
      measured: of('idle', 'memory'),
      atMost: 4096,
      unit: ' B',
    },
    { workload: 'sign-in storm', target: '≥ 5,000/s', measured: storm, atLeast: 5000, unit: '/s' },
    {
      workload: 'sign-in storm: slowest line of others',
      target: '≤ 50 ms',
      measured: of('storm', 'slowestExisting'),
      atMost: 50,
      unit: ' ms',
    },
    {
      workload: `${history}: page of 50`,
      target: '≤ 2 ms',
      measured: slowest(false),
      atMost: 2,
      unit: ' ms',
    },
    { workload: `${history}: search`, target: '≤ 30 ms', measured: slowest(true), atMost: 30, unit: ' ms' },
    {
      workload: `${history}: slowest line of others`,
      target: `≤ ${LOOP_BLOCK} ms`,
      measured: blocked,
      atMost: LOOP_BLOCK,
      unit: ' ms',
    },
    {
      workload: 'disk for a line of 100 bytes',
      target: '≤ 350 B',
      measured: { median: disk, low: disk, high: disk, rounds: 1 },
      atMost: 350,
      unit: ' B',
    },
    {
      workload: 'cold start, empty',
      target: '≤ 60 ms',
      measured: cold?.empty ?? NOT_MEASURED,
      atMost: 60,
      unit: ' ms',
    },
    {
      workload: `cold start, ${(cold?.lines ?? 1_000_000).toLocaleString('en')} lines`,
      target: '≤ 60 ms',
      measured: cold?.full ?? NOT_MEASURED,
      atMost: 60,
      unit: ' ms',
    },
  ];
}

/** Of several kinds of the same thing the slowest: a target is for all of them. */
function worst(kinds: readonly Spread[]): Spread {
  return kinds.reduce((worse, each) => (each.median <= worse.median ? worse : each), NOT_MEASURED);
}

function loadBound(results: Results, name: string): boolean {
  return results.of(name, 'parley', 'loadBusy').median > results.of(name, 'parley', 'serverBusy').median;
}

function shown({ measured, unit = ' ×' }: Target): string {
  return Number.isNaN(measured.median) ? 'not measured' : `${cell(measured)}${unit}`;
}

function verdict({
  measured: { median },
  atLeast = Number.NEGATIVE_INFINITY,
  atMost = Number.POSITIVE_INFINITY,
  remark = '',
}: Target): string {
  if (Number.isNaN(median)) return '';
  if (median >= atLeast && median <= atMost) return 'yes';
  const by = median < atLeast ? (1 - median / atLeast) * 100 : (median / atMost - 1) * 100;
  return `no, by ${number(by)} %${remark === '' ? '' : ` (${remark})`}`;
}
