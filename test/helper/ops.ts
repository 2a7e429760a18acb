/** A chat in memory with all that measures it. */
import { Events } from '../../src/http/events.ts';
import { HealthCheck } from '../../src/ops/health.ts';
import { OpsMeter } from '../../src/ops/meter.ts';
import { Recorder } from '../../src/ops/recorder.ts';
import { Chat, type ChatSettings } from './chat.ts';

export class Watched {
  readonly meter: OpsMeter;
  readonly check: HealthCheck;
  readonly recorder: Recorder;
  readonly events: Events;
  /** What keeps the backend from committing. */
  trouble: string | null = null;
  memory = 50_000_000;
  /** ms that the event loop is behind the clock. */
  behind = 0;

  private constructor(
    readonly chat: Chat,
    most: number | undefined,
  ) {
    const { hub, clock, flusher } = chat;
    const self = this;
    this.meter = new OpsMeter(clock, () => clock.now() + this.behind);
    this.check = new HealthCheck({
      get stalledFor() {
        return hub.stalledFor;
      },
      get backend() {
        return { trouble: self.trouble };
      },
    });
    this.check.phase = 'running';
    this.recorder = new Recorder({
      hub,
      outbox: flusher.totals,
      meter: this.meter,
      check: this.check,
      clock,
      memory: () => this.memory,
    });
    this.events = new Events(this.recorder, {
      clock,
      version: '1.2.3',
      serverName: () => 'here',
      boot: 'b00t',
      ...(most !== undefined && { most }),
    });
    this.meter.start();
    this.recorder.start();
  }

  static async start(settings?: ChatSettings, most?: number): Promise<Watched> {
    return new Watched(await Chat.start(settings), most);
  }

  /** Lets seconds go by. */
  async seconds(count: number): Promise<void> {
    for (let at = 0; at < count; at++) await this.chat.wait(1000);
  }
}
