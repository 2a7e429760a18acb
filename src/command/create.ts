import { create } from '../chat/membership.ts';
import { command } from './row.ts';

export default command({
  verb: 'create',
  args: '[name]',
  summary: 'make an unlisted room with a code to hand out',
  details: [
    'The room is in no list; whoever has its code gets in: join <code>',
    'With a name, the code starts with it. Add a key for a second lock: key <word>',
  ],
  need: 'user',
  run: (ctx, [name]) =>
    create(ctx.hub, ctx.session, ctx.user, name ?? null, ctx.randomBytes, joining =>
      ctx.show(joining, page => {
        page.notice(`You are in ${joining.room}, a room in no list. You are its operator.`);
        page.notice(`To let somebody in, hand out: /join ${joining.room}`);
      }),
    ),
});
