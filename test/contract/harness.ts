/**
 * What the contract suite needs of a backend under test: it, what it told, its time, and ways to restart and
 * to stall it. One factory a backend makes these.
 */

import { Database } from 'bun:sqlite';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedBackend } from '../../src/backend/embedded/backend.ts';
import type { Filing } from '../../src/backend/embedded/said.ts';
import type { SearchBounds } from '../../src/backend/embedded/search.ts';
import { MemoryBackend } from '../../src/backend/memory/backend.ts';
import { MemoryStore } from '../../src/backend/memory/store.ts';
import type { Bounds } from '../../src/backend/options.ts';
import type { Draft, Kept } from '../../src/chat/event.ts';
import type { Folded } from '../../src/chat/names.ts';
import type { Backend, BackendSink, Committed, Log, Origin, PostRefusal } from '../../src/chat/ports.ts';
import { FakeClock } from '../helper/clock.ts';
import { ManualTurn } from '../helper/turn.ts';

/** A sink that remembers, and tells origins as the hub does. */
export class RecordingSink implements BackendSink {
  readonly batches: (readonly Committed[])[] = [];
  readonly refusals: { readonly origin: Origin | null; readonly code: PostRefusal }[] = [];
  readonly lost: Folded[] = [];
  /** `stalled` and `recovered`, in order. */
  readonly pauses: string[] = [];

  get events(): readonly Kept[] {
    return this.batches.flat().map(({ event }) => event);
  }

  committed(batch: readonly Committed[]): void {
    this.batches.push(batch);
    for (const { event, origin, waiting } of batch) origin?.committed(event, waiting);
  }

  refused(origin: Origin | null, code: PostRefusal): void {
    this.refusals.push({ origin, code });
    origin?.refused(code);
  }

  claimLost(name: Folded): void {
    this.lost.push(name);
  }

  stalled(): void {
    this.pauses.push('stalled');
  }

  recovered(): void {
    this.pauses.push('recovered');
  }
}

/** An origin that remembers what it was told. */
export class RecordingOrigin implements Origin {
  readonly session = null;
  readonly told: ({ readonly event: Kept; readonly waiting: boolean } | PostRefusal)[] = [];

  /** Of each that was kept: whether its key was posted before. */
  readonly repeated: boolean[] = [];

  committed(event: Kept, waiting: boolean, repeated = false): void {
    this.told.push({ event, waiting });
    this.repeated.push(repeated);
  }

  refused(code: PostRefusal): void {
    this.told.push(code);
  }
}

/** A log that remembers. */
export class RecordingLog implements Log {
  readonly lines: string[] = [];
  debug(message: string): void {
    this.lines.push(`debug ${message}`);
  }
  info(message: string): void {
    this.lines.push(`info ${message}`);
  }
  warn(message: string): void {
    this.lines.push(`warn ${message}`);
  }
  error(message: string): void {
    this.lines.push(`error ${message}`);
  }
}

export interface Opened {
  readonly backend: Backend;
  readonly sink: RecordingSink;
  readonly clock: FakeClock;
  readonly log: RecordingLog;
  /** Until everything asked for so far is committed and told. */
  settle(): Promise<void>;
  /** Lets time pass, and everything that it brings happen. */
  pass(ms: number): Promise<void>;
  /** Stops it and opens it again on what it kept. */
  reopen(): Promise<Opened>;
  stall(): void;
  unstall(): void;
  close(): Promise<void>;
}

export type Factory = (bounds?: Partial<Bounds>) => Promise<Opened>;

export const UNBOUNDED: Bounds = { mailbox: 1000, retention: { age: 0, lines: 0, bytes: 0 } };

/** Posts a draft, waits, and answers the event it became. */
export async function keep(opened: Opened, draft: Draft, key?: string): Promise<Kept> {
  const origin = new RecordingOrigin();
  opened.backend.post(draft, origin, key);
  await opened.settle();
  const [told] = origin.told;
  if (!told || typeof told === 'string') throw new Error(`not kept: ${told}`);
  return told.event;
}

