import { describe, expect, test } from 'bun:test';
import { type Measured, Results } from './measure.ts';
import { between } from './readme.ts';
import { bare, inspircd, ngircd, parley } from './servers.ts';
import { cell, render } from './tables.ts';
import { targets } from './targets.ts';
import { commonMaximum } from './workloads.ts';

const NOTHING_ALONE = { catchUp: null, histories: [], cold: null };

function measured(given: Partial<Measured>): Measured {
  const none = Number.NaN;
  return {
    perSecond: none,
    cpu: none,
    serverBusy: none,
    loadBusy: none,
    p50: none,
    p99: none,
    p999: none,
    max: none,
    connections: none,
    resident: none,
    memory: none,
    empty: none,
    signInsPerSecond: none,
    signInP50: none,
    signInP99: none,
    slowestExisting: none,
    ...given,
  };
}

function rowOf(results: Results, workload: string, target: string): readonly string[] | undefined {
  return targets(results, NOTHING_ALONE).rows.find(row => row[0] === workload && row[1] === target);
}

describe('results of several rounds', () => {
  test('are compared round by round, leaving out a round that failed', () => {
    const results = new Results();
    for (const cpu of [1, 2, 3]) results.add('big-1', 'parley', measured({ cpu }));
    results.add('big-1', 'inspircd', measured({ cpu: 2 }));
    results.add('big-1', 'inspircd', null);
    results.add('big-1', 'inspircd', measured({ cpu: 2 }));
    expect(results.ratio('big-1', 'inspircd', 'cpu')).toEqual({ median: 1, low: 0.5, high: 1.5, rounds: 2 });
    expect(results.of('big-1', 'inspircd', 'cpu')).toEqual({ median: 2, low: 2, high: 2, rounds: 2 });
  });

  test('give the memory of a connection as what each adds to the same without it', () => {
    const results = new Results();
    results.add('talk', 'parley', measured({ connections: 100, resident: 50_000 }));
    results.add('idle', 'parley', measured({ connections: 110, resident: 80_000 }));
    results.add('talk', 'parley', null);
    results.add('idle', 'parley', measured({ connections: 110, resident: 80_000 }));
    expect(results.each('idle', 'talk', 'parley')).toEqual({
      median: 3000,
      low: 3000,
      high: 3000,
      rounds: 1,
    });
    expect(rowOf(results, 'idle crowd: memory a connection', '≤ 4 KiB')?.slice(2)).toEqual([
      '3,000 B',
      'yes',
    ]);
    expect(results.each('idle', 'talk', 'bare').median).toBeNaN();
  });

  test('give the rate that every server can carry', () => {
    const cast = { parley: parley('parley'), inspircd, ngircd, bare };
    const results = new Results();
    for (const [server, best] of Object.entries({ parley: 9, inspircd: 4, ngircd: 2, bare: 8 })) {
      results.add('big-8', server, measured({ perSecond: best * 999 }));
      results.add('big-64', server, measured({ perSecond: (best - 1) * 999 }));
    }
    expect(commonMaximum(cast, results)).toBe(2);
    expect(commonMaximum(cast, new Results())).toBeNaN();
  });
});

describe('the targets', () => {
  const missed = (ours: number, theirs: number): Results => {
    const results = new Results();
    results.add('big-64', 'parley', measured({ perSecond: ours, serverBusy: 90, loadBusy: 50 }));
    results.add('big-64', 'inspircd', measured({ perSecond: theirs }));
    return results;
  };

  test('are met by the median or missed by so much', () => {
    const at = ['big room, 64 in flight: deliveries/s', '≥ 2 × InspIRCd'] as const;
    expect(rowOf(missed(4, 2), ...at)).toEqual([...at, '2.00 ×', 'yes']);
    expect(rowOf(missed(3, 2), ...at)).toEqual([...at, '1.50 ×', 'no, by 25.0 %']);
  });

  test('say so where they were not measured', () => {
    expect(rowOf(new Results(), 'sign-in storm', '≥ 5,000/s')).toEqual([
      'sign-in storm',
      '≥ 5,000/s',
      'not measured',
      '',
    ]);
  });
});

describe('tables', () => {
  test('are Markdown, lined up', () => {
    const table = { title: 'T', columns: ['what', 'ms'], rows: [['a', '1.00'], ['bcdef']], notes: ['N'] };
    expect(render(table)).toBe(
      '**T**\n\n| what  |   ms |\n| ----- | ---: |\n| a     | 1.00 |\n| bcdef |      |\n\nN',
    );
  });

  test('show the median and, of several rounds, the least and the most', () => {
    expect(cell({ median: 1234, low: 0.5, high: 20.25, rounds: 3 })).toBe('1,234 (0.500–20.3)');
    expect(cell({ median: 1.5, low: 1.5, high: 1.5, rounds: 1 })).toBe('1.50');
    expect(cell({ median: Number.NaN, low: Number.NaN, high: Number.NaN, rounds: 0 })).toBe('-');
  });

  test('go between their marks in README, in place of what was there', () => {
    const page = (middle: string): string => `before\n<!-- bench -->\n${middle}<!-- /bench -->\nafter\n`;
    expect(between(page('old\n'), 'new\n')).toBe(page('new\n'));
    expect(() => between('nothing', 'new\n')).toThrow('README.md lacks');
  });
});
