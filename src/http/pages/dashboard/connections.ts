/**
 * Every connection, for an operator: sorted and searched by the server, a page at a time, asked for again
 * every two seconds while the table can be seen.
 */
import { type Connection, type ConnectionPage, call } from './api.ts';
import { bodyOf, button, byId, KeyedList, make, type Shown, setText, setTitle } from './dom.ts';
import { bytes, counted, exact, moment, rate, span } from './format.ts';

const PAGE = 25;
const REFRESH = 2000;
/** After the last key of a search. */
const TYPING = 250;

export interface ConnectionActions {
  kick(connection: Connection): void;
  ban(connection: Connection): void;
}

interface Column {
  readonly sort: keyof Connection;
  readonly label: string;
  /** `minor` is left out where there is little room. */
  readonly look: string;
  /** The order that a first press asks for: the biggest numbers, but names from A. */
  readonly first: 'asc' | 'desc';
  show(connection: Connection): string;
}

const COLUMNS: readonly Column[] = [
  { sort: 'name', label: 'Name', look: 'name', first: 'asc', show: of => of.name ?? 'not signed in' },
  { sort: 'address', label: 'Address', look: 'address', first: 'asc', show: of => of.address },
  { sort: 'dialect', label: 'Dialect', look: 'minor', first: 'asc', show: of => of.dialect },
  {
    sort: 'rooms',
    label: 'Rooms',
    look: 'minor rooms',
    first: 'desc',
    show: of => of.rooms.join(', ') || '–',
  },
  {
    sort: 'linesPerMinute',
    label: 'Lines/min',
    look: 'number minor',
    first: 'desc',
    show: of => rate(of.linesPerMinute),
  },
  {
    sort: 'outboxBytes',
    label: 'Outbox',
    look: 'number minor',
    first: 'desc',
    show: of => bytes(of.outboxBytes),
  },
  { sort: 'idleMs', label: 'Idle', look: 'number minor', first: 'desc', show: of => span(of.idleMs) },
  {
    sort: 'connectedAt',
    label: 'Since',
    look: 'number minor',
    first: 'desc',
    show: of => moment(of.connectedAt, Date.now()),
  },
];

export class Connections {
  private readonly section = byId('connections', HTMLElement);
  private readonly table = byId('connections-table', HTMLTableElement);
  private readonly none = byId('connections-none', HTMLElement);
  private readonly count = byId('connections-count', HTMLElement);
  private readonly page = byId('connections-page', HTMLElement);
  private readonly search = byId('connections-search', HTMLInputElement);
  private readonly back = byId('connections-back', HTMLButtonElement);
  private readonly on = byId('connections-on', HTMLButtonElement);
  private readonly list: KeyedList<Connection>;
  private readonly heads = new Map<Column, HTMLTableCellElement>();
  private sort: keyof Connection = 'linesPerMinute';
  private order: 'asc' | 'desc' = 'desc';
  private offset = 0;
  private timer = 0;
  private asking: AbortController | null = null;
  private operator = false;
  private seen = false;

  constructor(
    private readonly actions: ConnectionActions,
    private readonly failed: (error: unknown) => void,
  ) {
    this.list = new KeyedList(
      bodyOf('connections-table'),
      connection => String(connection.id),
      () => this.row(),
    );
    this.makeHeads();
    this.search.addEventListener('input', () => {
      this.offset = 0;
      this.soon(TYPING);
    });
    this.back.addEventListener('click', () => this.turn(-PAGE));
    this.on.addEventListener('click', () => this.turn(PAGE));
    document.addEventListener('visibilitychange', () => this.soon(0));
    new IntersectionObserver(entries => {
      this.seen = entries.at(-1)?.isIntersecting ?? false;
      if (this.seen) this.soon(0);
    }).observe(this.section);
  }

  show(operator: boolean): void {
    this.operator = operator;
    this.section.hidden = !operator;
    if (operator) void this.refresh();
    else this.list.set([]);
  }

