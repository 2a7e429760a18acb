/** The bans of the server, for an operator. */
import { type Ban, call } from './api.ts';
import { bodyOf, button, byId, KeyedList, make, setText, setTitle } from './dom.ts';
import { counted } from './format.ts';

export class Bans {
  private readonly section = byId('bans', HTMLElement);
  private readonly none = byId('bans-none', HTMLElement);
  private readonly count = byId('bans-count', HTMLElement);
  private readonly list: KeyedList<Ban>;

  constructor(
    lift: (ban: Ban) => void,
    private readonly failed: (error: unknown) => void,
  ) {
    this.list = new KeyedList(
      bodyOf('bans-table'),
      ban => ban.label,
      () => {
        let shown: Ban | null = null;
        const what = make('th', 'name');
        what.scope = 'row';
        const kind = make('td', 'kind');
        const reason = make('td', 'reason');
        const undo = button('Lift', 'small', () => shown && lift(shown));
        return {
          element: make('tr', '', what, kind, reason, make('td', 'actions', make('div', '', undo))),
          update: ban => {
            shown = ban;
            setText(what, ban.what);
            setTitle(what, ban.what);
            setText(kind, ban.kind);
            setText(reason, ban.reason || '–');
            undo.ariaLabel = `Lift the ban on ${ban.what}`;
          },
        };
      },
    );
  }

  hide(): void {
    this.section.hidden = true;
    this.list.set([]);
  }

  async refresh(): Promise<void> {
    try {
      const { bans } = await call<{ bans: readonly Ban[] }>('GET', '/api/bans');
      this.section.hidden = false;
      this.list.set(bans);
      this.none.hidden = bans.length > 0;
      setText(this.count, bans.length === 0 ? '' : counted(bans.length, 'ban', 'bans'));
    } catch (error) {
      this.failed(error);
    }
  }
}
