import { say } from '../chat/speech.ts';
import { command } from './row.ts';

export default command({
  verb: 'me',
  args: '<does…>',
  summary: 'say what you do: `me waves` shows as `* alice waves`',
  details: ['Said to the current room.'],
  need: 'room',
  run: (ctx, [text = '']) => {
    const refused = say(ctx.hub, ctx.session, ctx.seat, text, 'action');
    if (refused) throw refused;
  },
});
