/** What the process that measures asks of its load processes, and what they answer. */
import type { Times } from './histogram.ts';
import type { Share } from './plan.ts';

export type Order =
  /** Connect everyone, sign in, go into rooms; the storm waits. */
  | { readonly do: 'sign-in'; readonly share: Share }
  | { readonly do: 'talk' }
  /** From now on it counts. */
  | { readonly do: 'begin' }
  | { readonly do: 'read' }
  | { readonly do: 'storm' }
  /** It no longer counts, and no more is said. */
  | { readonly do: 'hush' }
  /** Wait for what is under way: what was `said` in each group, by each speaker. */
  | { readonly do: 'settle'; readonly said: readonly Said[] };

/** Of one group, by its index: the lines of each of its speakers. */
export type Said = readonly [group: number, lines: readonly number[]];

export interface Answers {
  readonly 'sign-in': null;
  readonly talk: null;
  readonly begin: Reading;
  readonly read: Reading;
  readonly storm: Times;
  readonly hush: Hushed;
  readonly settle: Outcome;
}

export interface Reading {
  /** µs on the load process's clock. */
  readonly at: number;
  readonly delivered: number;
  readonly said: number;
  /** µs of processor time, without those spent waiting for the next line to be due. */
  readonly worked: number;
}

export interface Hushed {
  readonly reading: Reading;
  readonly said: readonly Said[];
}

export interface Outcome {
  readonly lost: number;
  readonly doubled: number;
  readonly disordered: number;
  readonly problems: readonly Problem[];
  readonly latency: Times;
}

/** Something the server refused or broke off, how often, and one example. */
export interface Problem {
  readonly code: string;
  readonly count: number;
  readonly example: string;
}

/** How both travel between the processes. */
export interface Asked {
  readonly id: number;
  readonly order: Order;
}

export type Answered =
  | { readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly id: number; readonly failed: string };
