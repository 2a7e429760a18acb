import { refusal } from '../chat/errors.ts';
import { fold } from '../chat/names.ts';
import { knownName } from '../chat/people.ts';
import { rememberSettings } from '../chat/signin.ts';
import { command } from './row.ts';

const MOST = 100;

export default command({
  verb: 'ignore',
  args: '[name]',
  summary: 'do not show what a name says; again: show it; without a name: who is ignored',
  details: ['Also in history and for waiting messages. An account keeps its list.'],
  need: 'user',
  run: async (ctx, [given]) => {
    const { user } = ctx;
    const list = (): string[] => [...(user.ignored?.values() ?? [])];
    if (given === undefined) {
      ctx.show({ ignored: list() }, page =>
        page.notice(user.ignored ? `You ignore ${list().join(', ')}.` : 'You ignore nobody.'),
      );
      return;
    }
    const folded = fold(given.replace(/^@/, ''));
    if (folded === user.folded) throw refusal('that-is-you', 'ignore');
    const name = user.ignored?.get(folded) ?? (await knownName(ctx.hub, folded));
    const ignored = user.ignored ?? new Map();
    const on = !ignored.delete(folded);
    if (on) {
      if (ignored.size >= MOST) throw refusal('ignore-full', MOST);
      ignored.set(folded, name);
    }
    user.ignored = ignored.size > 0 ? ignored : null;
    rememberSettings(ctx.hub, user, ctx.session);
    ctx.show({ name, ignored: on }, page =>
      page.notice(
        on
          ? `You no longer see what ${name} says. To undo: /ignore ${name}`
          : `You see what ${name} says again.`,
      ),
    );
  },
});
