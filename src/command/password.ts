import { protect } from '../chat/signin.ts';
import { command } from './row.ts';

export default command({
  verb: 'password',
  args: '<new…>',
  shown: '<new>',
  summary: 'protect the name you use with a password, or change its password',
  details: [
    'From then on the name is an account: nobody else can take it, and its rooms stay yours.',
    'A password may have spaces in it.',
  ],
  need: 'user',
  run: async (ctx, [password = '']) => {
    const outcome = await protect(ctx.hub, ctx.user, password);
    const { name } = ctx.user;
    ctx.show({ account: name, outcome }, page =>
      page.notice(
        outcome === 'protected'
          ? `${name} is your account now. Next time: login ${name} <password>`
          : 'Your password is changed.',
      ),
    );
  },
});
