/** What the routes of the API have in common: who asks, as the domain knows it, and events as JSON. */

import type { SaidEvent } from '../../chat/browse.ts';
import { refusal } from '../../chat/errors.ts';
import type { PrivateEvent } from '../../chat/event.ts';
import type { Operator } from '../../chat/operator.ts';
import type { Reader, Speaker } from '../../chat/rights.ts';
import type { Ask, Caller } from '../route.ts';
import type { Message, PrivateMessage } from './shapes.ts';

export function readerOf(caller: Caller): Reader {
  if (caller.kind === 'nobody') throw refusal('sign-in-required');
  return caller;
}

/** The local socket has no name: who speaks over it says who it is, as anywhere else. */
export function speakerOf(caller: Caller): Speaker {
  if (caller.kind === 'nobody') throw refusal('sign-in-required');
  if (caller.kind === 'local') throw refusal('nameless');
  return caller;
}

/** Who does what only operators of the server do; the local socket acts as parley itself. */
export function operatorOf({ caller, address }: Pick<Ask, 'caller' | 'address'>): Operator {
  if (caller.kind === 'local') return { name: 'parley', address: '' };
  if (caller.kind === 'account' && caller.operator) return { name: caller.name, address };
  throw refusal('not-server-operator');
}

export function json(data: object, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(`${JSON.stringify(data)}\n`, {
    status,
    headers: { 'Content-Type': 'application/json', ...headers },
  });
}

export function messageJson({ type, id, at, room, from, text }: SaidEvent): Message {
  return { type, id, at: isoTime(at), room, from, text };
}

export function privateJson({ type, id, at, from, to, text }: PrivateEvent): PrivateMessage {
  return { type, id, at: isoTime(at), from, to, text };
}

/** ms since the epoch, as RFC 3339 has it. */
export function isoTime(at: number): string {
  return new Date(at).toISOString();
}

export function roomPath(room: string): string {
  return `/api/rooms/${encodeURIComponent(room)}`;
}
