/**
 * Fills a store for million.ts in a process of its own, through the backend itself, so that the file is as
 * parley would have made it: every line committed, everything indexed. Only time is pressed: timers of the
 * background work run at once.
 */
import { EmbeddedBackend } from '../../src/backend/embedded/backend.ts';
import type { BackendSink, Clock, Log } from '../../src/chat/ports.ts';
import { LoopTurn } from '../../src/ops/turn.ts';

/** What it is told, as its one argument. */
export interface StoreOrder {
  readonly dir: string;
  readonly lines: number;
  /** Bytes of text a line. */
  readonly text: number;
}

/** Half of the lines are said here, the others in `SMALL_ROOMS` rooms. */
export const BIG_ROOM = 'town';
const SMALL_ROOMS = 99;
const SPEAKERS = 500;
/** In every line: the worst that a search can ask for. */
export const COMMON_WORD = 'the';
/** In three lines of the big room, far apart. */
export const RARE_WORD = 'zyzzyva';

const BATCH = 1000;
/** Timers up to this many ms are indexing; what waits longer (retention) has nothing to do here. */
const SOON = 5000;
const VOCABULARY = 20_000;

/** Runs what is due soon at once, and knows whether anything is left. */
class HurriedClock implements Clock {
  waiting = 0;

  now(): number {
    return Date.now();
  }

  after(ms: number, run: () => void): () => void {
    if (ms > SOON) return () => {};
    this.waiting++;
    const timer = setImmediate(() => {
      this.waiting--;
      run();
    });
    return () => clearImmediate(timer);
  }
}

/** Words as people use them: the nth most frequent about 1/n as often as the first. Always the same ones. */
class Chatter {
  private state = 42;

  /** A line of about `bytes`, cut to exactly that. */
  line(bytes: number, extra: string): string {
    let text = `${COMMON_WORD}${extra}`;
    while (text.length < bytes) text += ` ${this.word()}`;
    return text.slice(0, bytes);
  }

  private word(): string {
    let n = Math.floor(VOCABULARY ** this.random());
    let word = '';
    do {
      word += `${'bdfgklmnprst'[n % 12]}${'aeiou'[Math.floor(n / 12) % 5]}`;
      n = Math.floor(n / 60);
    } while (n > 0);
    return word;
  }

  /** 0 … 1 (mulberry32). */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}

async function fill({ dir, lines, text }: StoreOrder): Promise<void> {
  const log: Log = { debug: () => {}, info: () => {}, warn: fail, error: fail };
  const clock = new HurriedClock();
  let committed = 0;
  const sink: BackendSink = {
    committed: batch => {
      committed += batch.length;
    },
    refused: (_, code) => fail(code),
    claimLost: fail,
    stalled: fail,
    recovered: () => {},
  };
  const backend = new EmbeddedBackend({
    dir,
    sync: 'normal',
    mailbox: 1,
    retention: { age: 0, lines: 0, bytes: 0 },
    turn: new LoopTurn(log),
    clock,
    log,
  });
  await backend.start(sink);
  const chatter = new Chatter();
  const rare = new Set([0, Math.floor(lines / 4) * 2, Math.floor((lines - 1) / 2) * 2]);
  for (let posted = 0; posted < lines; ) {
    for (let i = 0; i < BATCH && posted < lines; i++, posted++) {
      const room = posted % 2 === 0 ? BIG_ROOM : `street${posted % SMALL_ROOMS}`;
      const extra = rare.has(posted) ? ` ${RARE_WORD}` : '';
      backend.post(
        { type: 'message', room, from: `speaker${posted % SPEAKERS}`, text: chatter.line(text, extra) },
        null,
      );
    }
    while (committed < posted) await nextPass();
  }
  while (clock.waiting > 0) await nextPass();
  await backend.stop();
}

function nextPass(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

function fail(why: unknown): never {
  throw new Error(String(why));
}

// Written by million.ts, from a StoreOrder.
if (import.meta.main) await fill(JSON.parse(process.argv[2] ?? '') as StoreOrder);
