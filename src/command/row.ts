/**
 * What a command is: one row with its words, its guard and its work. A row says once what it is called, what
 * it takes and what it does; parsing, help, near-miss suggestions and the README's table come from that.
 *
 * `run` hands results to `ctx.show` as data with a way to say them: the text dialect speaks, others send the
 * data.
 */
import type { ChatEvent } from '../chat/event.ts';
import type { Hub } from '../chat/hub.ts';
import type { Seat } from '../chat/seat.ts';
import type { Session } from '../chat/session.ts';
import type { User } from '../chat/user.ts';

/** Where a result is said to people: lines in the order of the calls. */
export interface Page {
  /** A line from parley. */
  notice(text: string): void;
  /** An event as it is shown live; with `id`, as history shows it: its id, and always its time. */
  event(event: ChatEvent, id?: 'id'): void;
  /** Rows of cells, aligned, each on a line of its own. */
  columns(rows: readonly (readonly string[])[]): void;
}

export interface Context {
  readonly hub: Hub;
  readonly session: Session;
  /** Shows a result, or a part of one: data for programs, and how to say it to people. */
  show(data: object, say: (page: Page) => void): void;
  /** Asks one thing; the next line is the answer, null where it is empty or the dialect cannot ask. */
  ask(question: string): Promise<string | null>;
  /** Resolves when there is room for more; what shows many lines waits here between pages. */
  drained(): Promise<void>;
  randomBytes(count: number): Uint8Array;
}

export interface UserContext extends Context {
  readonly user: User;
}

export interface RoomContext extends UserContext {
  readonly seat: Seat;
}

/** Who may use a command, and what its work is given. The dispatcher checks; no command does. */
export interface Contexts {
  readonly any: Context;
  /** Before signing in only. */
  readonly visitor: Context;
  readonly user: UserContext;
  /** With a current room. */
  readonly room: RoomContext;
  /** An operator of the current room. */
  readonly operator: RoomContext;
}

export type Need = keyof Contexts;

export interface Spec<N extends Need> {
  readonly verb: string;
  readonly aliases?: readonly string[];
  /** What it takes: `<must> [may] <rest…>`. A last `…` takes the rest of the line as it is. */
  readonly args: string;
  /** How that reads in help, where `args` alone does not tell. */
  readonly shown?: string;
  /** What it does, in a few words. */
  readonly summary: string;
  /** More, a line each, for `help <command>`. */
  readonly details: readonly string[];
  readonly need: N;
  run(ctx: Contexts[N], args: Args): void | Promise<void>;
}

/** Arguments by position; undefined where the line had no more. */
export type Args = readonly (string | undefined)[];

export interface Row extends Omit<Spec<Need>, 'run'> {
  readonly aliases: readonly string[];
  run(ctx: RoomContext | UserContext | Context, args: Args): void | Promise<void>;
}

/** Makes a row of a command. */
export function command<N extends Need>(spec: Spec<N>): Row {
  // The dispatcher builds the context that `need` names before it calls run: that is what the cast relies on.
  return { ...spec, aliases: spec.aliases ?? [], run: (ctx, args) => spec.run(ctx as Contexts[N], args) };
}

export function usage(row: Row): string {
  const args = row.shown ?? row.args;
  return args === '' ? row.verb : `${row.verb} ${args}`;
}

/** Splits what follows the verb as `spec` (a row's `args`) says, or tells what is wrong with how much it is. */
export function splitArgs(spec: string, input: string): Args | 'too few' | 'too many' {
  const wanted = spec === '' ? [] : spec.split(/ (?=[<[])/);
  const args: (string | undefined)[] = [];
  let rest = input.trim();
  for (const each of wanted) {
    const whole = each.includes('…');
    const at = whole ? -1 : rest.search(/\s/);
    const word = at < 0 ? rest : rest.slice(0, at);
    rest = at < 0 ? '' : rest.slice(at).trimStart();
    if (word === '' && each.startsWith('<')) return 'too few';
    args.push(word === '' ? undefined : word);
  }
  return rest === '' ? args : 'too many';
}
