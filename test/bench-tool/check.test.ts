import { describe, expect, test } from 'bun:test';
import { Check } from '../../src/bench/check.ts';
import { Group } from '../../src/bench/group.ts';
import { Histogram } from '../../src/bench/histogram.ts';
import { Mark } from '../../src/bench/mark.ts';
import { Speaker } from '../../src/bench/speaker.ts';

/** What a member finds who is shown these lines of a speaker that said `said`. */
function found(sequences: readonly number[], said: number) {
  const check = new Check(1);
  for (const sequence of sequences) check.see(0, sequence);
  const { doubled, disordered } = check;
  return { lost: check.lost(0, said), doubled, disordered };
}

describe('a member that is read line by line', () => {
  test.each([
    ['finds nothing wrong with all lines in order', [0, 1, 2], { lost: 0, doubled: 0, disordered: 0 }],
    ['misses a line in the middle', [0, 2], { lost: 1, doubled: 0, disordered: 0 }],
    ['misses the last line', [0, 1], { lost: 1, doubled: 0, disordered: 0 }],
    ['misses everything', [], { lost: 3, doubled: 0, disordered: 0 }],
    ['notices a line that comes twice', [0, 1, 1, 2], { lost: 0, doubled: 1, disordered: 0 }],
    ['notices a line that comes late', [0, 2, 1], { lost: 0, doubled: 0, disordered: 1 }],
    ['tells late from twice', [0, 2, 1, 1], { lost: 0, doubled: 1, disordered: 1 }],
  ])('%s', (_, sequences, expected) => {
    expect(found(sequences, 3)).toEqual(expected);
  });
});

/** A room of four, all in this process; the first two speak. `lines` is what each has written. */
function room() {
  const latency = new Histogram();
  const strayed: number[] = [];
  const span = { from: 0, to: Number.POSITIVE_INFINITY };
  const share = { index: 0, pair: false, speakers: 2, firstSpeaker: 10, firstMember: 0, from: 0, to: 4 };
  const group = new Group(share, span, latency, () => strayed.push(1));
  const written = [0, 0];
  const clock = { now: 0 };
  for (const at of [0, 1]) {
    const client = {
      write: (bytes: Buffer) => {
        written[at] = (written[at] ?? 0) + bytes.toString().split('\n').length - 1;
      },
    };
    group.speakers[at] = new Speaker(client, 10 + at, 30, '', '\n');
  }
  const counts = [0, 1, 2, 3].map(() => ({ count: 0 }));
  const sees = counts.map((count, at) => {
    const see = group.watches(at) ? group.watch(at, () => clock.now) : null;
    group.add(at, count);
    return see;
  });
  const show = (member: number, speaker: number, sequence: number, at = 0): void => {
    const count = counts[member];
    if (count) count.count++;
    sees[member]?.(Object.assign(new Mark(), { speaker: 10 + speaker, sequence, at }));
    group.refill(clock.now);
  };
  return { group, written, clock, latency, strayed, show };
}

describe('a room', () => {
  test('keeps as many lines of each speaker under way as the window says', () => {
    const { group, written, show } = room();
    group.talk(2, 0);
    expect(written).toEqual([2, 2]);
    show(2, 0, 0);
    expect(written).toEqual([2, 2]);
    show(3, 0, 0);
    expect(written).toEqual([3, 2]);
    group.hush();
    show(2, 1, 0);
    show(3, 1, 0);
    expect(written).toEqual([3, 2]);
  });

  test('times a line from when it should have been said', () => {
    const { clock, latency, show } = room();
    clock.now = 5000;
    show(2, 0, 0, 4000);
    expect(latency.most).toBe(1000);
  });

  test('is complete when every member has what the others said', () => {
    const { group, show } = room();
    const said = [1, 0];
    for (const member of [1, 2]) show(member, 0, 0);
    expect(group.complete(said)).toBe(false);
    expect(group.faults(said)).toEqual({ lost: 1, doubled: 0, disordered: 0 });
    show(3, 0, 0);
    expect(group.complete(said)).toBe(true);
    expect(group.faults(said)).toEqual({ lost: 0, doubled: 0, disordered: 0 });
  });

  test('finds lost and doubled lines of members that are only counted', () => {
    const { group, show } = room();
    for (const member of [2, 3]) for (const sequence of [0, 1]) show(member, 0, sequence);
    show(0, 1, 0);
    expect(group.faults([2, 0])).toEqual({ lost: 2, doubled: 1, disordered: 0 });
  });

  test('notices a line that was for another room', () => {
    const { strayed, show } = room();
    show(3, 7, 0);
    expect(strayed).toEqual([1]);
  });
});
