/** One load process of crowd.ts: signs its share of people in, reports how long each took, and stays. */
import { inParallel, LoadClient } from './kit/load-client.ts';

/** What it is told, as its one argument. */
export interface Order {
  readonly port: number;
  /** People `from` … `to` - 1. */
  readonly from: number;
  readonly to: number;
  readonly width: number;
  /** How many share a room; 0 for no rooms. */
  readonly room: number;
}

export interface Progress {
  /** ms of each sign-in. */
  readonly times: readonly number[];
  readonly done: boolean;
}

if (import.meta.main) {
  // Whoever started it is gone.
  process.on('disconnect', () => process.exit());
  // Written by crowd.ts, from an Order.
  const order = JSON.parse(process.argv[2] ?? '') as Order;
  const times = await inParallel(order.to - order.from, order.width, async at => {
    const began = performance.now();
    const n = order.from + at;
    const rooms = order.room > 0 ? [`room${Math.floor(n / order.room)}`] : [];
    await LoadClient.signedIn(order.port, `person${n}`, ...rooms);
    return performance.now() - began;
  });
  const progress: Progress = { times, done: true };
  process.send?.(progress);
}
