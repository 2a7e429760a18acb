import { refusal } from '../chat/errors.ts';
import { leave } from '../chat/membership.ts';
import { fold } from '../chat/names.ts';
import { command } from './row.ts';

export default command({
  verb: 'leave',
  aliases: ['part'],
  args: '[room]',
  summary: 'leave the current room, or the one named; the one before becomes current',
  details: ['Inside a room a bare `leave` leaves it; a line with more in it is said.'],
  need: 'user',
  run: async (ctx, [name]) => {
    const { session } = ctx;
    const named = name?.replace(/^#/, '');
    const seat =
      named === undefined ? session.current : session.seats.find(each => each.room.folded === fold(named));
    if (!seat) throw named === undefined ? refusal('no-current-room') : refusal('not-in-room', named);
    const left = seat.room.name;
    await leave(ctx.hub, session, ctx.user, seat.room);
    const current = session.current?.room.name ?? null;
    ctx.show({ left, current }, page =>
      page.notice(
        current === null ? `You left ${left}.` : `You left ${left}; lines you type now go to ${current}.`,
      ),
    );
  },
});
