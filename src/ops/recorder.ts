/**
 * What the dashboard shows, recorded once for all who look: a sample each second, kept for 10 minutes and by
 * the minute for a day; who came into listed rooms and left them; how busy rooms are. It reads counters that
 * others keep, and is told of committed events; nothing on the way of a line waits for it.
 *
 * It names listed rooms and who moves in them, which the chat shows everybody, and nothing else: no text, no
 * address, no unlisted room.
 */
import type { ChatEvent } from '../chat/event.ts';
import type { Hub } from '../chat/hub.ts';
import { fold } from '../chat/names.ts';
import type { Clock, Committed } from '../chat/ports.ts';
import type { Health, Movement, RoomLine, Sample, Totals } from '../http/dashboard.ts';
import type { OutboxTotals } from '../wire/flusher.ts';
import type { HealthCheck } from './health.ts';
import type { OpsMeter } from './meter.ts';
import { MinuteSum } from './minute.ts';
import { RoomPaces } from './pace.ts';
import { Ring } from './ring.ts';

export interface RecorderSources {
  readonly hub: Hub;
  readonly outbox: OutboxTotals;
  readonly meter: OpsMeter;
  readonly check: HealthCheck;
  readonly clock: Clock;
  /** Bytes of the process. */
  memory(): number;
}

/** What a second brought. */
export interface Second {
  readonly sample: Sample;
  /** The minute that ended with it. */
  readonly minute: Sample | null;
  /** The newest, and no more than are kept. */
  readonly movements: readonly Movement[];
}

const SECONDS = 600;
const MINUTES = 24 * 60;
const MOST_MOVEMENTS = 50;
const MOST_ROOMS = 200;
/** Seconds that a lag counts against the health. */
const LATELY = 10;

export class Recorder {
  readonly startedAt: number;
  /** At the end of the last sample. */
  health: Health;
  private readonly bySecond = new Ring<Sample>(SECONDS);
  private readonly byMinute = new Ring<Sample>(MINUTES);
  private readonly lately = new Ring<number>(LATELY);
  private readonly paces = new RoomPaces();
  private moved: Movement[] = [];
  private moving: Movement[] = [];
  private minute: MinuteSum | null = null;
  private lastAt: number;
  private lastRead: { readonly at: number; readonly messages: number; readonly deliveries: number };
  private readonly listeners = new Set<(second: Second) => void>();
  private stops: (() => void)[] = [];

  constructor(private readonly sources: RecorderSources) {
    this.startedAt = sources.clock.now();
    this.lastAt = Math.floor(this.startedAt / 1000);
    this.lastRead = this.read();
    this.health = sources.check.health(0);
  }

  start(): void {
    const unobserve = this.sources.hub.observe(batch => this.observe(batch));
    this.stops = [unobserve, this.next()];
  }

  stop(): void {
    for (const stop of this.stops) stop();
    this.stops = [];
  }

  /** Tells `listen` of each second from now on; answers what ends that. */
  listen(listen: (second: Second) => void): () => void {
    this.listeners.add(listen);
    return () => this.listeners.delete(listen);
  }

  // ——— what there is to see ———

  get seconds(): readonly Sample[] {
    return this.bySecond.all();
  }

  get minutes(): readonly Sample[] {
    return this.byMinute.all();
  }

  /** As of the last sample, the oldest first. */
  get movements(): readonly Movement[] {
    return this.moved;
  }

  totals(): Omit<Totals, 'watchers'> {
    const { counters } = this.sources.hub;
    return {
      messages: messagesOf(counters.messages),
      deliveries: counters.deliveries,
      signIns: counters.signIns,
      connections: counters.opened.tcp + counters.opened.tls + counters.opened.unix,
      skipped: this.sources.outbox.skippedLines,
      closed: { ...counters.closed },
    };
  }

  /** Listed rooms with somebody in them, the fullest first. Looks through all rooms: ask once for many. */
  rooms(): RoomLine[] {
    const lines: RoomLine[] = [];
    for (const room of this.sources.hub.rooms.values()) {
      if (room.unlisted) continue;
      const people = room.present;
      if (people > 0) lines.push({ name: room.name, people, perMinute: this.paces.perMinute(room.name) });
    }
    return lines.sort((a, b) => b.people - a.people || (a.name < b.name ? -1 : 1)).slice(0, MOST_ROOMS);
  }

