import { register } from '../chat/signin.ts';
import { command } from './row.ts';
import { saySignIn } from './say.ts';

export default command({
  verb: 'register',
  aliases: ['nick'],
  args: '<name> [password…]',
  shown: '<name> [password]',
  summary: 'take a free name; with a password it becomes your account',
  details: [
    'A name without a password is yours until you leave. Messages that wait for it go to whoever takes it next.',
    'An account keeps its rooms, its settings and its place in every conversation, over disconnects and restarts.',
  ],
  need: 'visitor',
  run: (ctx, [name = '', password]) =>
    register(ctx.hub, ctx.session, name, password ?? null, step =>
      ctx.show(step, page => saySignIn(step, page)),
    ),
});
