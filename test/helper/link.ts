/** A link to nowhere that takes as many bytes as it is told to, and remembers what became of it. */
import type { Carried, Link } from '../../src/wire/link.ts';

export class FakeLink implements Link {
  /** What each write was given, and how much of it was taken. */
  readonly writes: { readonly bytes: Uint8Array; readonly taken: number }[] = [];
  state: 'open' | 'ended' | 'terminated' | 'lost' = 'open';
  paused = false;
  /** It is one of TLS: no other program can go on with it. */
  tls = false;
  private readonly parts: Uint8Array[] = [];

  /** `room`: how many bytes it takes before it is full. */
  constructor(public room = Number.POSITIVE_INFINITY) {}

  write(bytes: Uint8Array, from: number): number {
    if (this.state !== 'open') return -1;
    const taken = Math.min(bytes.length - from, this.room);
    this.room -= taken;
    // Lent bytes may change: what is remembered is a copy, save for seeing which buffer it was.
    this.parts.push(Uint8Array.from(bytes.subarray(from, from + taken)));
    this.writes.push({ bytes, taken });
    return taken;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  end(): void {
    if (this.state === 'open') this.state = 'ended';
  }

  terminate(): void {
    this.state = 'terminated';
  }

  /** As if it were a socket. */
  carry(): Carried | null {
    return this.state === 'open' && !this.tls
      ? { fd: 3, listener: '127.0.0.1:8080', address: '192.0.2.1', port: 40_000 }
      : null;
  }

  /** The peer is gone without a word. */
  lose(): void {
    this.state = 'lost';
  }

  /** All bytes taken so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.parts);
  }

  get text(): string {
    return this.bytes.toString();
  }
}
