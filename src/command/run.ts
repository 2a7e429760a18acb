/**
 * The one dispatcher: finds a row, checks what it needs, splits its arguments, runs it and shows what it
 * refused. Every command of every dialect passes here, so none can forget a check, and no exception gets out.
 */
import { closest, distance } from 'fastest-levenshtein';
import { bugText, Refusal, refusal } from '../chat/errors.ts';
import { type Context, type RoomContext, type Row, splitArgs, type UserContext, usage } from './row.ts';

/** No verb is as long, in characters. */
const LONGEST = 32;

export class Commands {
  private readonly byVerb = new Map<string, Row>();

  /** Throws on a row without help or with a verb that another has: a bug that is not to reach a user. */
  constructor(readonly rows: readonly Row[]) {
    for (const row of rows) {
      if (row.summary === '' || row.details.length === 0)
        throw new Error(`the command ${row.verb} has no help`);
      for (const verb of [row.verb, ...row.aliases]) {
        if (this.byVerb.has(verb)) throw new Error(`two commands are called ${verb}`);
        this.byVerb.set(verb, row);
      }
    }
  }

  find(verb: string): Row | undefined {
    return this.byVerb.get(verb.toLowerCase());
  }

  /** What is said of a verb that is none: the start of it, and the verb that was most likely meant. */
  unknown(verb: string): Refusal {
    const shown = verb.length > LONGEST ? `${verb.slice(0, LONGEST)}…` : verb;
    return refusal('unknown-command', shown, this.near(verb));
  }

  /** The verb that this is the start of or a slip or two away from; '' where none is much like it. */
  private near(verb: string): string {
    // What is so short is like too many, and what is so long like none.
    if (verb.length < 3 || verb.length > LONGEST) return '';
    const wanted = verb.toLowerCase();
    const verbs = [...this.byVerb.keys()];
    const begun = verbs.find(each => each.startsWith(wanted));
    if (begun !== undefined) return begun;
    const best = closest(wanted, verbs);
    return distance(wanted, best) <= (wanted.length === 3 ? 1 : 2) ? best : '';
  }

  /**
   * Runs a command to its end; a promise where it takes longer than this call. It starts once all that the
   * session said before has its outcome, so that it finds it, and answers come in order. Refusals and
   * failures are shown to the session and counted; nothing is thrown.
   */
  run(ctx: Context, verb: string, rest: string): void | Promise<void> {
    const { session } = ctx;
    if (session.unsettled > 0)
      return session.whenSettled().then(() => (session.closed ? undefined : this.run(ctx, verb, rest)));
    try {
      const row = this.find(verb);
      if (!row) throw this.unknown(verb);
      const guarded = guard(ctx, row);
      const args = splitArgs(row.args, rest);
      if (args === 'too few') throw refusal('missing-argument', usage(row));
      if (args === 'too many') throw refusal('too-many-arguments', usage(row));
      const running = row.run(guarded, args);
      if (running) return running.catch(error => fail(ctx, verb, error));
    } catch (error) {
      fail(ctx, verb, error);
    }
  }
}

/** The context a row's `need` names, or the refusal that says what is missing. */
function guard(ctx: Context, row: Row): Context | UserContext | RoomContext {
  const { session } = ctx;
  const { user } = session;
  if (row.need === 'any') return ctx;
  if (row.need === 'visitor') {
    if (user) throw refusal('already-signed-in', user.name);
    return ctx;
  }
  if (!user) throw refusal('not-signed-in');
  if (row.need === 'user') return { ...ctx, user };
  const seat = session.current;
  if (!seat) throw refusal('no-current-room');
  if (row.need === 'operator' && seat.member.rank !== 'operator')
    throw refusal('not-operator', seat.room.name);
  return { ...ctx, user, seat };
}

function fail(ctx: Context, verb: string, error: unknown): void {
  const { hub, session } = ctx;
  const refused = error instanceof Refusal ? error : refusal('internal');
  if (refused !== error) {
    hub.log.error('a command failed', { verb, why: bugText(error) });
  }
  if (session.closed) return;
  hub.count(refused.code);
  session.link.face.refusal(refused);
}
