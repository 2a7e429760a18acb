/** The dashboard: hands what the stream says to the parts of the page, and what an operator does to the API. */
import { Account } from './account.ts';
import { Actions } from './actions.ts';
import { Bans } from './bans.ts';
import { Connections } from './connections.ts';
import { byId } from './dom.ts';
import { Header } from './header.ts';
import { Plots } from './plots.ts';
import { Movements, Rooms, Sums } from './rooms.ts';
import { next, type State } from './state.ts';
import { Stream } from './stream.ts';
import { Tiles } from './tiles.ts';

const failed = (error: unknown): void => account.failed(error);
const actions = new Actions(() => {
  connections.soon(0);
  void bans.refresh();
}, failed);
const bans = new Bans(ban => void actions.lift(ban), failed);
const connections = new Connections(
  {
    kick: connection => void actions.kick(connection),
    ban: connection => void actions.ban(connection),
  },
  failed,
);
const account = new Account(operator => {
  connections.show(operator);
  if (operator) void bans.refresh();
  else bans.hide();
});
byId('announce', HTMLElement).addEventListener('click', () => void actions.announce());
byId('ban', HTMLElement).addEventListener('click', () => void actions.ban());

const header = new Header();
const parts = [
  header,
  new Tiles(),
  new Plots(),
  new Rooms({ close: room => void actions.closeRoom(room), unlist: room => void actions.unlist(room) }),
  new Movements(),
  new Sums(),
];
let state: State | null = null;
const stream = new Stream(
  '/events',
  event => {
    state = next(state, event);
    if (!state) return;
    for (const part of parts) part.show(state);
  },
  streamState => {
    header.showStream(streamState);
    // Each time anew: a server that was started again has forgotten who was signed in.
    if (streamState === 'live') void account.refresh();
  },
);
stream.open();
