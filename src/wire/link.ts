/**
 * What the wire asks of a transport (TCP, TLS, WebSocket). `src/net/` implements it over sockets, tests
 * over a list. The other direction (bytes arrived, drained, closed) is the connection's own interface.
 */
/** What another program takes an open connection over by. */
export interface Carried {
  readonly fd: number;
  /** The listener it came by, as it is written in the settings. */
  readonly listener: string;
  /** The peer's, as the kernel sees it; '' and 0 for a unix socket. */
  readonly address: string;
  readonly port: number;
}

export interface Link {
  /**
   * Hands the bytes from `from` on to the kernel and answers how many it took (maybe 0), or -1 once closed.
   * After a short write nothing is offered until the link says that it has drained. The bytes are only lent:
   * they may change as soon as this returns.
   */
  write(bytes: Uint8Array, from: number): number;
  /** Stops and restarts reading. */
  pause(): void;
  resume(): void;
  /** Closes after what the kernel has taken is sent. */
  end(): void;
  /** Closes at once. */
  terminate(): void;
  /** Null where no other program can go on with it: it is closing, or what TLS knows of it is in this one. */
  carry(): Carried | null;
}
