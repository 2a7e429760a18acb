import { refusal } from '../chat/errors.ts';
import { setMode } from '../chat/moderation.ts';
import { clean } from '../chat/text.ts';
import { command } from './row.ts';

const LONGEST = 64;

export default command({
  verb: 'key',
  args: '[word]',
  summary: 'lock the current room with a key (`key -` unlocks it)',
  details: [
    'From then on: join <room> <key>. Members of the room need none. Alone, it tells operators the key.',
  ],
  need: 'operator',
  run: async (ctx, [word]) => {
    const { room } = ctx.seat;
    if (word !== undefined) {
      if ([...word].length > LONGEST || clean(word) !== word)
        throw refusal(
          'bad-argument',
          `a key is one plain word of at most ${LONGEST} characters`,
          'key <word>',
        );
      const key = word === '-' ? null : word;
      if (key !== room.key) await setMode(ctx.hub, ctx.session, ctx.user, room, { mode: 'key', key });
    }
    const { key } = room;
    ctx.show({ room: room.name, key }, page =>
      page.notice(
        key === null ? `${room.name} has no key.` : `To get into ${room.name}: /join ${room.name} ${key}`,
      ),
    );
  },
});
