/** What existing users notice: two of them, one says a line every few ms, the other is timed being shown it. */
import { LoadClient, takeLines } from '../kit/load-client.ts';
import { Samples } from '../kit/stats.ts';

/** ms between two lines. */
const EVERY = 2;
/** ms that the last lines may take to arrive. */
const PATIENCE = 10_000;

export class Probe {
  /** ms of each line since the last `reset`. */
  times = new Samples();
  private timer: Timer | null = null;
  private sent = 0;
  private heard = 0;

  private constructor(
    private readonly speaker: LoadClient,
    private readonly listener: LoadClient,
  ) {
    takeLines(listener, line => {
      const at = / probe-([\d.]+)$/.exec(line)?.[1];
      if (at === undefined) return;
      this.heard++;
      this.times.add(performance.now() - Number(at));
    });
  }

  static async in(port: number): Promise<Probe> {
    const speaker = await LoadClient.signedIn(port, 'prober', 'probes');
    return new Probe(speaker, await LoadClient.signedIn(port, 'probed', 'probes'));
  }

  start(): void {
    this.timer = setInterval(() => {
      this.sent++;
      this.speaker.send(`probe-${performance.now()}\n`);
    }, EVERY);
  }

  reset(): void {
    this.times = new Samples();
  }

  /** Stops, and resolves when every line has arrived. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    const end = performance.now() + PATIENCE;
    while (this.heard < this.sent) {
      if (performance.now() > end)
        throw new Error(`${this.sent - this.heard} lines of the probe are missing`);
      await Bun.sleep(1);
    }
  }

  close(): void {
    this.speaker.close();
    this.listener.close();
  }
}
