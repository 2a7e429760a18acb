/**
 * The routes of operators over a store on which no parley runs, whose lock is taken meanwhile: nobody listens,
 * nobody is in it, and nothing is let go of.
 */
import { EmbeddedBackend } from '../backend/embedded/backend.ts';
import { Networks } from '../chat/address.ts';
import { Hub } from '../chat/hub.ts';
import type { Log } from '../chat/ports.ts';
import type { Config } from '../config.ts';
import { operatorRoutes } from '../http/api/operators.ts';
import { scripts } from '../http/api/routes.ts';
import type { Peer } from '../http/peer.ts';
import { Router } from '../http/router.ts';
import { systemClock } from '../ops/clock.ts';
import { Argon2Passwords } from '../ops/passwords.ts';
import { LoopTurn } from '../ops/turn.ts';
import type { Send } from './desk.ts';

export interface Office {
  readonly send: Send;
  close(): Promise<void>;
}

const LOCAL: Peer = { address: '', tls: false, keepOpen: () => {} };

/** Throws the refusal of a store that cannot be opened. */
export async function openOffice(config: Config, everything: Log): Promise<Office> {
  const log = quiet(everything);
  const turn = new LoopTurn(log);
  const backend = new EmbeddedBackend({
    dir: config.data,
    sync: config.sync,
    mailbox: 0,
    retention: { age: 0, lines: 0, bytes: 0 },
    turn,
    clock: systemClock,
    log,
  });
  const hub = new Hub({ backend, turn, clock: systemClock, log, passwords: new Argon2Passwords() }, config);
  await hub.start();
  const api = scripts(hub);
  const router = new Router(
    [...api.routes, ...operatorRoutes(hub)],
    { log, count: () => {}, callerOf: async () => ({ caller: { kind: 'local' }, cookie: false }) },
    { proxyFrom: new Networks([]), exempt: new Networks([]), onlyTls: false },
  );
  return {
    send: (method, path, body) => {
      const headers = { 'Content-Type': 'application/json' };
      const request = new Request(`http://parley${path}`, {
        method,
        ...(body && { body: JSON.stringify(body), headers }),
      });
      return router.handle(request, LOCAL);
    },
    close: async () => {
      api.close();
      await hub.stop();
    },
  };
}

/** What was done is said by the command itself. */
function quiet(log: Log): Log {
  return {
    debug: () => {},
    info: () => {},
    warn: (message, fields) => log.warn(message, fields),
    error: (message, fields) => log.error(message, fields),
  };
}
