import { join } from '../chat/membership.ts';
import { command } from './row.ts';
import { sayJoining } from './say.ts';

export default command({
  verb: 'join',
  aliases: ['j'],
  args: '<room> [key]',
  summary: 'go into a room, or make it your current one; a room that is not there is made',
  details: [
    'Shows who is in it and the last lines said. Being in several rooms is fine; the last joined is current.',
    'The first in a room is its operator. An unlisted room is joined by its code.',
  ],
  need: 'user',
  run: (ctx, [room = '', key]) =>
    join(ctx.hub, ctx.session, ctx.user, room, key ?? null, joining =>
      ctx.show(joining, page => sayJoining(joining, page)),
    ),
});
