import { refusal } from '../chat/errors.ts';
import { setTopic } from '../chat/moderation.ts';
import { command } from './row.ts';

export default command({
  verb: 'topic',
  args: '[text…]',
  summary: 'show the topic of the current room, or (operators) set it; `topic -` clears it',
  details: ['Only an operator of the room sets it.'],
  need: 'room',
  run: async (ctx, [text]) => {
    const { room, member } = ctx.seat;
    if (text !== undefined) {
      if (member.rank !== 'operator') throw refusal('not-operator', room.name);
      await setTopic(ctx.hub, ctx.session, ctx.user, room, text === '-' ? '' : text);
    }
    const { topic } = room;
    ctx.show({ room: room.name, topic }, page =>
      page.notice(
        topic ? `Topic of ${room.name}: ${topic.text} (${topic.from})` : `${room.name} has no topic.`,
      ),
    );
  },
});
