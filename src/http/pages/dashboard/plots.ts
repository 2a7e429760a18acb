/** Which plots there are, and how far back they go. */
import { byId } from './dom.ts';
import { bytes, count, elapsed, rate } from './format.ts';
import { type Plan, Plot } from './plot.ts';
import { MINUTES, SECONDS } from './samples.ts';
import type { State } from './state.ts';

const TENS = [1, 2, 5].flatMap(step => Array.from({ length: 10 }, (_, power) => step * 10 ** power));
const COUNTS = TENS.toSorted((a, b) => a - b);
const TIMES = COUNTS.map(step => step / 1000);
const SIZES = Array.from({ length: 40 }, (_, power) => 256 * 2 ** power);

const PLANS: readonly Plan[] = [
  {
    id: 'lines',
    title: 'Messages and deliveries a second',
    steps: COUNTS,
    lines: [
      { label: 'messages', colour: 'plot-1', side: 'left', pick: at => at.messages, show: rate },
      { label: 'deliveries', colour: 'plot-2', side: 'right', pick: at => at.deliveries, show: rate },
    ],
  },
  {
    id: 'times',
    title: 'Event-loop lag and commit time, the longest',
    steps: TIMES,
    lines: [
      { label: 'lag', colour: 'plot-1', side: 'left', pick: at => at.lag, show: elapsed },
      { label: 'commit', colour: 'plot-2', side: 'left', pick: at => at.commit, show: elapsed },
    ],
  },
  {
    id: 'people',
    title: 'People by dialect',
    steps: COUNTS,
    stacked: true,
    lines: [
      { label: 'text', colour: 'plot-1', side: 'left', pick: at => at.text, show: count },
      { label: 'irc', colour: 'plot-3', side: 'left', pick: at => at.irc, show: count },
      { label: 'json', colour: 'plot-2', side: 'left', pick: at => at.json, show: count },
    ],
  },
  {
    id: 'bytes',
    title: 'Memory and outbox',
    steps: SIZES,
    lines: [
      { label: 'memory', colour: 'plot-1', side: 'left', pick: at => at.memory, show: bytes },
      { label: 'outbox', colour: 'plot-2', side: 'right', pick: at => at.outbox, show: bytes },
    ],
  },
];

export class Plots {
  private readonly plots = PLANS.map(plan => new Plot(plan, SECONDS));
  private state: State | null = null;
  private drawing = 0;

  constructor() {
    byId('plots', HTMLElement).append(...this.plots.map(plot => plot.element));
    byId('range', HTMLElement).addEventListener('change', () => this.draw());
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
      for (const plot of this.plots) plot.recolour();
    });
  }

  /** Drawn once a frame at most, and not at all while nobody looks. */
  show(state: State): void {
    this.state = state;
    this.drawing ||= requestAnimationFrame(() => this.draw());
  }

  private draw(): void {
    this.drawing = 0;
    if (!this.state) return;
    const minutes =
      byId('range', HTMLElement).querySelector<HTMLInputElement>('input:checked')?.value === 'minutes';
    for (const plot of this.plots) {
      if (minutes) plot.show(this.state.minutes, MINUTES);
      else plot.show(this.state.seconds, SECONDS);
    }
  }
}
