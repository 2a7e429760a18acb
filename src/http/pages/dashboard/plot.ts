/**
 * One plot: uPlot drawn in the page's own colours, with a legend that is part of the page (what the lines are
 * now, or where the cursor is) and a sentence that says the same to those who do not see it.
 */
import uPlot from 'uplot';
import type { Sample } from '../../dashboard.ts';
import { make, setText } from './dom.ts';
import { minuteOfDay, tick, timeOfDay } from './format.ts';
import { columns, gaps, type Range } from './samples.ts';

/** The colours are custom properties of the style sheet, by these names. */
export type Colour = 'plot-1' | 'plot-2' | 'plot-3';
type Side = 'left' | 'right';

export interface Line {
  readonly label: string;
  readonly colour: Colour;
  pick(sample: Sample): number;
  show(value: number): string;
  /** Lines of different sizes have a scale each. */
  readonly side: Side;
}

export interface Plan {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly Line[];
  /** Each line stands on the one after it. */
  readonly stacked?: boolean;
  /** What ticks may be apart; the scale never ends below the first. */
  readonly steps: readonly number[];
}

const HEIGHT = 210;
const AXIS = 62;
/** From the style sheet's `system-ui`; a canvas takes no custom property. */
const FONT = '12px system-ui, -apple-system, "Segoe UI", Roboto, Inter, "Noto Sans", sans-serif';
/** All plots point at the same moment. */
const CURSORS = 'moment';

/** Ticks of time, in seconds: 10 s to 6 h. */
const TIMES = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600];

export class Plot {
  readonly element: HTMLElement;
  private readonly place = make('div', 'canvas');
  private readonly moment = make('span', 'moment');
  private readonly sentence = make('p', 'unseen');
  private readonly values: readonly HTMLElement[];
  private readonly plot: uPlot;
  private samples: readonly Sample[] = [];
  private range: Range;

  constructor(
    private readonly plan: Plan,
    range: Range,
    private readonly empty: HTMLElement = make('p', 'none over'),
  ) {
    this.range = range;
    const items = plan.lines.map(line => {
      const value = make('span', 'number', '–');
      return {
        value,
        item: make('li', '', make('span', `swatch fill-${line.colour}`), `${line.label} `, value),
      };
    });
    this.values = items.map(({ value }) => value);
    this.element = make(
      'figure',
      'card plot',
      make('figcaption', '', make('h3', '', plan.title), this.moment),
      make('ul', 'legend', ...items.map(({ item }) => item)),
      this.place,
      empty,
      this.sentence,
    );
    this.element.id = `plot-${plan.id}`;
    this.place.ariaHidden = 'true';
    this.plot = new uPlot(this.options(), this.data(), this.place);
    new ResizeObserver(() => this.resize()).observe(this.place);
  }

  show(samples: readonly Sample[], range: Range): void {
    this.samples = samples;
    this.range = range;
    this.plot.setData(this.data());
    // One point is no line, and the axes of none are of nowhere.
    const enough = samples.length > 1;
    setText(this.empty, enough ? '' : waiting(range));
    this.place.classList.toggle('empty', !enough);
    this.legend();
    setText(this.sentence, this.describe());
  }

  /** Draws again, in the colours of now. */
  recolour(): void {
    this.plot.redraw(false);
  }

  private resize(): void {
    const width = this.place.clientWidth;
    if (width > 0 && width !== this.plot.width) this.plot.setSize({ width, height: HEIGHT });
  }

  private data(): uPlot.AlignedData {
    const { lines, stacked } = this.plan;
    const picks = lines.map((line, index) => {
      if (!stacked) return line.pick;
      const below = lines.slice(index);
      return (sample: Sample) => below.reduce((sum, other) => sum + other.pick(sample), 0);
    });
    return columns(this.samples, picks, this.range);
  }

  /** What the lines are where the cursor is; now, where there is none. */
  private legend(): void {
    const at = this.plot.cursor.idx;
    const time = at === null || at === undefined ? undefined : this.plot.data[0][at];
    const sample =
      time === undefined ? this.samples.at(-1) : this.samples.find(candidate => candidate.at === time);
    for (const [index, line] of this.plan.lines.entries()) {
      const value = this.values[index];
      if (value) setText(value, sample ? line.show(line.pick(sample)) : '–');
    }
    setText(this.moment, time === undefined ? '' : timeOfDay(time * 1000));
  }

