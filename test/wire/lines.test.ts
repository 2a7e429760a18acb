import { describe, expect, test } from 'bun:test';
import { isUtf8 } from 'node:buffer';
import * as fc from 'fast-check';
import { edit } from '../../src/wire/edit.ts';
import { LineSplitter } from '../../src/wire/lines.ts';
import { Telnet } from '../../src/wire/telnet.ts';
import { awkwardBytes, cut, packetSizes } from '../helper/packets.ts';

const LIMIT = 20;

/** Pulls until more bytes are needed; a refusal reads `!code`. */
function pull(lines: LineSplitter): string[] {
  const out: string[] = [];
  for (let line = lines.next(); line !== null; line = lines.next()) {
    out.push(typeof line === 'string' ? line : `!${line.code}`);
  }
  return out;
}

/** The lines of a whole conversation, its packets overwritten as soon as they were pulled from. */
function split(packets: readonly (string | Uint8Array)[], limit = LIMIT): string[] {
  const lines = new LineSplitter(limit);
  const out: string[] = [];
  for (const packet of packets) {
    const chunk = Buffer.from(packet);
    lines.feed(chunk);
    out.push(...pull(lines));
    chunk.fill(0x2a);
  }
  lines.finish();
  return [...out, ...pull(lines)];
}

/** What the splitter should do, said the slow and plain way. */
function expected(stream: Uint8Array, limit: number): string[] {
  let raw = Buffer.from(stream).toString('latin1');
  if (raw.startsWith('\xef\xbb\xbf')) raw = raw.slice(3);
  const out: string[] = [];
  while (raw !== '') {
    const found = /\n|\r\0/.exec(raw);
    const last = found ? found.index + found[0].length - 1 : raw.length;
    if (last > 16 * limit) return [...out, '!line-endless'];
    const line = raw.slice(0, last).replace(/\r$/, '');
    raw = raw.slice(last + 1);
    const bytes = Buffer.from(line, 'latin1');
    if (line.length > limit) out.push('!line-too-long');
    else if (line.includes('\0')) out.push('!bad-nul');
    else if (!isUtf8(bytes)) out.push('!bad-utf8');
    else out.push(edit(bytes.toString()));
  }
  return out;
}

