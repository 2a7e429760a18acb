/** The rooms that may be seen, who came and left lately, and the sums since the start. */
import type { Movement, RoomLine, Totals } from '../../dashboard.ts';
import { bodyOf, button, byId, KeyedList, make, type Shown, setText, setTitle } from './dom.ts';
import { count, counted, moment, rate, timeOfDay, words } from './format.ts';
import type { State } from './state.ts';

/** What an operator may do with a room. */
export interface RoomActions {
  close(room: string): void;
  unlist(room: string): void;
}

export class Rooms {
  private readonly list: KeyedList<RoomLine>;
  private readonly none = byId('rooms-none', HTMLElement);
  private readonly count = byId('rooms-count', HTMLElement);

  constructor(private readonly actions: RoomActions) {
    this.list = new KeyedList(
      bodyOf('rooms'),
      room => room.name,
      () => this.row(),
    );
  }

  show(state: State): void {
    this.list.set(state.rooms);
    this.none.hidden = state.rooms.length > 0;
    setText(
      this.count,
      state.rooms.length === 0 ? '' : `${count(state.rooms.length)} shown, the fullest first`,
    );
  }

  private row(): Shown<RoomLine> {
    const name = make('th', 'name');
    name.scope = 'row';
    const people = make('td', 'number');
    const lines = make('td', 'number lines');
    let room = '';
    const unlist = button('Unlist', 'small', () => this.actions.unlist(room));
    const close = button('Close', 'small danger', () => this.actions.close(room));
    const actions = make('td', 'operator-only actions', make('div', '', unlist, close));
    return {
      element: make('tr', '', name, people, lines, actions),
      update: line => {
        room = line.name;
        setText(name, room);
        setTitle(name, room);
        setText(people, count(line.people));
        setText(lines, rate(line.perMinute));
        unlist.ariaLabel = `Unlist ${room}`;
        close.ariaLabel = `Close ${room}`;
      },
    };
  }
}

export class Movements {
  private readonly none = byId('movements-none', HTMLElement);
  private readonly list = new KeyedList<Movement>(
    byId('movements', HTMLElement),
    movement => `${movement.at} ${movement.kind} ${movement.room} ${movement.name}`,
    () => {
      const time = make('time', 'at');
      const name = make('b', 'name');
      const did = make('span', 'did');
      const room = make('b', 'name');
      const element = make('li', '', time, make('span', 'what', name, did, room));
      return {
        element,
        update: movement => {
          element.dataset['kind'] = movement.kind;
          setText(time, timeOfDay(movement.at));
          time.dateTime = new Date(movement.at).toISOString();
          setText(name, movement.name);
          setText(did, movement.kind === 'join' ? ' joined ' : ' left ');
          setText(room, movement.room);
        },
      };
    },
  );

  show(state: State): void {
    this.list.set(state.movements);
    this.none.hidden = state.movements.length > 0;
  }
}

const TOTALS: readonly [label: string, value: (totals: Totals) => number][] = [
  ['Messages', totals => totals.messages],
  ['Deliveries', totals => totals.deliveries],
  ['Connections', totals => totals.connections],
  ['Sign-ins', totals => totals.signIns],
  ['Skipped lines', totals => totals.skipped],
];

export class Sums {
  private readonly since = byId('since', HTMLElement);
  private readonly watchers = byId('watchers', HTMLElement);
  private readonly none = byId('closed-none', HTMLElement);
  private readonly values = TOTALS.map(([label, value]) => ({ value, label, shown: make('dd', '', '–') }));
  private readonly closed = new KeyedList<Closed>(
    byId('closed', HTMLElement),
    closed => closed.reason,
    () => {
      const reason = make('span', 'name');
      const number = make('span', 'number');
      const bar = make('span', 'bar');
      return {
        element: make('li', '', reason, number, bar),
        update: closed => {
          setText(reason, words(closed.reason));
          setText(number, count(closed.count));
          bar.style.width = `${(100 * closed.count) / closed.most}%`;
        },
      };
    },
  );

  constructor() {
    byId('totals', HTMLElement).append(
      ...this.values.map(({ label, shown }) => make('div', '', make('dt', '', label), shown)),
    );
  }

  show(state: State): void {
    for (const { value, shown } of this.values) {
      setText(shown, count(value(state.totals)));
    }
    setText(this.since, moment(state.startedAt, state.now));
    setText(this.watchers, `${counted(state.totals.watchers, 'watcher', 'watchers')} of this page`);
    const closed = byCount(state.totals.closed);
    this.closed.set(closed);
    this.none.hidden = closed.length > 0;
  }
}

interface Closed {
  readonly reason: string;
  readonly count: number;
  readonly most: number;
}

function byCount(closed: Totals['closed']): Closed[] {
  const entries = Object.entries(closed).filter(([, count]) => count > 0);
  const most = Math.max(1, ...entries.map(([, count]) => count));
  return entries.map(([reason, count]) => ({ reason, count, most })).sort((a, b) => b.count - a.count);
}