  /** Asks again after `ms`; what was asked before and is not answered yet is of no interest any more. */
  soon(ms: number): void {
    clearTimeout(this.timer);
    if (!this.operator || !this.seen || document.hidden) return;
    this.timer = setTimeout(() => void this.refresh(), ms);
  }

  private async refresh(): Promise<void> {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    const search = this.search.value.trim();
    const query = new URLSearchParams({
      sort: this.sort,
      order: this.order,
      limit: String(PAGE),
      offset: String(this.offset),
      ...(search && { search }),
    });
    try {
      const answer = await call<ConnectionPage>('GET', `/api/connections?${query}`, undefined, asking.signal);
      if (asking.signal.aborted) return;
      this.soon(REFRESH);
      this.fill(answer);
    } catch (error) {
      if (asking.signal.aborted) return;
      this.soon(REFRESH);
      this.failed(error);
    }
  }

  private fill({ total, connections }: ConnectionPage): void {
    // Fewer than before: this page may be past the end now.
    if (connections.length === 0 && this.offset > 0) {
      this.turn(-PAGE);
      return;
    }
    this.list.set(connections);
    const searched = this.search.value.trim();
    this.none.hidden = connections.length > 0;
    setText(this.none, searched ? `No connection fits “${searched}”.` : 'Nobody is connected.');
    setText(this.count, counted(total, 'connection', 'connections') + (searched ? ' found' : ''));
    const last = this.offset + connections.length;
    setText(
      this.page,
      connections.length === 0 ? '' : `${exact(this.offset + 1)}–${exact(last)} of ${exact(total)}`,
    );
    this.back.disabled = this.offset === 0;
    this.on.disabled = last >= total;
  }

  private turn(by: number): void {
    this.offset = Math.max(0, this.offset + by);
    this.soon(0);
  }

  private makeHeads(): void {
    const row = this.table.tHead?.rows[0];
    for (const column of COLUMNS) {
      const head = make('th', column.look);
      head.scope = 'col';
      head.append(button(column.label, 'sort', () => this.sortBy(column)));
      this.heads.set(column, head);
      row?.append(head);
    }
    const last = make('th', '', make('span', 'unseen', 'Actions'));
    last.scope = 'col';
    row?.append(last);
    this.markSort();
  }

  private sortBy(column: Column): void {
    const again = this.sort === column.sort;
    this.order = again ? (this.order === 'asc' ? 'desc' : 'asc') : column.first;
    this.sort = column.sort;
    this.offset = 0;
    this.markSort();
    this.soon(0);
  }

  private markSort(): void {
    for (const [column, head] of this.heads) {
      const sorted = column.sort === this.sort;
      if (sorted) head.ariaSort = this.order === 'asc' ? 'ascending' : 'descending';
      else head.removeAttribute('aria-sort');
    }
  }

  private row(): Shown<Connection> {
    let shown: Connection | null = null;
    const cells = COLUMNS.map(column => ({
      column,
      cell: make(column.sort === 'name' ? 'th' : 'td', column.look),
    }));
    const kick = button('Kick', 'small', () => shown && this.actions.kick(shown));
    const ban = button('Ban', 'small danger', () => shown && this.actions.ban(shown));
    const element = make(
      'tr',
      '',
      ...cells.map(({ cell }) => cell),
      make('td', 'actions', make('div', '', kick, ban)),
    );
    return {
      element,
      update: connection => {
        shown = connection;
        element.classList.toggle('unnamed', connection.name === null);
        for (const { column, cell } of cells) {
          if (column.sort === 'name') cell.scope = 'row';
          const text = column.show(connection);
          setText(cell, text);
          setTitle(cell, text);
        }
        const who = connection.name ?? connection.address;
        kick.ariaLabel = `Kick ${who}`;
        ban.ariaLabel = `Ban ${who}`;
      },
    };
  }
}