describe('lines', () => {
  test('end with LF, CR LF or CR NUL', () => {
    expect(split(['one\ntwo\r\nthree\r\0four\n\n'])).toEqual(['one', 'two', 'three', 'four', '']);
  });

  test('end the same wherever the packets are cut', () => {
    expect(split(['one\r', '\ntw', 'o\r', '\0', 'three', '\n'])).toEqual(['one', 'two', 'three']);
  });

  test('count without their end when the peer closed its half', () => {
    expect(split(['hello'])).toEqual(['hello']);
    expect(split(['hello\r'])).toEqual(['hello']);
    expect(split(['a\nb'])).toEqual(['a', 'b']);
    expect(split(['a\n'])).toEqual(['a']);
    expect(split(['\xff'.repeat(LIMIT)])).toEqual(['!line-too-long']);
  });

  test('that wait to be pulled when the peer closes come before the last one', () => {
    const lines = new LineSplitter(LIMIT);
    lines.feed(Buffer.from('a\nb\nc'));
    expect(lines.next()).toBe('a');
    lines.finish();
    expect(pull(lines)).toEqual(['b', 'c']);
  });

  test('keep a lone CR and other controls: those are cleaned elsewhere', () => {
    expect(split(['a\rb\x1b[1m\tc\n'])).toEqual(['a\rb\x1b[1m\tc']);
  });

  test('with another NUL are refused, and the next one is read', () => {
    expect(split(['a\0b\nc\n', '\0\nd\n'])).toEqual(['!bad-nul', 'c', '!bad-nul', 'd']);
  });

  test('are decoded only when whole: a character may be cut anywhere', () => {
    const stream = Buffer.from('grüße 👋\n');
    expect(split(cut(stream, [1]))).toEqual(['grüße 👋']);
  });

  test('that are not UTF-8 are refused, and the next one is read', () => {
    const bad = [
      [0xff],
      [0xc3],
      [0xed, 0xa0, 0x80],
      [0xc0, 0xaf],
      [0xf5, 0x80, 0x80, 0x80],
      [0x80],
      [0xe9, 0x74],
    ];
    for (const bytes of bad) {
      expect(split([Buffer.from([...bytes, 0x0a, 0x61, 0x0a])])).toEqual(['!bad-utf8', 'a']);
    }
    expect(split([Buffer.from('caf\xe9\n', 'latin1')])).toEqual(['!bad-utf8']);
  });

  test('may hold a replacement character of their own', () => {
    expect(split(['a\ufffdb\n'])).toEqual(['a\ufffdb']);
  });

  test('lose a BOM at the start of the connection only', () => {
    expect(split(['\ufeffhello\n\ufeffagain\n'])).toEqual(['hello', '\ufeffagain']);
    expect(split(cut(Buffer.from('\ufeffhello\n'), [1]))).toEqual(['hello']);
    expect(split([Buffer.of(0xef, 0xbb)])).toEqual(['!bad-utf8']);
  });

  test('are edited by ^H, DEL and ^U', () => {
    expect(split(['helo\blo\n', 'x\x15y\n', 'é\x7fz\n'])).toEqual(['hello', 'y', 'z']);
  });

  test('of exactly the limit are read, with any end', () => {
    const most = 'x'.repeat(LIMIT);
    expect(split([`${most}\n${most}\r\n${most}\r\0`])).toEqual([most, most, most]);
    expect(split(cut(Buffer.from(`${most}\r\n`), [LIMIT + 1]))).toEqual([most]);
  });

  test('over the limit are skipped, and the next one is read', () => {
    expect(split([`${'x'.repeat(LIMIT + 1)}\nhello\n`])).toEqual(['!line-too-long', 'hello']);
    expect(split(['x'.repeat(100), 'x'.repeat(100), '\r', '\0hello\n'])).toEqual(['!line-too-long', 'hello']);
  });

  test('say the limit they are over', () => {
    const lines = new LineSplitter(512);
    lines.feed(Buffer.from(`${'x'.repeat(513)}\n`));
    expect(String(lines.next())).toContain('longer than 512 bytes');
  });

  test('that never end are given up after sixteen times the limit, and nothing follows', () => {
    expect(split([`${'x'.repeat(16 * LIMIT)}\na\n`])).toEqual(['!line-too-long', 'a']);
    expect(split([`${'x'.repeat(16 * LIMIT + 1)}\na\n`, 'b\n'])).toEqual(['!line-endless']);
  });

  test('that are over the limit are not held while they go on', () => {
    const lines = new LineSplitter(LIMIT);
    for (let i = 0; i < 15; i++) {
      lines.feed(Buffer.alloc(LIMIT, 'x'));
      expect(lines.next()).toBeNull();
      expect(lines.pending).toBeLessThanOrEqual(LIMIT + 1);
    }
  });

  test('that are not pulled stay until they are, in a copy once kept', () => {
    const lines = new LineSplitter(LIMIT);
    const chunk = Buffer.from('one\ntwo\nthr');
    lines.feed(chunk);
    expect(lines.next()).toBe('one');
    lines.keep();
    chunk.fill(0x2a);
    lines.feed(Buffer.from('ee\nfour\n'));
    expect(pull(lines)).toEqual(['two', 'three', 'four']);
    expect(lines.pending).toBe(0);
  });

  test('are what the plain way says, however the bytes were cut', () => {
    fc.assert(
      fc.property(awkwardBytes(80), packetSizes, fc.integer({ min: 1, max: 30 }), (stream, sizes, limit) => {
        const whole = expected(stream, limit);
        expect(split([stream], limit)).toEqual(whole);
        expect(split(cut(stream, sizes), limit)).toEqual(whole);
        expect(split(cut(stream, [1]), limit)).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });

  test('are the same behind the telnet filter, however the bytes were cut', () => {
    const filtered = (packets: readonly Uint8Array[]) => {
      const telnet = new Telnet();
      return split(packets.map(packet => telnet.filter(packet)));
    };
    fc.assert(
      fc.property(awkwardBytes(), packetSizes, (stream, sizes) => {
        const whole = filtered([stream]);
        expect(filtered(cut(stream, sizes))).toEqual(whole);
        expect(filtered(cut(stream, [1]))).toEqual(whole);
      }),
      { numRuns: 1000 },
    );
  });

  test('are the same however slowly they are pulled', () => {
    fc.assert(
      fc.property(awkwardBytes(), packetSizes, fc.infiniteStream(fc.nat(2)), (stream, sizes, paces) => {
        const lines = new LineSplitter(LIMIT);
        const out: string[] = [];
        for (const packet of cut(stream, sizes)) {
          lines.feed(packet);
          for (let pace = paces.next().value; pace > 0; pace--) {
            const line = lines.next();
            if (line !== null) out.push(typeof line === 'string' ? line : `!${line.code}`);
          }
          lines.keep();
          packet.fill(0x2a);
        }
        lines.finish();
        expect([...out, ...pull(lines)]).toEqual(expected(stream, LIMIT));
      }),
      { numRuns: 500 },
    );
  });
});
