import { ban } from '../chat/moderation.ts';
import { command } from './row.ts';

export default command({
  verb: 'ban',
  args: '[name-or-address] [why…]',
  summary: 'keep a name, an address or a range out of the current room; alone: who is banned',
  details: [
    'ban bob               keeps the name out',
    'ban bob address       also keeps out the address bob is on now, whoever comes from it',
    'ban 192.0.2.0/24      keeps out a range',
    'Who is in the room and meets the ban is put out. Bans last over restarts; to lift one: unban <name>',
  ],
  need: 'operator',
  run: async (ctx, [what, why = '']) => {
    const { room } = ctx.seat;
    if (what === undefined) {
      const bans = [...room.bans.values()].map(({ label, reason }) => ({ label, reason }));
      ctx.show({ room: room.name, bans }, page => {
        if (bans.length === 0) page.notice(`Nobody is banned from ${room.name}.`);
        else page.columns(bans.map(({ label, reason }) => [label, reason]));
      });
      return;
    }
    const byAddress = /^address(\s|$)/i.test(why);
    const reason = byAddress ? why.slice('address'.length).trim() : why;
    const labels = await ban(ctx.hub, ctx.session, ctx.user, room, what, byAddress, reason);
    ctx.show({ banned: labels, room: room.name }, page =>
      page.notice(`Banned from ${room.name}: ${labels.join(', ')}.`),
    );
  },
});