/** Takes a name, as a guest or by making it an account. */
export async function enter(opened: Opened, name: string, as: 'guest' | 'account'): Promise<void> {
  const claim = opened.backend.claim(name, 'guest');
  await opened.settle();
  if ((await claim) !== 'claimed') throw new Error(`${name}: ${await claim}`);
  if (as === 'guest') return;
  const created = opened.backend.createAccount(name, `hash of ${name}`, []);
  await opened.settle();
  if ((await created) !== 'created') throw new Error(`${name}: ${await created}`);
}

export interface OpenedMemory extends Opened {
  readonly backend: MemoryBackend;
  reopen(): Promise<OpenedMemory>;
}

export async function openMemory(bounds: Partial<Bounds> = {}): Promise<OpenedMemory> {
  return startMemory({ ...UNBOUNDED, ...bounds }, new MemoryStore(), new FakeClock());
}

/** Another node of the same chat, or the same again after a restart. */
export async function startMemory(
  bounds: Bounds,
  store: MemoryStore,
  clock: FakeClock,
): Promise<OpenedMemory> {
  const turn = new ManualTurn();
  const sink = new RecordingSink();
  const log = new RecordingLog();
  const backend = new MemoryBackend({ ...bounds, turn, clock, log }, store);
  await backend.start(sink);
  return {
    backend,
    sink,
    clock,
    log,
    ...timing(turn, clock),
    reopen: async () => {
      await backend.stop();
      return startMemory(bounds, store, clock);
    },
    stall: () => backend.hold(),
    unstall: () => backend.resume(),
    close: () => backend.stop(),
  };
}

export interface OpenedEmbedded extends Opened {
  readonly backend: EmbeddedBackend;
  readonly dir: string;
  reopen(): Promise<OpenedEmbedded>;
}

/** An embedded backend in a directory of its own, removed on closing. */
export async function openEmbedded(
  bounds: Partial<Bounds> = {},
  filing?: Filing,
  searching?: SearchBounds,
  clock = new FakeClock(),
): Promise<OpenedEmbedded> {
  const dir = mkdtempSync(join(tmpdir(), 'parley-test-'));
  return startEmbedded(dir, { ...UNBOUNDED, ...bounds }, clock, filing, searching);
}

export async function startEmbedded(
  dir: string,
  bounds: Bounds,
  clock: FakeClock,
  filing?: Filing,
  searching?: SearchBounds,
): Promise<OpenedEmbedded> {
  const turn = new ManualTurn();
  const sink = new RecordingSink();
  const log = new RecordingLog();
  const backend = new EmbeddedBackend({
    ...bounds,
    dir,
    sync: 'normal',
    turn,
    clock,
    log,
    ...(filing && { filing }),
    ...(searching && { searching }),
  });
  await backend.start(sink);
  let other: Database | null = null;
  const unstall = (): void => {
    other?.run('ROLLBACK');
    other?.close();
    other = null;
  };
  return {
    backend,
    sink,
    clock,
    log,
    dir,
    ...timing(turn, clock),
    reopen: async () => {
      await backend.stop();
      return startEmbedded(dir, bounds, clock, filing, searching);
    },
    // Another program writes to the file.
    stall: () => {
      other = new Database(join(dir, 'parley.db'));
      other.run('BEGIN IMMEDIATE');
    },
    unstall,
    close: async () => {
      unstall();
      await backend.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function timing(turn: ManualTurn, clock: FakeClock): Pick<Opened, 'settle' | 'pass'> {
  return {
    settle: () => turn.settle(),
    pass: async ms => {
      for (let left = ms; left > 0; left -= 10) {
        clock.advance(Math.min(10, left));
        turn.end();
      }
      await turn.settle();
    },
  };
}
