/**
 * Where operators' commands do their work: at the running parley, over its unix socket, or, where nobody answers
 * there and that makes sense, on its store, by the same routes. What cannot be is thrown as a `Refusal`.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type GenericSchema, type InferOutput, safeParse } from 'valibot';
import { Refusal, refusal } from '../chat/errors.ts';
import type { Log } from '../chat/ports.ts';
import { codeOf, reasonOf } from '../config/world.ts';
import type { Config } from '../config.ts';
import { PROBLEM } from '../http/api/shapes.ts';
import { complain } from './edge.ts';
import { socketCandidates } from './sockets.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Sends a request and answers what is answered; throws `NobodyThere`, or the refusal where nothing is. */
export type Send = (method: Method, path: string, body?: object, signal?: AbortSignal) => Promise<Response>;

/** ms that a parley may take to answer. */
const PATIENCE = 30_000;

/** Nobody listens on the socket. */
export class NobodyThere extends Error {
  constructor(readonly where: string) {
    super(`no parley answers on ${where}`);
  }
}

export class Desk {
  constructor(
    private readonly send: Send,
    /** What it is called in a refusal. */
    readonly where: string,
  ) {}

  /** The answer, which is of this shape; throws the refusal where it is refused. */
  async ask<S extends GenericSchema>(
    method: Method,
    path: string,
    shape: S,
    body?: object,
  ): Promise<InferOutput<S>> {
    const answer = await this.send(method, path, body);
    const json: unknown = await answer.json().catch(() => null);
    const right = answer.ok ? safeParse(shape, json) : null;
    if (right?.success) return right.output;
    throw this.refusalIn(answer.status, json);
  }

  /** An answer that goes on and on, until `signal`. */
  async open(path: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
    const answer = await this.send('GET', path, undefined, signal);
    if (answer.ok && answer.body) return answer.body;
    throw this.refusalIn(answer.status, await answer.json().catch(() => null));
  }

  private refusalIn(status: number, json: unknown): Refusal {
    const problem = safeParse(PROBLEM, json);
    return problem.success
      ? new Refusal(problem.output.code, problem.output.detail)
      : refusal('cannot-reach', this.where, `it answered ${status}, in a way this parley does not know`);
  }
}

/** A part of a path, whatever is in it. */
export function part(text: string): string {
  return encodeURIComponent(text);
}

/** At the running parley; throws `NobodyThere`. */
export async function atRunning<T>(config: Config, work: (desk: Desk) => Promise<T>): Promise<T> {
  const sockets = socketCandidates(config);
  for (const socket of sockets) {
    const send = sendTo(socket);
    try {
      // Before the work begins, which may ask for a password and is not to do so twice.
      await send('GET', '/livez');
    } catch (error) {
      if (error instanceof NobodyThere) continue;
      throw error;
    }
    return await work(new Desk(send, socket));
  }
  throw new NobodyThere(sockets[0] ?? 'its socket (http-socket is off)');
}

/** Whether work on a store makes one where there is none. */
export type OnStore = 'there' | 'made';

/** At the running parley, or on its store where none is running, which is said. */
export async function atEither<T>(
  config: Config,
  log: Log,
  store: OnStore,
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  try {
    return await atRunning(config, work);
  } catch (error) {
    if (!(error instanceof NobodyThere)) throw error;
    return await onStore(config, log, store, error.where, work);
  }
}

/** Whether there is a store to work on. */
export async function hasStore({ data }: Config): Promise<boolean> {
  const { storeFile } = await import('../backend/embedded/open.ts');
  return existsSync(storeFile(resolve(data)));
}

async function onStore<T>(
  config: Config,
  log: Log,
  store: OnStore,
  where: string,
  work: (desk: Desk) => Promise<T>,
): Promise<T> {
  const { data, memory } = config;
  if (memory)
    throw refusal('cannot-reach', where, 'nobody answers there, and --memory leaves no store to write to');
  if (store === 'there' && !(await hasStore(config)))
    throw refusal(
      'cannot-reach',
      where,
      `nobody answers there, and ${data} has no parley.db. Name it: --data DIR`,
    );
  // Loaded here, so that asking a running parley need not wait for SQLite.
  const { openOffice } = await import('./office.ts');
  try {
    const office = await openOffice(config, log);
    try {
      complain(`no parley is running on ${data}: working on its store`);
      return await work(new Desk(office.send, data));
    } finally {
      await office.close();
    }
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'data-in-use') throw error;
    const advice = 'a parley runs on that data, but not there. Name its socket: --http-socket PATH';
    throw refusal('cannot-reach', where, advice);
  }
}

/** To the parley that listens on a unix socket. */
export function sendTo(socket: string): Send {
  return async (method, path, body, signal = AbortSignal.timeout(PATIENCE)) => {
    try {
      return await fetch(`http://parley${path}`, {
        unix: socket,
        method,
        signal,
        ...(body && { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      });
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ECONNREFUSED') throw new NobodyThere(socket);
      if (code === 'EACCES')
        throw refusal('cannot-reach', socket, 'permission denied. Be the user that it runs as, or root');
      throw refusal('cannot-reach', socket, code || reasonOf(error));
    }
  };
}
