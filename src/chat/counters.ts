/**
 * What happened since the start, as plain numbers in one place; /metrics will read them. They only rise, and
 * every label is of a closed union, so that no name or address ever becomes a series.
 */
import type { ErrorCode } from './errors.ts';

/** How a link came to an end by itself: closed by the peer, cut, given up by keepalive, or broken TLS. */
export type LinkEnd = 'closed' | 'reset' | 'timeout' | 'tls';
/** Why a connection ended: the user left, the link ended, or parley closed it with this code. */
export type EndReason = LinkEnd | 'exit' | ErrorCode;
/** How a session reads and writes. */
export type Dialect = 'text' | 'json' | 'irc';
export type Transport = 'tcp' | 'tls' | 'unix';
/** Connections that never became one, for they were closed before the first byte of chat. */
export type Aborted = 'tls-handshake' | 'proxy-header' | 'too-many-waiting';
export type Said = 'message' | 'action' | 'private';
/** Which limit slowed a client that is too fast. (Lines skipped for slow ones: `OutboxTotals`, wire/flusher.ts.) */
export type Throttle = 'line-rate';

export class Counters {
  readonly opened: Record<Transport, number> = { tcp: 0, tls: 0, unix: 0 };
  readonly closed: Partial<Record<EndReason, number>> = {};
  readonly aborted: Partial<Record<Aborted, number>> = {};
  readonly refusals: Partial<Record<ErrorCode, number>> = {};
  readonly messages: Record<Said, number> = { message: 0, action: 0, private: 0 };
  readonly throttles: Record<Throttle, number> = { 'line-rate': 0 };
  /** Lines put in front of somebody, one for each who was shown it. */
  deliveries = 0;
  signIns = 0;

  connectionOpened(transport: Transport): void {
    this.opened[transport]++;
  }

  connectionClosed(reason: EndReason): void {
    increment(this.closed, reason);
  }

  connectionAborted(why: Aborted): void {
    increment(this.aborted, why);
  }

  refused(code: ErrorCode): void {
    increment(this.refusals, code);
  }

  message(kind: Said): void {
    this.messages[kind]++;
  }

  delivered(lines: number): void {
    this.deliveries += lines;
  }

  throttled(how: Throttle): void {
    this.throttles[how]++;
  }

  signedIn(): void {
    this.signIns++;
  }
}

function increment<K extends string>(counts: Partial<Record<K, number>>, key: K): void {
  counts[key] = (counts[key] ?? 0) + 1;
}
