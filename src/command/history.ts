import { refusal } from '../chat/errors.ts';
import type { Kept } from '../chat/event.ts';
import { pagesOf, scopeOf } from '../chat/reading.ts';
import { command, type UserContext } from './row.ts';
import { asSeenBy, count } from './say.ts';

const SHOWN = '[room] [n] [after|before #id]';
const USAGE = `history ${SHOWN}`;
const DEFAULT_LINES = 20;
/** Newest lines asked for at once; reading forward from an id has no such limit, as it goes page by page. */
const MOST_LINES = 1000;
const PAGE = 200;

interface Asked {
  readonly what: string | null;
  readonly lines: number;
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
  const match = /^(.*?)(?:(?:^|\s)(after|before)\s+#?(\d+))?$/.exec(words.trim());
  const [, front = '', direction, id = ''] = match ?? [];
  const [first = '', second, ...more] = front.trim().split(/\s+/);
  // A number alone is how many; a room of digits takes both, or its #.
  const alone = second === undefined && isNumber(first);
  const what = alone ? '' : first;
  const lines = alone ? first : second;
  if (more.length > 0 || (lines !== undefined && (!isNumber(lines) || Number(lines) === 0))) return null;
  // An id is missing.
  if (second === undefined && (what === 'after' || what === 'before')) return null;
  const edge = Math.min(Number(id), Number.MAX_SAFE_INTEGER);
  return {
    what: what === '' ? null : what,
    lines: lines === undefined ? DEFAULT_LINES : Math.min(Number(lines), Number.MAX_SAFE_INTEGER),
    after: direction === 'after' ? edge : null,
    before: direction === 'before' ? edge : null,
  };
}

function isNumber(word: string): boolean {
  return /^\d+$/.test(word);
}

/** The newest lines, or those just before an id. */
async function newest(ctx: UserContext, { what, lines, before }: Asked): Promise<void> {
  const { scope, title } = scopeOf(ctx.session, what);
  const limit = Math.min(lines, MOST_LINES);
  const events = await ctx.hub.backend.history({
    scope,
    only: 'said',
    limit,
    ...(before === null ? {} : { before }),
  });
  const first = events[0];
  await showEvents(ctx, title, events);
  ctx.show({ history: title, shown: events.length }, page => {
    if (!first)
      page.notice(`Nothing was said ${where(title)}${before === null ? ' yet' : ` before #${before}`}.`);
    else if (events.length === limit)
      page.notice(`Earlier lines: /history ${title} ${limit} before #${first.id}`);
  });
}

/** Lines after an id, oldest first, page by page as they are read. */
async function forward(ctx: UserContext, { what, lines }: Asked, start: number): Promise<void> {
  const { scope, title } = scopeOf(ctx.session, what);
  let left = lines;
  let after = start;
  while (left > 0 && !ctx.session.closed) {
    const limit = Math.min(PAGE, left);
    const events = await ctx.hub.backend.history({ scope, only: 'said', after, limit });
    left -= events.length;
    after = events.at(-1)?.id ?? after;
    await showEvents(ctx, title, events);
    if (events.length < limit) break;
  }
  const shown = lines - left;
  ctx.show({ history: title, shown, after }, page => {
    if (shown === 0) page.notice(`Nothing was said ${where(title)} after #${start}.`);
    else if (left > 0) page.notice(`That was ${count(shown, 'line')}, up to the newest.`);
    else
      page.notice(
        `That was ${count(shown, 'line')}. What follows: /history ${title} ${lines} after #${after}`,
      );
  });
}

function where(title: string): string {
  return title.startsWith('@') ? `between you and ${title.slice(1)}` : `in ${title}`;
}

/** Shows the events, save those of names that are ignored, page by page as they are read. */
async function showEvents(ctx: UserContext, title: string, events: readonly Kept[]): Promise<void> {
  const heard = events.filter(event => !ctx.user.ignores(event.from));
  for (const part of pagesOf(heard)) {
    await ctx.drained();
    const mine = part.map(event => asSeenBy(ctx.user, event));
    ctx.show({ history: title, events: mine }, page => {
      for (const event of mine) page.event(event, 'id');
    });
  }
}
