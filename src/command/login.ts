import { refusal } from '../chat/errors.ts';
import { login } from '../chat/signin.ts';
import { command } from './row.ts';
import { saySignIn } from './say.ts';

export default command({
  verb: 'login',
  args: '<name> [password…]',
  shown: '<name> [password]',
  summary: 'sign in to your account; without the password, it is asked for',
  details: [
    'You are shown what was said in your rooms while you were away, then the messages that waited for you.',
    'An account may be signed in several times at once; every session hears everything.',
  ],
  need: 'visitor',
  run: async (ctx, [name = '', given]) => {
    const password = given ?? (await ctx.ask('Password:'));
    if (password === null) throw refusal('missing-argument', 'login <name> <password>');
    await login(ctx.hub, ctx.session, name, password, step => ctx.show(step, page => saySignIn(step, page)));
  },
});
