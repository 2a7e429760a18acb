/** `GET /events`: the dashboard's stream, fed by the recorder once a second. */
import { refusal } from '../chat/errors.ts';
import type { Clock } from '../chat/ports.ts';
import type { Recorder, Second } from '../ops/recorder.ts';
import { Broadcast } from './broadcast.ts';
import type { DashboardEvents, RoomLine, Totals } from './dashboard.ts';
import { problem } from './problem.ts';
import { type Route, route } from './route.ts';

export interface EventsOptions {
  readonly clock: Clock;
  readonly version: string;
  /** What the server is called; may change. */
  serverName(): string;
  /** What tells this run from any other: some random characters. */
  readonly boot: string;
  readonly most?: number;
}

/** Watchers at a time. */
const MOST_WATCHERS = 5000;
/** Seconds after which somebody who was turned away may try again. */
const TRY_AGAIN = '30';

export class Events {
  readonly route: Route;
  private readonly broadcast: Broadcast<DashboardEvents>;
  /** What everybody was told of rooms last. */
  private rooms: readonly RoomLine[] = [];
  private roomsText = '';
  private readonly unlisten: () => void;

  constructor(
    private readonly recorder: Recorder,
    private readonly options: EventsOptions,
  ) {
    const { clock, boot, most = MOST_WATCHERS } = options;
    this.broadcast = new Broadcast<DashboardEvents>({
      clock,
      boot,
      hello: () => ['hello', this.hello()],
      resync: why => ['resync', { why }],
    });
    this.unlisten = recorder.listen(second => this.tell(second));
    this.route = route({
      method: 'GET',
      path: '/events',
      need: 'anybody',
      summary: 'Watch the server',
      details:
        'Server-sent events: `hello` (how things are), then `tick` each second, `minute`, `rooms` and `movement` as they happen. With `Last-Event-ID` what was missed comes first, or `resync` and a new `hello` where that is too long ago.',
      answers: {
        200: { what: 'The stream.', type: 'text/event-stream' },
        503: { what: 'Too many are watching.' },
      },
      run: ask => {
        if (this.broadcast.watchers >= most)
          return problem(refusal('server-full', most), { 'Retry-After': TRY_AGAIN });
        // Nobody kept an eye on them while nobody watched.
        if (!this.broadcast.wanted) this.lookAtRooms();
        return this.broadcast.watch(ask);
      },
    });
  }

  get watchers(): number {
    return this.broadcast.watchers;
  }

  /** Watchers that did not keep up. */
  get dropped(): number {
    return this.broadcast.dropped;
  }

  /** Ends all streams, with a last word. */
  close(why: string): void {
    this.unlisten();
    this.broadcast.close('bye', { why });
  }

  private tell({ sample, minute, movements }: Second): void {
    const { broadcast, recorder } = this;
    const { wanted } = broadcast;
    broadcast.publish('tick', { sample, health: recorder.health, totals: this.totals() });
    if (minute) broadcast.publish('minute', minute);
    for (const movement of movements) broadcast.publish('movement', movement);
    if (wanted && this.lookAtRooms()) broadcast.publish('rooms', this.rooms);
    broadcast.flush();
  }

  /** True where they are not as they were. */
  private lookAtRooms(): boolean {
    const rooms = this.recorder.rooms();
    const text = JSON.stringify(rooms);
    if (text === this.roomsText) return false;
    this.rooms = rooms;
    this.roomsText = text;
    return true;
  }

  private hello(): DashboardEvents['hello'] {
    const { startedAt, health, movements, seconds, minutes } = this.recorder;
    const { version, serverName } = this.options;
    return {
      version,
      server: serverName(),
      startedAt,
      health,
      totals: this.totals(),
      rooms: this.rooms,
      movements,
      seconds,
      minutes,
    };
  }

  private totals(): Totals {
    return { ...this.recorder.totals(), watchers: this.watchers };
  }
}
