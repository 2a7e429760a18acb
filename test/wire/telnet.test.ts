import { describe, expect, test } from 'bun:test';
import * as fc from 'fast-check';
import { Telnet } from '../../src/wire/telnet.ts';
import { awkwardBytes, cut, packetSizes } from '../helper/packets.ts';

const IAC = 255;
const DONT = 254;
const DO = 253;
const WONT = 252;
const WILL = 251;
const SB = 250;
const SE = 240;
const NOP = 241;
const AYT = 246;
const EC = 247;
const EL = 248;
const TIMING_MARK = 6;

function bytes(...parts: (string | number)[]): Uint8Array {
  return Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part) : Buffer.of(part))));
}

/** What comes out as Latin-1, and the replies, each taken after its packet. */
function run(packets: readonly Uint8Array[]): { text: string; replies: number[][] } {
  const telnet = new Telnet();
  const out: Uint8Array[] = [];
  const replies: number[][] = [];
  for (const packet of packets) {
    out.push(telnet.filter(packet));
    const reply = telnet.takeReply();
    if (reply) replies.push([...reply]);
  }
  return { text: Buffer.concat(out).toString('latin1'), replies };
}

describe('telnet commands', () => {
  test('a chunk without them comes out as the very same chunk, and nothing is answered', () => {
    const telnet = new Telnet();
    const chunk = bytes('hällo\r\n');
    expect(telnet.filter(chunk)).toBe(chunk);
    expect(telnet.takeReply()).toBeNull();
  });

  test('after a command is over, chunks pass untouched again', () => {
    const telnet = new Telnet();
    telnet.filter(bytes(IAC));
    telnet.filter(bytes(NOP));
    const chunk = bytes('hello');
    expect(telnet.filter(chunk)).toBe(chunk);
  });

  test('the chunk that is filtered is not changed', () => {
    const chunk = bytes('a', IAC, NOP, 'b');
    const before = [...chunk];
    expect(Buffer.from(new Telnet().filter(chunk)).toString()).toBe('ab');
    expect([...chunk]).toEqual(before);
  });

  test('commands, negotiations and subnegotiations are taken out, the text around them stays', () => {
    const stream = bytes('a', IAC, NOP, 'b', IAC, DO, 1, 'c', IAC, SB, 24, 'xterm', IAC, SE, 'd');
    expect(run([stream]).text).toBe('abcd');
  });

  test('an escaped 0xFF within a subnegotiation does not end it', () => {
    expect(run([bytes('a', IAC, SB, 24, IAC, IAC, SE, 'x', IAC, SE, 'b')]).text).toBe('ab');
  });

  test('a command within a subnegotiation breaks it off', () => {
    expect(run([bytes(IAC, SB, 24, 'x', IAC, NOP, 'text')]).text).toBe('text');
  });

  test('an escaped 0xFF is a byte of the text', () => {
    expect(run([bytes('a', IAC, IAC, 'b')]).text).toBe('a\xffb');
  });

  test('0xFF before a byte that is no command hides nothing: it is Latin-1, not telnet', () => {
    expect(run([bytes('a', IAC), bytes('\nb')]).text).toBe('a\xff\nb');
  });

  test('erasing a character or the line comes out as ^H or ^U', () => {
    expect(run([bytes('ab', IAC, EC, 'c', IAC, EL, 'd')]).text).toBe('ab\bc\x15d');
  });

  test('each option is refused once per direction, WONT and DONT are not answered', () => {
    const asked = [IAC, DO, 1, IAC, WILL, 1, IAC, DO, 1, IAC, WILL, 1, IAC, WONT, 3, IAC, DONT, 3];
    const { replies } = run([bytes(...asked), bytes(...asked)]);
    expect(replies).toEqual([[IAC, WONT, 1, IAC, DONT, 1]]);
  });

  test('a negotiation is understood wherever its packets are cut', () => {
    const { text, replies } = run([bytes('a', IAC), bytes(WILL), bytes(31, 'b')]);
    expect(text).toBe('ab');
    expect(replies).toEqual([[IAC, DONT, 31]]);
  });

  test('option 255 is an option, not the start of a command', () => {
    const { text, replies } = run([bytes(IAC, DO, 255, 'a')]);
    expect(text).toBe('a');
    expect(replies).toEqual([[IAC, WONT, 255]]);
  });

  test('a timing mark is answered each time, or a telnet client would show nothing after its second ^C', () => {
    const mark = bytes(IAC, DO, TIMING_MARK);
    expect(run([mark, mark]).replies).toEqual([
      [IAC, WONT, TIMING_MARK],
      [IAC, WONT, TIMING_MARK],
    ]);
  });

  test('"are you there" is answered with a sign of life, once a packet', () => {
    const { text, replies } = run([bytes(IAC, AYT, IAC, AYT), bytes(IAC, AYT)]);
    expect(text).toBe('');
    expect(replies.map(reply => Buffer.from(reply).toString())).toEqual(['[parley]\r\n', '[parley]\r\n']);
  });

  test('answers stay small however much is asked for before they are taken', () => {
    const telnet = new Telnet();
    const all = [...Array(256).keys()].flatMap(option => [IAC, DO, option, IAC, WILL, option, IAC, AYT]);
    for (let i = 0; i < 5; i++) telnet.filter(Uint8Array.from(all));
    expect(telnet.takeReply()?.length).toBe(2 * 256 * 3 + '[parley]\r\n'.length);
  });

  test('an endless subnegotiation hides 512 bytes, then what follows is text again', () => {
    const { text } = run([bytes(IAC, SB, 'x'.repeat(512)), bytes('hello\n')]);
    expect(text).toBe('hello\n');
    const option = bytes(IAC, SB, 24, 'x'.repeat(300), IAC, SE);
    expect(run([option, option, bytes('hello')]).text).toBe('hello');
    expect(run([bytes(IAC, SB, IAC), bytes(IAC, 'x'.repeat(511), 'y')]).text).toBe('y');
  });

  test('what comes out does not depend on the packets', () => {
    fc.assert(
      fc.property(awkwardBytes(), packetSizes, (stream, sizes) => {
        const whole = run([stream]).text;
        expect(run(cut(stream, sizes)).text).toBe(whole);
        expect(run(cut(stream, [1])).text).toBe(whole);
      }),
    );
  });
});
