/**
 * Where `parley token` does its work: at the running parley, over its unix socket, or, where nobody answers
 * there, on the store itself, with the same rules. What cannot be is thrown as a `Refusal`.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type GenericSchema, type InferOutput, safeParse } from 'valibot';
import { Refusal, refusal } from '../chat/errors.ts';
import type { Log } from '../chat/ports.ts';
import { createToken, revokeToken, type TokenOffice, type TokenWish } from '../chat/tokens.ts';
import { httpPlacesOf } from '../config/listen.ts';
import { codeOf, reasonOf } from '../config/world.ts';
import type { Config } from '../config.ts';
import { PROBLEM } from '../http/api/shapes.ts';
import { NEW_TOKEN, TOKEN, TOKENS, type TokenJson, tokenJson } from '../http/api/token-shapes.ts';
import { systemClock } from '../ops/clock.ts';
import { systemSecrets } from '../ops/secrets.ts';
import { LoopTurn } from '../ops/turn.ts';

/** ms that a parley may take to answer. */
const PATIENCE = 30_000;

export interface TokenDesk {
  list(): Promise<readonly TokenJson[]>;
  create(wish: TokenWish): Promise<TokenJson & { readonly secret: string }>;
  revoke(id: string): Promise<TokenJson>;
}

/** Nobody listens on the socket. */
export class NobodyThere extends Error {}

export function socketOf(config: Config): string | null {
  for (const where of httpPlacesOf(config)) if (where.kind === 'unix') return where.path;
  return null;
}

// ——— the running parley ———

/** Every call may throw `NobodyThere`. */
export function runningDesk(socket: string): TokenDesk {
  return {
    list: async () => (await ask(socket, 'GET', '/api/tokens', TOKENS)).tokens,
    create: wish =>
      ask(socket, 'POST', '/api/tokens', NEW_TOKEN, { ...wish, rooms: wish.rooms && [...wish.rooms] }),
    revoke: id => ask(socket, 'DELETE', `/api/tokens/${encodeURIComponent(id)}`, TOKEN),
  };
}

async function ask<S extends GenericSchema>(
  socket: string,
  method: string,
  path: string,
  shape: S,
  body?: object,
): Promise<InferOutput<S>> {
  const answer = await send(socket, method, path, body);
  const json: unknown = await answer.json().catch(() => null);
  const right = answer.ok ? safeParse(shape, json) : null;
  if (right?.success) return right.output;
  const problem = safeParse(PROBLEM, json);
  if (problem.success) throw new Refusal(problem.output.code, problem.output.detail);
  throw refusal('cannot-reach', socket, `it answered ${answer.status}, in a way this parley does not know`);
}

async function send(socket: string, method: string, path: string, body?: object): Promise<Response> {
  try {
    return await fetch(`http://parley${path}`, {
      unix: socket,
      method,
      signal: AbortSignal.timeout(PATIENCE),
      ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
    });
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ECONNREFUSED') throw new NobodyThere();
    if (code === 'EACCES')
      throw refusal('cannot-reach', socket, 'permission denied. Be the user that it runs as, or root');
    throw refusal('cannot-reach', socket, code || reasonOf(error));
  }
}

// ——— the store ———

/** Does the work on the store of a parley that is not running, whose lock is taken meanwhile. */
export async function onStore<T>(
  config: Config,
  log: Log,
  work: (desk: TokenDesk) => Promise<T>,
): Promise<T> {
  // Loaded here, so that asking a running parley need not wait for SQLite.
  const { EmbeddedBackend } = await import('../backend/embedded/backend.ts');
  const backend = new EmbeddedBackend({
    dir: config.data,
    sync: config.sync,
    // Nobody talks, and nothing is let go of.
    mailbox: 0,
    retention: { age: 0, lines: 0, bytes: 0 },
    turn: new LoopTurn(log),
    clock: systemClock,
    log,
  });
  await backend.start(NO_CHAT);
  try {
    return await work(storeDesk({ backend, rules: config, clock: systemClock, log, users: new Map() }));
  } finally {
    await backend.stop();
  }
}

/** Whether there is a store to work on. */
export async function hasStore({ data }: Config): Promise<boolean> {
  const { storeFile } = await import('../backend/embedded/open.ts');
  return existsSync(storeFile(resolve(data)));
}

function storeDesk(office: TokenOffice): TokenDesk {
  const by = { name: 'parley', address: '' };
  return {
    list: async () => (await office.backend.tokens()).map(tokenJson),
    create: async wish => {
      const { token, secret } = await createToken(office, by, wish, systemSecrets);
      return { ...tokenJson(token), secret };
    },
    revoke: async id => tokenJson(await revokeToken(office, by, id)),
  };
}

const NO_CHAT = {
  committed: () => {},
  refused: () => {},
  claimLost: () => {},
  stalled: () => {},
  recovered: () => {},
};
