import { searchFor } from '../chat/reading.ts';
import { command } from './row.ts';
import { asSeenBy, count } from './say.ts';

const MOST = 50;

export default command({
  verb: 'search',
  args: '<words…>',
  summary: 'find lines in your rooms, and in your private messages',
  details: [
    'All words must occur. "Quotes" make a phrase; a star after three letters or more stands for any ending.',
    `Shows the newest ${MOST}.`,
  ],
  need: 'user',
  run: async (ctx, [words = '']) => {
    const { events, complete } = await searchFor(ctx.hub, ctx.session, words, MOST);
    const found = events.map(event => asSeenBy(ctx.user, event));
    ctx.show({ events: found, complete }, page => {
      if (events.length === 0) page.notice('Nothing found.');
      for (const event of found) page.event(event, 'id');
      if (events.length > 0)
        page.notice(
          `${count(events.length, 'line')} found${events.length === MOST ? '; there may be more' : ''}.`,
        );
      if (!complete) page.notice('The newest lines are still being indexed; ask again in a moment.');
    });
  },
});
