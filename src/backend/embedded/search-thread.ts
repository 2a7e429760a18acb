/**
 * A thread that asks the search index while the event loop goes on. It is started by the first question,
 * answers them one after another, and is ended when nobody has asked for a while.
 *
 * Why a thread: a phrase or a prefix of frequent words takes FTS5 the better part of a second over ten million
 * lines, and much longer where the file is not in memory. It cannot be interrupted, and bounds on `rowid` do
 * not cut such work into pieces: FTS5 heeds them only once it has found a line.
 */
import type { Clock, Log } from '../../chat/ports.ts';
import type { Question } from './find.ts';
import type { EventRow } from './rows.ts';
import type { Answered, Told } from './search-worker.ts';
import { whyOf } from './trouble.ts';

/** Newest first. `failed`: the thread cannot do it. `stopped`: nobody wants to know any more. */
export type Found = readonly EventRow[] | 'failed' | 'stopped';

/** ms without a question after which the thread ends. */
const IDLE = 60_000;
/** ms that ending waits for a question under way: it only reads, so it may be left behind. */
const LAST_WAIT = 1000;

/** A compiled program's files lie under where its first entry point was, whatever file of source this is. */
const COMPILED = '/$bunfs/';
const WORKER = new URL(
  import.meta.url.includes(COMPILED) ? './backend/embedded/search-worker.ts' : './search-worker.ts',
  import.meta.url,
).href;

export class SearchThread {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, (found: Found) => void>();
  private asked = 0;
  private cancelIdle: () => void = () => {};
  private ending: Promise<void> = Promise.resolve();
  private stopped = false;
  private troubled = false;

  constructor(
    private readonly file: string,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  find(question: Question): Promise<Found> {
    if (this.stopped) return Promise.resolve('stopped');
    this.cancelIdle();
    const number = ++this.asked;
    return new Promise(resolve => {
      this.waiting.set(number, resolve);
      try {
        this.worker ??= this.start();
        tell(this.worker, { number, question });
      } catch (error) {
        this.fail(whyOf(error));
      }
    });
  }

  /** Answers whoever waits, and resolves once the thread has let go of the file. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.answerAll('stopped');
    await this.end();
  }

  private start(): Worker {
    const worker = new Worker(WORKER, { smol: true });
    worker.unref();
    worker.onmessage = ({ data }: MessageEvent<Answered>) => {
      if (data !== 'closed') this.hear(data);
    };
    const over = (why: string): void => {
      if (this.worker === worker) this.fail(why);
    };
    worker.onerror = ({ message }) => over(message);
    worker.addEventListener('close', () => over('the thread ended'));
    tell(worker, { open: this.file });
    return worker;
  }

  private hear(answered: Exclude<Answered, 'closed'>): void {
    const { number } = answered;
    const found = 'lines' in answered ? answered.lines : 'failed';
    if ('why' in answered) this.complain(answered.why);
    else this.troubled = false;
    this.waiting.get(number)?.(found);
    this.waiting.delete(number);
    if (this.waiting.size === 0 && !this.stopped) this.cancelIdle = this.clock.after(IDLE, () => this.end());
  }

  private end(): Promise<void> {
    this.cancelIdle();
    const { worker } = this;
    this.worker = null;
    if (worker) this.ending = this.close(worker);
    return this.ending;
  }

  private async close(worker: Worker): Promise<void> {
    await new Promise<void>(resolve => {
      const cancel = this.clock.after(LAST_WAIT, resolve);
      const closed = (): void => {
        cancel();
        resolve();
      };
      worker.onerror = closed;
      worker.onmessage = ({ data }: MessageEvent<Answered>) => {
        if (data === 'closed') closed();
      };
      tell(worker, 'close');
    });
    worker.terminate();
  }

  private fail(why: string): void {
    this.complain(why);
    this.worker?.terminate();
    this.worker = null;
    this.answerAll('failed');
  }

  /** Once, until it works again. */
  private complain(why: string): void {
    if (!this.troubled) this.log.warn('searching beside the conversation failed', { why });
    this.troubled = true;
  }

  private answerAll(found: Found): void {
    for (const resolve of this.waiting.values()) resolve(found);
    this.waiting.clear();
  }
}

function tell(worker: Worker, told: Told): void {
  worker.postMessage(told);
}