  // ——— each second ———

  /** At the next full second; a timer that fires a moment early is not to make two of one second. */
  private next(): () => void {
    const now = this.sources.clock.now();
    return this.sources.clock.after((Math.round(now / 1000) + 1) * 1000 - now, () => {
      this.stops[1] = this.next();
      this.tick();
    });
  }

  private tick(): void {
    const sample = this.sample();
    this.bySecond.add(sample);
    if (sample.at % RoomPaces.STEP === 0) this.paces.next();
    const movements = this.moving;
    this.moving = [];
    this.moved = [...this.moved, ...movements].slice(-MOST_MOVEMENTS);
    this.lately.add(sample.lag);
    this.health = this.sources.check.health(Math.max(...this.lately.all()));
    const second = { sample, minute: this.addToMinute(sample), movements };
    for (const listen of this.listeners) listen(second);
  }

  private sample(): Sample {
    const { hub, outbox, meter, clock } = this.sources;
    const before = this.lastRead;
    const now = this.read();
    this.lastRead = now;
    // Should the clock be set back, plots go on all the same.
    this.lastAt = Math.max(this.lastAt + 1, Math.round(clock.now() / 1000));
    const seconds = Math.max(now.at - before.at, 1) / 1000;
    return {
      at: this.lastAt,
      ...hub.dialects,
      rooms: hub.rooms.size,
      messages: rounded((now.messages - before.messages) / seconds, 10),
      deliveries: rounded((now.deliveries - before.deliveries) / seconds, 10),
      lag: rounded(meter.lag.takeLongest(), 100),
      commit: rounded(meter.commits.takeLongest(), 100),
      outbox: outbox.bytes,
      memory: this.sources.memory(),
    };
  }

  private read(): { at: number; messages: number; deliveries: number } {
    const { hub, meter } = this.sources;
    const { messages, deliveries } = hub.counters;
    return { at: meter.now(), messages: messagesOf(messages), deliveries };
  }

  private addToMinute(sample: Sample): Sample | null {
    const end = Math.ceil(sample.at / 60) * 60;
    // Seconds can be missing, the last of a minute among them.
    const missed = this.minute && this.minute.end !== end ? this.closeMinute() : null;
    this.minute ??= new MinuteSum(end);
    this.minute.add(sample);
    return sample.at === end ? this.closeMinute() : missed;
  }

  private closeMinute(): Sample | null {
    const minute = this.minute?.sample() ?? null;
    if (minute) this.byMinute.add(minute);
    this.minute = null;
    return minute;
  }

  // ——— what happens in rooms ———

  private observe(batch: readonly Committed[]): void {
    for (const { event } of batch) {
      if (event.type === 'message' || event.type === 'action') this.paces.said(event.room);
      else this.note(event);
    }
  }

  private note(event: ChatEvent): void {
    if (event.type === 'join') this.move('join', event.room, event.from, event.at);
    else if (event.type === 'leave') this.move('leave', event.room, event.from, event.at);
    else if (event.type === 'kick') this.move('leave', event.room, event.name, event.at);
    else if (event.type === 'mode' && event.change.mode === 'unlisted') this.forget(event.room);
  }

  private move(kind: Movement['kind'], room: string, name: string, at: number): void {
    const listed = this.sources.hub.rooms.get(fold(room))?.unlisted === false;
    if (!listed) return;
    this.moving.push({ at, kind, room, name });
    if (this.moving.length > MOST_MOVEMENTS) this.moving.shift();
  }

  /** A room that is unlisted from now on is not named any more. */
  private forget(room: string): void {
    this.moving = this.moving.filter(movement => movement.room !== room);
    this.moved = this.moved.filter(movement => movement.room !== room);
  }
}

function messagesOf(messages: Hub['counters']['messages']): number {
  return messages.message + messages.action + messages.private;
}

function rounded(value: number, parts: number): number {
  return Math.round(value * parts) / parts;
}
