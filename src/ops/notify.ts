/**
 * What a service manager is told (sd_notify(3)): that parley is ready, how it does in one line, that it reloads,
 * stops, or why it could not start; and every so often that its event loop still turns.
 *
 * All of it is said from the event loop: one that hangs falls silent, and systemd starts parley anew.
 */
import type { ErrorCode, Refusal } from '../chat/errors.ts';
import type { Clock, Log } from '../chat/ports.ts';
import { clean } from '../chat/text.ts';

/** The way to the service manager. */
export interface Manager {
  /** Hands one message over; false where that failed. */
  send(message: string): boolean;
  /** CLOCK_MONOTONIC, by which systemd tells a reload it asked for from one before. */
  microseconds(): bigint;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** ms between two looks at the status. */
const LOOK = 5000;
/** ms that stopping may take beyond the draining: the last answers over HTTP, and closing the store. */
const CLOSING = 10_000;

export class Notify {
  private status: () => string = () => '';
  /** As the manager has it. */
  private told = '';
  /** Why the last reload changed nothing; '' where it did. */
  private warning = '';
  private stops: (() => void)[] = [];

  /** `alive`: ms between two signs of life; 0 where nobody waits for them. */
  constructor(
    private readonly manager: Manager,
    private readonly clock: Clock,
    private readonly alive: number,
  ) {}

  /** It listens. From now on `status` is asked for how it does. */
  ready(status: () => string): void {
    this.status = status;
    this.tell('READY=1', status());
    this.every(LOOK, () => this.look());
    if (this.alive > 0) this.every(this.alive, () => this.manager.send('WATCHDOG=1'));
  }

  reloading(): void {
    this.tell(`RELOADING=1\nMONOTONIC_USEC=${this.manager.microseconds()}`, 'reading the settings again');
  }

  /** The settings are in force, or with `refused` the old ones still are. */
  reloaded(refused: Refusal | null): void {
    this.warning = refused ? `; not reloaded: ${refused.message}` : '';
    this.tell('READY=1', this.line());
  }

  /** It stops, and may drain for `drain` ms. */
  stopping(drain: number): void {
    this.tell(`STOPPING=1\nEXTEND_TIMEOUT_USEC=${(drain + CLOSING) * 1000}`, this.line());
  }

  /** It could not start. */
  failed({ code, message }: Refusal): void {
    this.tell(`ERRNO=${ERRNO[code] ?? EIO}`, message);
  }

  /** Says nothing more. */
  close(): void {
    for (const stop of this.stops) stop();
    this.stops = [];
  }

  private look(): void {
    const line = this.line();
    if (line !== this.told) this.tell('', line);
  }

  private line(): string {
    return `${this.status()}${this.warning}`;
  }

  private tell(state: string, status: string): void {
    const line = clean(status);
    if (this.manager.send(`${state}${state === '' ? '' : '\n'}STATUS=${line}`)) this.told = line;
  }

  private every(ms: number, run: () => void): void {
    const at = this.stops.length;
    const next = () => {
      this.stops[at] = this.clock.after(ms, () => {
        next();
        run();
      });
    };
    next();
  }
}

const EIO = 5;
/** Numbers of Linux, for what a start is refused with; anything else is an EIO. */
const ERRNO: Partial<Record<ErrorCode, number>> = {
  'bad-setting': 22,
  'bad-certificate': 22,
  'port-in-use': 98,
  'cannot-listen': 99,
  'data-in-use': 16,
  'data-not-writable': 13,
  'database-corrupt': 117,
};

/** Whom to notify; null where nobody asked to be, or (said in the log) cannot be reached. */
export async function notifyOf(
  env: Environment,
  pid: number,
  clock: Clock,
  log: Log,
): Promise<Notify | null> {
  const path = env['NOTIFY_SOCKET'];
  if (!path) return null;
  // Loaded here, so that a parley without a service manager is none the slower.
  const { reachManager } = await import('./notify-socket.ts');
  const manager = await reachManager(path);
  if (typeof manager !== 'string') return new Notify(manager, clock, signsOfLife(env, pid));
  log.warn('the service manager is told nothing', { NOTIFY_SOCKET: path, why: manager });
  return null;
}

/** ms between two signs of life: half of what the watchdog waits. 0 where it is not this process it waits for. */
export function signsOfLife(env: Environment, pid: number): number {
  const { WATCHDOG_USEC: within = '', WATCHDOG_PID: whose } = env;
  if (whose && whose !== String(pid)) return 0;
  return /^[1-9]\d{0,15}$/.test(within) ? Math.max(1, Math.floor(Number(within) / 2000)) : 0;
}
