import { refusal } from '../chat/errors.ts';
import { fold } from '../chat/names.ts';
import { everyone, lookUp, type PersonView, whoIsIn } from '../chat/people.ts';
import { command, type Page, type UserContext } from './row.ts';
import { memberLine, span } from './say.ts';

/** People shown at once; the next page follows when these have left. */
const PAGE = 200;

export default command({
  verb: 'who',
  args: '[room-or-name]',
  summary: 'everyone online, the members of a room, or one name',
  details: ['Shows names, rooms and how long each has been idle. A star marks accounts.'],
  need: 'user',
  run: async (ctx, [what]) => {
    if (what !== undefined) return await whoIs(ctx, what);
    const people = everyone(ctx.hub, ctx.session);
    for (let from = 0; from < people.length; from += PAGE) {
      const part = people.slice(from, from + PAGE);
      ctx.show({ online: people.length, people: part }, page => {
        if (from === 0) page.notice(`${people.length} online:`);
        sayPeople(part, page);
      });
      await ctx.drained();
    }
  },
});

async function whoIs(ctx: UserContext, what: string): Promise<void> {
  const found = what.startsWith('@') ? null : await whoIsIn(ctx.hub, what, ctx.session);
  if (found) {
    ctx.show(found, page => page.notice(`${found.room}: ${memberLine(found.members)}`));
    return;
  }
  if (what.startsWith('#')) throw refusal('no-such-room', what.slice(1));
  const name = what.replace(/^@/, '');
  const person = await lookUp(ctx.hub, name, ctx.session);
  if (!person)
    throw refusal('no-such-name', name, (await ctx.hub.backend.similarNames(fold(name))).join(', '));
  ctx.show({ person }, page => {
    if (person.online) sayPeople([person], page);
    else
      page.notice(`${person.name} is not online; last seen ${span(ago(ctx.hub.clock.now(), person))} ago.`);
  });
}

function ago(now: number, person: PersonView): number {
  return Math.max(0, now - (person.lastSeen ?? now));
}

function sayPeople(people: readonly PersonView[], page: Page): void {
  page.columns(
    people.map(({ name, account, rooms, idle, away }) => [
      `${name}${account ? '*' : ''}`,
      rooms.length > 0 ? rooms.join(', ') : '-',
      idle < 60_000 ? 'active' : `idle ${span(idle)}`,
      away === null ? '' : `away${away ? `: ${away}` : ''}`,
    ]),
  );
}
