import { roomList } from '../chat/people.ts';
import { command } from './row.ts';

const PAGE = 200;

export default command({
  verb: 'rooms',
  args: '',
  summary: 'rooms, how many are in each, and their topics',
  details: ['Unlisted rooms are shown to their members only. A star marks the rooms you are in.'],
  need: 'user',
  run: async ctx => {
    const rooms = await roomList(ctx.hub, ctx.session);
    if (rooms.length === 0)
      ctx.show({ rooms }, page => page.notice('There are no rooms yet. To make one: join <room>'));
    for (let from = 0; from < rooms.length; from += PAGE) {
      const part = rooms.slice(from, from + PAGE);
      ctx.show({ rooms: part }, page =>
        page.columns(
          part.map(({ name, present, topic, unlisted, member }) => [
            `${name}${member ? '*' : ''}`,
            String(present),
            `${unlisted ? '(unlisted) ' : ''}${topic}`,
          ]),
        ),
      );
      await ctx.drained();
    }
  },
});
