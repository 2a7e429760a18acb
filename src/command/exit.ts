import { clean } from '../chat/text.ts';
import { command } from './row.ts';

export default command({
  verb: 'exit',
  aliases: ['quit'],
  args: '[why…]',
  summary: 'leave parley',
  details: ['An account stays in its rooms and finds what it missed on coming back; a guest leaves them.'],
  need: 'any',
  run: (ctx, [why = '']) => {
    ctx.show({ bye: true }, page => page.notice('Bye.'));
    ctx.session.link.close('exit', clean(why));
  },
});
