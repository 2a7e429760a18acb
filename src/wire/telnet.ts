/**
 * Takes telnet's commands out of a byte stream, before anything is decoded. Each connection has one.
 *
 * Promises: the bytes that come out do not depend on how the stream was cut into packets; a chunk without
 * commands comes out as the very same chunk; nothing is allocated for those who never send a command; what
 * is hidden from the reader is bounded, an endless subnegotiation too.
 *
 * parley wants no option. It asks for none and refuses each one asked for, once per option and direction,
 * so that two refusing ends never answer each other for ever (RFC 854, RFC 1143). A timing mark (RFC 860)
 * is refused each time: telnet clients show nothing after ^C until that answer arrives.
 */

/** What every telnet command begins with, and no UTF-8 text has in it. */
export const IAC = 255;
const DONT = 254;
const DO = 253;
const WONT = 252;
const WILL = 251;
const SB = 250;
const EL = 248;
const EC = 247;
const AYT = 246;
const SE = 240;
/** The lowest command (EOF, RFC 1184). 0xFF before anything lower is no telnet: most likely Latin-1. */
const FIRST_COMMAND = 236;
const TIMING_MARK = 6;

const BACKSPACE = 0x08;
const KILL_LINE = 0x15;

/** No option parley would meet has a longer subnegotiation, in bytes; beyond it the bytes are text again. */
const LONGEST_SUBNEGOTIATION = 512;
const HERE = new TextEncoder().encode('[parley]\r\n');

/**
 * Within what the next byte is: `command`: after IAC. `option`: after IAC and WILL, WONT, DO or DONT.
 * `subnegotiation`: after IAC SB. `subnegotiation-command`: after an IAC in there.
 */
export type Within = 'text' | 'command' | 'option' | 'subnegotiation' | 'subnegotiation-command';

/** What it is in the middle of and what it refused, as plain data. */
export interface TelnetState {
  readonly within: Within;
  readonly verb: number;
  readonly subnegotiated: number;
  /** In base64; null while nothing was refused. */
  readonly refused: string | null;
}

export class Telnet {
  private within: Within = 'text';
  private verb = 0;
  private subnegotiated = 0;
  /** Two bits an option: DO was refused, WILL was refused. */
  private refused: Uint8Array | null = null;
  private reply: number[] | null = null;
  private timed = false;
  private seen = false;

  /** The chunk without telnet commands: itself where it has none, else a new one. */
  filter(chunk: Uint8Array): Uint8Array {
    if (this.within === 'text' && chunk.indexOf(IAC) === -1) return chunk;
    return this.strip(chunk);
  }

  /** What to send back for the chunks filtered so far (at most about 1.5 KB), or null; then forgets it. */
  takeReply(): Uint8Array | null {
    if (this.reply === null) return null;
    const reply = Uint8Array.from(this.reply);
    this.reply = null;
    this.timed = false;
    this.seen = false;
    return reply;
  }

  get state(): TelnetState {
    const { within, verb, subnegotiated, refused } = this;
    return { within, verb, subnegotiated, refused: refused && Buffer.from(refused).toString('base64') };
  }

  /** Goes on from there. */
  restore({ within, verb, subnegotiated, refused }: TelnetState): void {
    this.within = within;
    this.verb = verb;
    this.subnegotiated = subnegotiated;
    if (refused === null) return;
    this.refused = new Uint8Array(256);
    this.refused.set(Buffer.from(refused, 'base64').subarray(0, 256));
  }

  private strip(chunk: Uint8Array): Uint8Array {
    // A byte comes out for each that goes in, and one more where an IAC was held back from the last chunk.
    const out = new Uint8Array(chunk.length + 1);
    let length = 0;
    for (const byte of chunk) {
      switch (this.within) {
        case 'text':
          if (byte === IAC) this.within = 'command';
          else out[length++] = byte;
          break;
        case 'command':
          length = this.command(byte, out, length);
          break;
        case 'option':
          this.within = 'text';
          this.negotiate(byte);
          break;
        case 'subnegotiation':
          if (byte === IAC) this.within = 'subnegotiation-command';
          else this.swallow();
          break;
        case 'subnegotiation-command':
          if (byte === SE) this.within = 'text';
          else if (byte === IAC) this.swallow();
          // Any other command means that the subnegotiation was broken off.
          else length = this.command(byte, out, length);
          break;
      }
    }
    return out.subarray(0, length);
  }

  /** The byte after an IAC; answers how long `out` is now. */
  private command(byte: number, out: Uint8Array, length: number): number {
    this.within = 'text';
    if (byte < FIRST_COMMAND) {
      out[length++] = IAC;
      out[length++] = byte;
      return length;
    }
    switch (byte) {
      case IAC:
        out[length++] = IAC;
        break;
      case EC:
        out[length++] = BACKSPACE;
        break;
      case EL:
        out[length++] = KILL_LINE;
        break;
      case AYT:
        if (!this.seen) this.answer(HERE);
        this.seen = true;
        break;
      case SB:
        this.subnegotiated = 0;
        this.within = 'subnegotiation';
        break;
      case WILL:
      case WONT:
      case DO:
      case DONT:
        this.verb = byte;
        this.within = 'option';
        break;
    }
    return length;
  }

  private swallow(): void {
    this.subnegotiated++;
    this.within = this.subnegotiated < LONGEST_SUBNEGOTIATION ? 'subnegotiation' : 'text';
  }

  /** Refuses what was asked for; WONT and DONT ask for nothing. */
  private negotiate(option: number): void {
    if (this.verb !== DO && this.verb !== WILL) return;
    if (this.verb === DO && option === TIMING_MARK) {
      if (!this.timed) this.answer([IAC, WONT, option]);
      this.timed = true;
      return;
    }
    this.refused ??= new Uint8Array(256);
    const before = this.refused[option] ?? 0;
    const direction = this.verb === DO ? 1 : 2;
    if (before & direction) return;
    this.refused[option] = before | direction;
    this.answer([IAC, this.verb === DO ? WONT : DONT, option]);
  }

  private answer(bytes: Iterable<number>): void {
    this.reply ??= [];
    this.reply.push(...bytes);
  }
}
