import { invite } from '../chat/moderation.ts';
import { command } from './row.ts';

export default command({
  verb: 'invite',
  args: '<name>',
  summary: 'tell somebody online of the current room',
  details: ['From an operator it also lets them in once, in spite of a key or a ban.'],
  need: 'room',
  run: (ctx, [given = '']) => {
    const { room } = ctx.seat;
    const name = invite(ctx.hub, ctx.user, room, given);
    ctx.show({ invited: name, room: room.name }, page => page.notice(`${name} was told of ${room.name}.`));
  },
});
