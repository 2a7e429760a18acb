/** The four commands that change what a member may do; they differ in the rank they give. */
import { refusal } from '../chat/errors.ts';
import type { Rank } from '../chat/event.ts';
import { memberOf, setRank } from '../chat/moderation.ts';
import { command, type Row } from './row.ts';

interface Change {
  readonly verb: string;
  readonly args: '<name>' | '[name]';
  readonly summary: string;
  readonly detail: string;
  readonly rank: Rank;
  /** What the member is to be for this; null where anybody will do. */
  readonly from: Rank | null;
  /** Of a member that is something else, before the room's name. */
  readonly not: string;
  /** What is so afterwards, before the room's name. */
  readonly done: string;
}

function rankCommand({ verb, args, summary, detail, rank, from, not, done }: Change): Row {
  return command({
    verb,
    args,
    summary,
    details: [detail],
    need: 'operator',
    run: async (ctx, [given]) => {
      const { room } = ctx.seat;
      const { name, rank: now } = memberOf(room, given ?? ctx.user.name);
      if (from !== null && now !== from && now !== rank)
        throw refusal('bad-argument', `${name} ${not} ${room.name}`, `${verb} <name>`);
      await setRank(ctx.hub, ctx.session, ctx.user, room, name, rank);
      ctx.show({ name, rank, room: room.name }, page => page.notice(`${name} ${done} ${room.name}.`));
    },
  });
}

export const op = rankCommand({
  verb: 'op',
  args: '<name>',
  summary: 'make somebody an operator of the current room',
  detail: 'Operators set the topic, the key and who speaks; they kick, ban and make operators.',
  rank: 'operator',
  from: null,
  not: '',
  done: 'is an operator of',
});

export const deop = rankCommand({
  verb: 'deop',
  args: '[name]',
  summary: 'make an operator an ordinary member',
  detail: 'Without a name: yourself. The last operator of a room makes another first.',
  rank: 'member',
  from: 'operator',
  not: 'is no operator of',
  done: 'is not an operator of',
});

export const voice = rankCommand({
  verb: 'voice',
  args: '<name>',
  summary: 'let somebody speak in a moderated room',
  detail: 'To make the room moderated: moderated on',
  rank: 'voice',
  from: 'member',
  not: 'speaks anyway, as an operator of',
  done: 'has a voice in',
});

export const unvoice = rankCommand({
  verb: 'unvoice',
  args: '<name>',
  summary: 'take a voice away',
  detail: 'In a moderated room they are silent then.',
  rank: 'member',
  from: 'voice',
  not: 'speaks anyway, as an operator of',
  done: 'has no voice in',
});
