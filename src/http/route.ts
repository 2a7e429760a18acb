/**
 * What a route is: one row with its method and path, its guard, its shapes and its work. Matching, rights,
 * body limits, error documents and the OpenAPI document come from the row; no handler does any of it.
 */
import type { GenericSchema, InferOutput } from 'valibot';
import type { Token } from '../chat/ports.ts';

/** Who asks. `local`: the unix socket, which only the operator's own programs reach. */
export type Caller =
  | { readonly kind: 'nobody' }
  | { readonly kind: 'account'; readonly name: string; readonly operator: boolean }
  | { readonly kind: 'token'; readonly token: Token }
  | { readonly kind: 'local' };

/**
 * Who may use a route. `person`: an account or a token. `read` and `write`: a person, whose token must say so;
 * whether it may in a given room is the domain's to say. `local`: the unix socket, and nobody from outside.
 */
export type Need = 'anybody' | 'person' | 'read' | 'write' | 'operator' | 'local';

/** One request, as a route's work is given it. */
export interface Ask<Query = unknown, Body = unknown> {
  readonly request: Request;
  readonly url: URL;
  /** What stands for `:name` in the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** Checked against the row's shapes. */
  readonly query: Query;
  readonly body: Body;
  readonly caller: Caller;
  /** The client's, behind trusted proxies too; '' for the unix socket. */
  readonly address: string;
  /** What limits per address count it under; null where it is exempt. */
  readonly limitKey: string | null;
  /** It came over TLS, to parley or to a trusted proxy before it. */
  readonly secure: boolean;
  /** The answer is a stream: no idle timeout ends it, or (where given) one of so many seconds. */
  keepOpen(seconds?: number): void;
}

export interface Row<Q extends GenericSchema = GenericSchema, B extends GenericSchema = GenericSchema> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/api/rooms/:room/messages`; what stands for `:label*` may have a slash in it, encoded. */
  readonly path: string;
  readonly need: Need;
  /** For the OpenAPI document: what it does, in a few words, and more about it. */
  readonly summary: string;
  readonly details?: string;
  /** Of the query string; under `/api/`, what is not in it is refused. */
  readonly query?: Q;
  /** Of a JSON body. `text` also takes text/plain (and what `curl -d` sends), as this body. */
  readonly body?: B;
  readonly text?: (plain: string) => unknown;
  /** Most bytes of a body; `MOST_BODY` otherwise. */
  readonly most?: number;
  /** What it answers: by status, in words and the shape of the JSON, where it is JSON. */
  readonly answers: Readonly<
    Record<number, { readonly what: string; readonly shape?: GenericSchema; readonly type?: string }>
  >;
  run(ask: Ask<InferOutput<Q>, InferOutput<B>>): Response | Promise<Response>;
}

/** A row, its shapes forgotten. */
export interface Route extends Omit<Row, 'run'> {
  run(ask: Ask<never, never>): Response | Promise<Response>;
}

export function route<Q extends GenericSchema, B extends GenericSchema>(row: Row<Q, B>): Route {
  return row;
}