  private describe(): string {
    const first = this.samples[0];
    const last = this.samples.at(-1);
    if (!first || !last) return waiting(this.range);
    const broken = gaps(this.samples, this.range);
    const parts = this.plan.lines.map(line => {
      const most = Math.max(...this.samples.map(line.pick));
      return `${line.label}: ${line.show(line.pick(last))} now, ${line.show(most)} at most.`;
    });
    const missing = broken === 0 ? 'no gap' : broken === 1 ? '1 gap' : `${broken} gaps`;
    return `From ${timeOfDay(first.at * 1000)} to ${timeOfDay(last.at * 1000)}, ${missing}. ${parts.join(' ')}`;
  }

  private options(): uPlot.Options {
    const { lines } = this.plan;
    const sides = [...new Set(lines.map(line => line.side))];
    return {
      width: 320,
      height: HEIGHT,
      padding: [10, sides.includes('right') ? 0 : 14, 0, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        sync: { key: CURSORS, setSeries: false },
        points: { size: 8, width: 2 },
      },
      hooks: { setCursor: [() => this.legend()] },
      scales: {
        x: { time: true, range: (_plot, min, max) => this.spanOf(min, max) },
        ...Object.fromEntries(sides.map(side => [side, { range: this.height() }])),
      },
      axes: [this.timeAxis(), ...sides.map(side => this.axis(side))],
      series: [{}, ...lines.map(line => this.series(line))],
      // Each line's area ends where the next begins.
      bands: this.plan.stacked
        ? lines.slice(1).map((_line, index): uPlot.Band => ({ series: [index + 1, index + 2] }))
        : [],
    };
  }

  private series(line: Line): uPlot.Series {
    const area = this.plan.stacked ? 0.55 : line.side === 'left' && line.colour === 'plot-1' ? 0.12 : 0;
    return {
      label: line.label,
      scale: line.side,
      width: 1.75,
      stroke: () => colour(line.colour),
      ...(area > 0 && {
        fill: () => `color-mix(in srgb, ${colour(line.colour)} ${area * 100}%, transparent)`,
      }),
      points: { show: false },
    };
  }

  private timeAxis(): uPlot.Axis {
    return {
      stroke: () => colour('soft'),
      font: FONT,
      size: 30,
      space: 64,
      gap: 6,
      incrs: TIMES,
      grid: { show: false },
      ticks: { stroke: () => colour('line'), size: 4, width: 1 },
      values: (_plot, splits, _axis, _space, step) =>
        splits.map(at => (step < 60 ? timeOfDay(at * 1000) : minuteOfDay(at * 1000))),
    };
  }

  private axis(side: Side): uPlot.Axis {
    const own = this.plan.lines.filter(line => line.side === side);
    const alone = own.length === 1 && own[0] && !this.plan.stacked ? own[0] : null;
    const show = (own[0] ?? this.plan.lines[0])?.show ?? String;
    return {
      scale: side,
      side: side === 'left' ? 3 : 1,
      stroke: () => colour(alone ? `${alone.colour}-text` : 'soft'),
      font: FONT,
      size: AXIS,
      space: 34,
      gap: 6,
      incrs: [...this.plan.steps],
      grid: { show: side === 'left', stroke: () => colour('grid'), width: 1 },
      ticks: { show: false },
      values: (_plot, splits) => splits.map(value => tick(value, show)),
    };
  }

  /** From nothing to a little above the highest. */
  private height(): uPlot.Range.Function {
    const least = this.plan.steps[0] ?? 1;
    return (_plot, _min, max) => [0, Math.max(least * 4, (max ?? 0) * 1.12)];
  }

  /** The newest is at the right edge; the left edge moves once the window is full. */
  private spanOf(min: number, max: number): uPlot.Range.MinMax {
    const { least, window } = this.range;
    if (!Number.isFinite(min) || !Number.isFinite(max)) return [0, least];
    return [max - Math.min(window, Math.max(least, max - min)), max];
  }
}

function waiting(range: Range): string {
  return range.step === 1 ? 'The first seconds are being counted.' : 'The first minutes are being counted.';
}

function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
