import { announcePresence } from '../chat/people.ts';
import { clean } from '../chat/text.ts';
import { command } from './row.ts';

export default command({
  verb: 'away',
  args: '[why…]',
  summary: 'say that you are away, and why; again without a word: you are back',
  details: ['Who writes to you privately is told. Your rooms are told as well.'],
  need: 'user',
  run: (ctx, [why]) => {
    const { user } = ctx;
    const away = why !== undefined || user.away === null;
    user.away = away ? clean(why ?? '') : null;
    announcePresence(ctx.hub, user, away ? 'away' : 'back', user.away ?? '');
    ctx.show({ away: user.away }, page =>
      page.notice(away ? 'You are away. To be back: /away' : 'You are back.'),
    );
  },
});
