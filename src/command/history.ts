import { refusal } from '../chat/errors.ts';
import type { Kept } from '../chat/event.ts';
import { readHistory, scopeOf } from '../chat/reading.ts';
import { command, type UserContext } from './row.ts';
import { count } from './say.ts';

const SHOWN = '[room] [n] [after|before #id]';
const USAGE = `history ${SHOWN}`;
const DEFAULT_LINES = 20;
/** Newest lines asked for at once; reading forward from an id has no such limit, as it goes page by page. */
const MOST_LINES = 1000;
const PAGE = 200;

interface Asked {
  readonly what: string | null;
  readonly lines: number | null;
  readonly after: number | null;
  readonly before: number | null;
}

export default command({
  verb: 'history',
  args: '[words…]',
  shown: SHOWN,
  summary: 'lines said before in a room, with ids and dates',
  details: [
    `Without a number: the last ${DEFAULT_LINES}. With \`after #id\` or \`before #id\`: on from there, in either direction.`,
    'For private lines with somebody (accounts only): history @name',
  ],
  need: 'user',
  run: async (ctx, [words = '']) => {
    const asked = parse(words);
    if (!asked) throw refusal('bad-argument', 'that is not how to ask for history', USAGE);
    if (asked.after !== null) await forward(ctx, asked, asked.after);
    else await newest(ctx, asked);
  },
});

/** Reads `[room] [n] [after|before #id]`; null where it is something else. */
function parse(words: string): Asked | null {
  const match = /^(?:([^\s]*[^\s\d][^\s]*)\s*)?(?:(\d{1,9})\s*)?(?:(after|before)\s+#?(\d{1,15}))?$/.exec(
    words.trim(),
  );
  if (!match) return null;
  const [, what, lines, direction, id] = match;
  if (what === 'after' || what === 'before') return null;
  const edge = id === undefined ? null : Number(id);
  return {
    what: what ?? null,
    lines: lines === undefined ? null : Number(lines),
    after: direction === 'after' ? edge : null,
    before: direction === 'before' ? edge : null,
  };
}

/** The newest lines, or those just before an id. */
async function newest(ctx: UserContext, { what, lines, before }: Asked): Promise<void> {
  const { scope, title } = scopeOf(ctx.session, what);
  const limit = Math.min(lines ?? DEFAULT_LINES, MOST_LINES);
  const events =
    limit === 0
      ? []
      : await readHistory(ctx.hub, ctx.session, {
          scope,
          only: 'said',
          limit,
          ...(before === null ? {} : { before }),
        });
  const first = events[0];
  ctx.show({ history: title, events }, page => {
    if (!first)
      page.notice(`Nothing was said in ${title}${before === null ? ' yet' : ` before #${before}`}.`);
    for (const event of events) page.event(event, 'id');
    if (first && events.length === limit)
      page.notice(`Earlier lines: /history ${title} ${limit} before #${first.id}`);
  });
}

/** Lines after an id, oldest first, page by page as they are read. */
async function forward(ctx: UserContext, { what, lines }: Asked, start: number): Promise<void> {
  const { scope, title } = scopeOf(ctx.session, what);
  let left = lines ?? DEFAULT_LINES;
  let after = start;
  let shown = 0;
  await ctx.session.whenSettled();
  while (left > 0 && !ctx.session.closed) {
    const limit = Math.min(PAGE, left);
    const page = await ctx.hub.backend.history({ scope, only: 'said', after, limit });
    const last = page.at(-1);
    if (!last) break;
    shown += page.length;
    left -= page.length;
    after = last.id;
    showEvents(ctx, title, page);
    if (page.length < limit) break;
    await ctx.drained();
  }
  ctx.show({ history: title, shown, after }, page =>
    page.notice(
      shown === 0
        ? `Nothing was said in ${title} after #${start}.`
        : `That was ${count(shown, 'line')}. What follows: /history ${title} after #${after}`,
    ),
  );
}

function showEvents(ctx: UserContext, title: string, events: readonly Kept[]): void {
  const mine = events.filter(event => !ctx.user.ignores(event.from));
  ctx.show({ history: title, events: mine }, page => {
    for (const event of mine) page.event(event, 'id');
  });
}
