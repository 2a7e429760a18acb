/** `/api/status`: how the daemon does, in one answer, for `parley status` and whatever watches it. */
import type { Hub } from '../../chat/hub.ts';
import type { Clock } from '../../chat/ports.ts';
import type { Recorder } from '../../ops/recorder.ts';
import type { Sample } from '../dashboard.ts';
import { type Route, route } from '../route.ts';
import { isoTime, json } from './answer.ts';
import { STATUS, type StatusJson } from './daemon-shapes.ts';

export interface StatusSources {
  readonly hub: Hub;
  readonly recorder: Pick<Recorder, 'startedAt' | 'seconds' | 'totals'>;
  readonly check: { health(lag: number): StatusJson['health'] };
  readonly clock: Pick<Clock, 'now'>;
  readonly outbox: { readonly bytes: number };
  readonly version: string;
  readonly pid: number;
  serverName(): string;
  /** As the ready line has it. */
  listening(): readonly string[];
  /** Bytes of the process. */
  memory(): number;
}

/** Seconds that rates are taken over. */
const LATELY = 10;

export function statusRoute(sources: StatusSources): Route {
  return route({
    method: 'GET',
    path: '/api/status',
    need: 'operator',
    summary: 'How the daemon does',
    answers: { 200: { what: 'How it does.', shape: STATUS } },
    run: async () => json(await statusOf(sources)),
  });
}

async function statusOf(sources: StatusSources): Promise<StatusJson> {
  const { hub, recorder, check, clock, outbox, version, pid } = sources;
  const { startedAt } = recorder;
  const lately = recorder.seconds.slice(-LATELY);
  const { messages, deliveries } = recorder.totals();
  const { bytes, waiting } = await hub.backend.stats();
  const lagMs = most(lately, 'lag');
  return {
    version,
    server: sources.serverName(),
    pid,
    startedAt: isoTime(startedAt),
    uptimeMs: Math.max(0, clock.now() - startedAt),
    health: check.health(lagMs),
    listening: [...sources.listening()],
    connections: { ...hub.dialects },
    names: hub.users.size,
    rooms: { inUse: hub.rooms.size, all: hub.backend.roomCount },
    messages: { total: messages, perSecond: mean(lately, 'messages') },
    deliveries: { total: deliveries, perSecond: mean(lately, 'deliveries') },
    memoryBytes: sources.memory(),
    outboxBytes: outbox.bytes,
    lagMs,
    commitMs: most(lately, 'commit'),
    storeBytes: bytes,
    waitingMessages: waiting,
  };
}

type Figure = Exclude<keyof Sample, 'at'>;

function mean(samples: readonly Sample[], of: Figure): number {
  const sum = samples.reduce((total, sample) => total + sample[of], 0);
  return Math.round((sum / Math.max(samples.length, 1)) * 10) / 10;
}

function most(samples: readonly Sample[], of: Figure): number {
  return samples.reduce((longest, sample) => Math.max(longest, sample[of]), 0);
}
