import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { connectionsOf, isStorm, type Plan, type Share, shareOut } from '../../src/bench/plan.ts';

const plan = fc
  .record({
    rooms: fc.nat(12),
    members: fc.integer({ min: 2, max: 30 }),
    speaking: fc.double({ min: 0, max: 1, noNaN: true }),
    pairs: fc.nat(5),
    idle: fc.nat(20),
    storm: fc.nat(20),
    processes: fc.integer({ min: 1, max: 6 }),
  })
  .map(
    ({ speaking, ...rest }): Plan => ({
      host: '127.0.0.1',
      port: 1,
      dialect: 'text',
      speakers: Math.max(1, Math.round(speaking * rest.members)),
      load: { rate: 100 },
      size: 60,
      seconds: 1,
      warmUp: 0,
      atOnce: null,
      pid: null,
      core: null,
      ...rest,
    }),
  );

function peopleOf({ groups, idle, storm }: Share): number {
  return (
    groups.reduce((sum, { from, to }) => sum + to - from, 0) + idle.to - idle.from + storm.to - storm.from
  );
}

describe('the shares of all processes', () => {
  test('have everybody once', () => {
    fc.assert(
      fc.property(plan, each => {
        const shares = shareOut(each, 'aa');
        expect(shares.reduce((sum, share) => sum + peopleOf(share), 0)).toBe(connectionsOf(each));
        const members = shares.flatMap(({ groups }) =>
          groups.flatMap(({ firstMember, from, to }) =>
            Array.from({ length: to - from }, (_, at) => firstMember + from + at),
          ),
        );
        expect(new Set(members).size).toBe(members.length);
      }),
    );
  });

  test('keep the speakers of a room in one process, with somebody else who listens', () => {
    fc.assert(
      fc.property(plan, each => {
        for (const { groups } of shareOut(each, 'aa'))
          for (const { from, to, speakers } of groups)
            if (from === 0) expect(to).toBeGreaterThanOrEqual(Math.max(2, speakers));
      }),
    );
  });

  test('keep a storm away from those who talk, and the rates add up', () => {
    fc.assert(
      fc.property(plan, each => {
        const shares = shareOut(each, 'aa');
        for (const share of shares) if (isStorm(share)) expect(share.groups).toEqual([]);
        const talking = shares.filter(({ groups }) => groups.length > 0);
        const rate = talking.reduce((sum, { load }) => sum + ('rate' in load ? load.rate : 0), 0);
        if (talking.length > 0) expect(rate).toBeCloseTo(100);
      }),
    );
  });
});
