/** Everything that shows how parley does, put together: what is recorded, and the routes that show it. */
import type { Hub } from '../chat/hub.ts';
import type { Clock } from '../chat/ports.ts';
import { HealthCheck, type Phase } from '../ops/health.ts';
import type { OpsMeter } from '../ops/meter.ts';
import { Recorder } from '../ops/recorder.ts';
import type { OutboxTotals } from '../wire/flusher.ts';
import { statusRoute } from './api/status.ts';
import { Events } from './events.ts';
import { metricsRoutes } from './metrics.ts';
import type { Route } from './route.ts';

export interface MonitorDeps {
  readonly hub: Hub;
  readonly clock: Clock;
  /** What the turn and the backend report to. */
  readonly meter: OpsMeter;
  readonly outbox: OutboxTotals;
  readonly version: string;
  /** What the server is called; may change. */
  serverName(): string;
  /** Everywhere that connections are taken. */
  listening(): readonly string[];
}

export class Monitor {
  readonly routes: readonly Route[];
  private readonly check: HealthCheck;
  private readonly recorder: Recorder;
  private readonly events: Events;

  /** Records from now on. */
  constructor(private readonly deps: MonitorDeps) {
    const { hub, clock, meter, outbox, version, serverName } = deps;
    this.check = new HealthCheck(hub);
    const memory = (): number => process.memoryUsage.rss();
    this.recorder = new Recorder({ hub, outbox, meter, check: this.check, clock, memory });
    const boot = crypto.randomUUID().slice(0, 8);
    this.events = new Events(this.recorder, { clock, version, serverName, boot });
    const { check, events, recorder } = this;
    this.routes = [
      events.route,
      ...metricsRoutes({ version, check, meter, outbox, hub, events }),
      statusRoute({ ...deps, recorder, check, pid: process.pid, memory }),
    ];
    meter.start();
    this.recorder.start();
  }

  /** Where the server stands in its life: `starting` at first. */
  set phase(phase: Phase) {
    this.check.phase = phase;
  }

  /** Ends all streams and records no more. */
  readonly close = (): void => {
    this.check.phase = 'stopping';
    this.events.close('parley is stopping');
    this.recorder.stop();
    this.deps.meter.stop();
  };
}
