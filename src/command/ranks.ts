/** The four commands that change what a member may do; they differ in the rank they give. */
import { refusal } from '../chat/errors.ts';
import type { Rank } from '../chat/event.ts';
import { memberOf, setRank } from '../chat/moderation.ts';
import { command, type Row } from './row.ts';

function rankCommand(
  verb: string,
  rank: Rank,
  only: Rank | null,
  summary: string,
  done: (name: string) => string,
): Row {
  return command({
    verb,
    args: only === null ? '<name>' : '[name]',
    summary,
    details: [only === null ? 'Only an operator of the room does this.' : 'Without a name: yourself.'],
    need: 'operator',
    run: async (ctx, [given]) => {
      const { room } = ctx.seat;
      const name = given ?? ctx.user.name;
      if (only !== null && memberOf(room, name).rank !== only)
        throw refusal('bad-argument', `${name} is not that in ${room.name}`, `${verb} <name>`);
      const member = await setRank(ctx.hub, ctx.session, ctx.user, room, name, rank);
      ctx.show({ name: member.name, rank, room: room.name }, page =>
        page.notice(`${done(member.name)} ${room.name}.`),
      );
    },
  });
}

export const op = rankCommand(
  'op',
  'operator',
  null,
  'make somebody an operator of the current room',
  name => `${name} is an operator of`,
);
export const deop = rankCommand(
  'deop',
  'member',
  'operator',
  'make an operator an ordinary member',
  name => `${name} is no operator any more in`,
);
export const voice = rankCommand(
  'voice',
  'voice',
  null,
  'let somebody speak in a moderated room',
  name => `${name} has a voice in`,
);
export const unvoice = rankCommand(
  'unvoice',
  'member',
  'voice',
  'take a voice away',
  name => `${name} has no voice any more in`,
);
