/**
 * What a listener and whoever takes its connections know of each other. The way out is a `Link` (wire); this
 * is the way in.
 */
import type { LinkEnd } from '../chat/counters.ts';
import type { Link } from '../wire/link.ts';

/** Who is at the other end. Behind a trusted proxy: who the proxy says. */
export interface Peer {
  /** Canonical (chat/address.ts); '' for a unix socket. */
  readonly address: string;
  /** 0 for a unix socket. */
  readonly port: number;
  /** The listener, as `formatListen` writes it. */
  readonly listener: string;
  readonly tls: boolean;
}

/** What becomes of a connection. Nothing is called after `gone`. */
export interface LinkHandler {
  /** Bytes that are the handler's to keep. Some may still come after `pause()`, when the link is closing. */
  data(bytes: Uint8Array): void;
  /** The link may take bytes again. May come without a short write before it. */
  drain(): void;
  /** The peer will send no more, and may still read (`nc -N`). The link stays open until `end()`. */
  end(): void;
  /** The link is gone, whoever ended it. Called exactly once. */
  gone(why: LinkEnd): void;
}

export interface Accept {
  /**
   * A connection has come whose peer is known and whose handshake is done. Answers its handler, or null to
   * turn it away: what was written to the link until then is sent, then it is ended.
   */
  open(link: Link, peer: Peer): LinkHandler | null;
}
