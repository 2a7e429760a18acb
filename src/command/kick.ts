import { kick } from '../chat/moderation.ts';
import { command } from './row.ts';

export default command({
  verb: 'kick',
  args: '<name> [why…]',
  summary: 'put somebody out of the current room',
  details: ['They may come back; to keep them out: ban <name>'],
  need: 'operator',
  run: async (ctx, [name = '', why = '']) => {
    const { room } = ctx.seat;
    const kicked = await kick(ctx.hub, ctx.session, ctx.user, room, name, why);
    ctx.show({ kicked, room: room.name }, page => page.notice(`${kicked} is out of ${room.name}.`));
  },
});
