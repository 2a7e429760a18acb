import { unban } from '../chat/moderation.ts';
import { command } from './row.ts';

export default command({
  verb: 'unban',
  args: '<name-or-address>',
  summary: 'lift a ban of the current room',
  details: ['A name lifts the ban on the address it was on as well. To see them: ban'],
  need: 'operator',
  run: async (ctx, [what = '']) => {
    const { room } = ctx.seat;
    const lifted = await unban(ctx.hub, ctx.session, ctx.user, room, what);
    ctx.show({ unbanned: lifted, room: room.name }, page =>
      page.notice(`No longer banned: ${lifted.join(', ')}.`),
    );
  },
});
