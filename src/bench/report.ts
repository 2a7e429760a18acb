/** What a run came to: one object for programs, one table for people. */
import type { DialectName } from './dialect.ts';
import type { Problem } from './protocol.ts';

export interface Report {
  readonly tool: 'parley bench';
  readonly version: string;
  /** `HOST:PORT` */
  readonly target: string;
  readonly dialect: DialectName;
  readonly rooms: number;
  /** Of each room. */
  readonly members: number;
  readonly speakers: number;
  /** One of the two: lines under way of each speaker, or lines a second of all together. */
  readonly window?: number;
  readonly rate?: number;
  /** Bytes of text a line. */
  readonly size: number;
  /** As measured. */
  readonly seconds: number;
  readonly connections: number;
  /** Lines that reached somebody in that time, and lines said. */
  readonly deliveries: number;
  readonly deliveriesPerSecond: number;
  readonly said: number;
  /** From the time a line should have been said to its being shown; null where none was. */
  readonly latencyMs: { readonly [share in 'p50' | 'p99' | 'p999' | 'max']: number | null };
  /** Over the whole run, warm-up and all. */
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  readonly errors: number;
  readonly problems: readonly Problem[];
  /** Of the busiest load process; of all of them where they share a core. */
  readonly loadBusyPercent: number;
  readonly server: ServerReport | null;
  readonly storm: StormReport | null;
}

export interface ServerReport {
  readonly pid: number;
  /** Null where nothing was delivered. */
  readonly cpuUsPerDelivery: number | null;
  readonly busyPercent: number;
  /** At the end of what was measured; the most it ever was; what it grew by since before anyone connected. */
  readonly rssBytes: number;
  readonly rssPeakBytes: number;
  readonly bytesPerConnection: number | null;
}

export interface StormReport {
  readonly signInsPerSecond: number;
  /** The longest that a line took meanwhile between those who were there already. */
  readonly slowestExistingMs: number | null;
  /** Of one sign-in: from connecting to being in a room. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** Whether every line arrived, once, in order, and the server refused nothing. */
export function allWell({ lost, doubled, disordered, errors }: Report): boolean {
  return lost + doubled + disordered + errors === 0;
}

/** The table, one line a number. */
export function tableOf(report: Report): string {
  const { rooms, members, speakers, connections, latencyMs, server, storm } = report;
  const load =
    report.window === undefined ? `${count(report.rate ?? 0)} lines a second` : `window ${report.window}`;
  const rows: (readonly [string, string])[] = [
    ['target', `${report.target}, ${report.dialect}`],
    ['load', `${rooms} × ${members} people, ${speakers} speakers each, ${load}, ${report.size} bytes a line`],
    ['connections', count(connections)],
    ['measured', `${fixed(report.seconds)} s`],
    ['deliveries', `${count(report.deliveries)} of ${count(report.said)} lines`],
    ['deliveries a second', count(report.deliveriesPerSecond)],
    ['latency p50', ms(latencyMs.p50)],
    ['        p99', ms(latencyMs.p99)],
    ['        p99.9', ms(latencyMs.p999)],
    ['        max', ms(latencyMs.max)],
    ['lost', count(report.lost)],
    ['doubled', count(report.doubled)],
    ['out of order', count(report.disordered)],
    ['errors', count(report.errors)],
    ['load busy', `${fixed(report.loadBusyPercent)} % of a core`],
  ];
  if (server) {
    const { cpuUsPerDelivery: each, bytesPerConnection } = server;
    rows.push(
      [
        'server CPU',
        `${each === null ? '-' : `${each.toFixed(3)} µs a delivery`}, ${fixed(server.busyPercent)} % busy`,
      ],
      ['server memory', `${mib(server.rssBytes)}, at most ${mib(server.rssPeakBytes)}`],
      [
        '       each',
        bytesPerConnection === null ? '-' : `${fixed(bytesPerConnection / 1024)} KiB a connection`,
      ],
    );
  }
  if (storm)
    rows.push(
      ['storm', `${count(storm.signInsPerSecond)} sign-ins a second`],
      ['      each', `p50 ${ms(storm.p50Ms)}, p99 ${ms(storm.p99Ms)}`],
      ['      existing waited', `${ms(storm.slowestExistingMs)} at most`],
    );
  const width = Math.max(...rows.map(([label]) => label.length));
  const lines = rows.map(([label, value]) => `${label.padEnd(width)}  ${value}\n`);
  const problems = report.problems.map(
    ({ code, count: n, example }) => `${count(n)} × ${code}, such as: ${example}\n`,
  );
  return [...lines, ...problems].join('');
}

/** `1,234,567` */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function ms(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(value < 10 ? 3 : 1)} ms`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}

function mib(bytes: number): string {
  return `${fixed(bytes / 1024 / 1024)} MiB`;
}
