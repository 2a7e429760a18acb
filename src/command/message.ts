import { refusal } from '../chat/errors.ts';
import { tell } from '../chat/mail.ts';
import { knownName } from '../chat/people.ts';
import { command, type UserContext } from './row.ts';

const USAGE = 'message <name> <text>';

export default command({
  verb: 'message',
  aliases: ['msg'],
  args: '[name] [text…]',
  summary: 'say something to one person; without arguments it asks for both',
  details: [
    'If they are not online, it is kept and shown the moment they sign in, with the time you said it.',
    'A name without a password hands its waiting messages to whoever next takes it.',
  ],
  need: 'user',
  run: async (ctx, [given, rest]) => {
    const to = given ?? (await ctx.ask('To:'));
    if (to === null) throw refusal('missing-argument', USAGE);
    if (to.startsWith('#')) throw refusal('bad-argument', `${to} is a room, and this is for one name`, USAGE);
    const text = rest ?? (given === undefined ? await askText(ctx, to) : null);
    if (text === null) throw refusal('missing-argument', USAGE);
    const sender = { name: ctx.user.name, session: ctx.session };
    const { told } = await tell(ctx.hub, sender, to, text);
    // Silence means kept and on its way.
    if (told.outcome === 'waiting') ctx.show(told, page => page.notice(waitsFor(told.to, told.account)));
    else if (told.away !== null)
      ctx.show(told, page => page.notice(`${told.to} is away${told.away ? `: ${told.away}` : ''}.`));
  },
});

function waitsFor(name: string, account: boolean): string {
  return account
    ? `${name} is not online. Your message is kept, and shown when ${name} signs in.`
    : `${name} is not online and has no password. Your message is kept for whoever next takes the name.`;
}

/** Nobody types a message only to be told that there is no such name. */
async function askText(ctx: UserContext, to: string): Promise<string | null> {
  await knownName(ctx.hub, to.replace(/^@/, ''));
  return await ctx.ask('Message:');
}
