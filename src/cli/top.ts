/** `parley top`: who is connected and how busy it is, live. Where it is no terminal, one look and no more. */
import * as v from 'valibot';
import { Refusal } from '../chat/errors.ts';
import type { Clock } from '../chat/ports.ts';
import { codeOf } from '../config/world.ts';
import { CONNECTIONS } from '../http/api/operator-shapes.ts';
import { systemClock } from '../ops/clock.ts';
import { type Desk, NobodyThere } from './desk.ts';
import { EXIT } from './edge.ts';
import { eventsIn } from './event-reader.ts';
import { catchKeys } from './keys.ts';
import { leaving } from './leave.ts';
import { operatorCommand, type Work } from './operate.ts';
import { Screen, type Size } from './screen.ts';
import { COLUMNS, roomFor, type TopState, topLines, topPage } from './top-view.ts';

const SAMPLE = v.object({
  at: v.number(),
  text: v.number(),
  json: v.number(),
  irc: v.number(),
  rooms: v.number(),
  messages: v.number(),
  deliveries: v.number(),
  lag: v.number(),
  commit: v.number(),
  outbox: v.number(),
  memory: v.number(),
});
const HEALTH = v.object({
  state: v.picklist(['ok', 'slow', 'stalled', 'full', 'stopping']),
  why: v.string(),
});
const HELLO = v.object({
  version: v.string(),
  server: v.string(),
  startedAt: v.number(),
  health: HEALTH,
  seconds: v.array(SAMPLE),
});
const TICK = v.object({ sample: SAMPLE, health: HEALTH });

/** Columns where nobody says how many there are. */
const USUAL_COLUMNS = 110;
/** Connections shown where it is no terminal. */
const SHOWN_ONCE = 50;
/** ms until it is tried again where nobody answers. */
const TRY_AGAIN = 1000;

/** Follows one daemon; what is done with it is the caller's. */
export class Top {
  state: TopState;
  private asking = false;

  constructor(
    private readonly desk: Desk,
    private readonly clock: Clock,
  ) {
    this.state = {
      version: '',
      server: '',
      startedAt: clock.now(),
      now: clock.now(),
      health: { state: 'ok', why: '' },
      sample: null,
      total: 0,
      connections: [],
      sort: 'linesPerMinute',
      order: 'desc',
      notice: '',
    };
  }

  /** Calls `changed` after each second, until the stream ends; once only where it says so. */
  async follow(signal: AbortSignal, changed: () => Promise<'more' | 'enough'>): Promise<void> {
    for await (const { event, data } of eventsIn(await this.desk.open('/events', signal))) {
      if (!this.take(event, JSON.parse(data))) continue;
      if ((await changed()) === 'enough') return;
    }
  }

  /** The connections that are to be shown now. One question at a time. */
  async look(limit: number): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      const { sort, order } = this.state;
      const path = `/api/connections?sort=${sort}&order=${order}&limit=${Math.min(limit, 500)}`;
      const { total, connections } = await this.desk.ask('GET', path, CONNECTIONS);
      this.state = { ...this.state, total, connections, now: this.clock.now() };
    } finally {
      this.asking = false;
    }
  }

  /** What a key does: to the order, or that it is enough. */
  press(key: string | null): 'more' | 'enough' | 'nothing' {
    if (key === null || key === 'q' || key === 'Q' || key === '\x03' || key === '\x04') return 'enough';
    const at = COLUMNS.findIndex(({ sort }) => sort === this.state.sort);
    const step = key === '\x1b[C' || key === '\t' ? 1 : key === '\x1b[D' ? -1 : 0;
    if (step !== 0) {
      const next = COLUMNS[(at + step + COLUMNS.length) % COLUMNS.length];
      if (next) this.state = { ...this.state, sort: next.sort, order: next.first };
    } else if (key === 'r')
      this.state = { ...this.state, order: this.state.order === 'asc' ? 'desc' : 'asc' };
    else return 'nothing';
    return 'more';
  }

  /** False where it changes nothing that is shown. */
  private take(event: string, data: unknown): boolean {
    const hello = event === 'hello' ? v.safeParse(HELLO, data) : null;
    const tick = event === 'tick' ? v.safeParse(TICK, data) : null;
    if (hello?.success) {
      const { version, server, startedAt, health, seconds } = hello.output;
      const sample = seconds.at(-1) ?? null;
      this.state = { ...this.state, version, server, startedAt, health, sample, notice: '' };
    } else if (tick?.success) this.state = { ...this.state, ...tick.output, notice: '' };
    else return false;
    return true;
  }
}

export const TOP: Work = {
  run: (_, desk, io) => (process.stdout.isTTY ? live(desk) : once(desk, io.print)),
};

async function once(desk: Desk, print: (text: string) => Promise<void>): Promise<undefined> {
  const top = new Top(desk, systemClock);
  const aborter = new AbortController();
  await top.follow(aborter.signal, async () => {
    await top.look(SHOWN_ONCE);
    return 'enough';
  });
  aborter.abort();
  await print(topPage(top.state, Number(process.env['COLUMNS']) || USUAL_COLUMNS));
  return undefined;
}

async function live(desk: Desk): Promise<number> {
  const { stdout, stdin, env } = process;
  const top = new Top(desk, systemClock);
  const screen = new Screen(stdout, !env['NO_COLOR'] && env['TERM'] !== 'dumb');
  const { signal, leave, restore } = leaving();
  const draw = (): void => {
    if (!signal.aborted) screen.draw(topLines(top.state, screen.size));
  };
  const look = async (size: Size): Promise<void> => {
    await top.look(roomFor(size));
    draw();
  };
  const pressed = (key: string | null): void => {
    const what = top.press(key);
    if (what === 'enough') leave();
    else if (what === 'more') look(screen.size).catch(() => {});
  };
  let restoreKeys = (): void => {};
  stdout.on('resize', draw);
  try {
    let shown = false;
    while (!signal.aborted) {
      try {
        await top.follow(signal, async () => {
          if (!shown && stdin.isTTY) restoreKeys = catchKeys(pressed);
          shown = true;
          await look(screen.size);
          return 'more';
        });
      } catch (error) {
        // Once it was there, it may be away for a while: a restart, an upgrade.
        if (!signal.aborted && !(shown && isAway(error))) throw error;
      }
      top.state = { ...top.state, notice: 'parley does not answer: trying again each second (q leaves)' };
      draw();
      await pause(systemClock, TRY_AGAIN, signal);
    }
    return EXIT.ok;
  } finally {
    stdout.off('resize', draw);
    restoreKeys();
    screen.close();
    restore();
  }
}

function isAway(error: unknown): boolean {
  return error instanceof NobodyThere || error instanceof Refusal || codeOf(error) !== '';
}

/** Until so many ms are over, or it is time to leave. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    const cancel = clock.after(ms, resolve);
    signal.addEventListener('abort', () => {
      cancel();
      resolve();
    });
  });
}

export default operatorCommand('top', TOP);
