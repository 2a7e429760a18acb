import { membersOf } from '../chat/people.ts';
import { command } from './row.ts';
import { memberLine } from './say.ts';

export default command({
  verb: 'users',
  aliases: ['list'],
  args: '',
  summary: 'members of the current room',
  details: ['Operators have an @, those with a voice a +. Members who are not online are counted.'],
  need: 'room',
  run: ctx => {
    const { room } = ctx.seat;
    const members = membersOf(room);
    ctx.show({ room: room.name, members }, page => page.notice(`${room.name}: ${memberLine(members)}`));
  },
});
