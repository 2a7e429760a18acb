/** The tiles: what matters most, in big numbers, with a word below that puts them in proportion. */
import type { Sample } from '../../dashboard.ts';
import { byId, make, setText, setTitle } from './dom.ts';
import { bytes, count, elapsed, exact, rate } from './format.ts';
import type { State } from './state.ts';

interface Tile {
  readonly id: string;
  readonly label: string;
  value(now: Sample): string;
  below(state: State): string;
  /** In full, where the value is rounded. */
  full?(now: Sample): string;
}

const people = (sample: Sample): number => sample.text + sample.json + sample.irc;

const MOST = 'at most in 10 min';
/** The stream tells of no more. */
const MOST_ROOMS = 200;

const TILES: readonly Tile[] = [
  { id: 'people', label: 'People', value: now => count(people(now)), below: () => '' },
  {
    id: 'messages',
    label: 'Messages a second',
    value: now => rate(now.messages),
    below: state => `${count(state.totals.messages)} in all`,
    full: now => exact(now.messages),
  },
  {
    id: 'deliveries',
    label: 'Deliveries a second',
    value: now => rate(now.deliveries),
    below: state => `${count(state.totals.deliveries)} in all`,
    full: now => exact(now.deliveries),
  },
  {
    id: 'room-count',
    label: 'Rooms',
    value: now => count(now.rooms),
    below: ({ rooms: { length } }) =>
      length < MOST_ROOMS ? `${length} of them listed, with people` : `${length} or more of them listed`,
  },
  {
    id: 'memory',
    label: 'Memory',
    value: now => bytes(now.memory),
    below: state => `${bytes(most(state, sample => sample.memory))} ${MOST}`,
  },
  {
    id: 'outbox',
    label: 'Outbox',
    value: now => bytes(now.outbox),
    below: state => `${bytes(most(state, sample => sample.outbox))} ${MOST}`,
  },
  {
    id: 'lag',
    label: 'Event-loop lag',
    value: now => elapsed(now.lag),
    below: state => `${elapsed(most(state, sample => sample.lag))} ${MOST}`,
  },
  {
    id: 'commit',
    label: 'Commit time',
    value: now => elapsed(now.commit),
    below: state => `${elapsed(most(state, sample => sample.commit))} ${MOST}`,
  },
];

/** Within the last ten minutes. */
function most(state: State, pick: (sample: Sample) => number): number {
  return state.seconds.reduce((top, sample) => Math.max(top, pick(sample)), 0);
}

const DIALECTS = ['text', 'json', 'irc'] as const;

export class Tiles {
  private readonly shown = TILES.map(tile => {
    const value = make('p', 'value', '–');
    value.id = `tile-${tile.id}`;
    const below = make('p', 'below');
    return { tile, value, below, card: make('div', 'card tile', make('h3', '', tile.label), value, below) };
  });
  private readonly split = new Split();

  constructor() {
    byId('tiles', HTMLElement).append(...this.shown.map(({ card }) => card));
    this.shown[0]?.below.replaceWith(this.split.element);
  }

  show(state: State): void {
    const now = state.seconds.at(-1);
    if (!now) return;
    for (const { tile, value, below } of this.shown) {
      setText(value, tile.value(now));
      if (tile.full) setTitle(value, tile.full(now));
      setText(below, tile.below(state));
    }
    this.split.show(now);
  }
}

/** People by dialect: a bar in parts, and each part's number. */
class Split {
  private readonly bar = make('div', 'split');
  private readonly parts = DIALECTS.map(dialect => {
    const part = make('span', `fill-${dialect}`);
    const number = make('span', 'number', '0');
    const label = make('li', '', make('span', `swatch fill-${dialect}`), `${dialect} `, number);
    this.bar.append(part);
    return { dialect, part, number, label };
  });
  readonly element = make(
    'div',
    'by-dialect',
    this.bar,
    make('ul', '', ...this.parts.map(part => part.label)),
  );

  constructor() {
    this.bar.ariaHidden = 'true';
  }

  show(now: Sample): void {
    for (const { dialect, part, number } of this.parts) {
      part.style.flexGrow = String(now[dialect]);
      setText(number, count(now[dialect]));
    }
  }
}
