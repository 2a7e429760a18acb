/** Streams of awkward bytes, and ways to cut them into packets. */
import * as fc from 'fast-check';

/** Bytes rich in those that mean something: line ends, edits, NUL, telnet, BOM, UTF-8 whole and broken. */
export function awkwardBytes(pieces = 40): fc.Arbitrary<Uint8Array> {
  // biome-ignore format: a few of a kind in a row
  const meaning = fc.constantFrom(
    [0x0a], [0x0d, 0x0a], [0x0d, 0x00], [0x0d], [0x00], [0x08], [0x7f], [0x15],
    [0xff, 0xfd, 0x01], [0xff, 0xfb, 0x18], [0xff, 0xfa, 0x18, 0x01, 0xff, 0xf0], [0xff, 0xff], [0xff],
    [0xff, 0xf6], [0xff, 0xf7], [0xff, 0xf8], [0xff, 0xfa], [0xff, 0xf0], [0xef, 0xbb, 0xbf], [0xef], [0xbb],
    [0xef, 0xbf, 0xbd], [0xed, 0xa0, 0x80], [0xc3], [0x28], [0xc3, 0xa9], [0xf0, 0x9f, 0x98, 0x80], [0xcc, 0x81],
  );
  const word = fc.string({ unit: 'binary', maxLength: 12 }).map(text => [...Buffer.from(text)]);
  const noise = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 6 });
  return fc
    .array(fc.oneof({ weight: 5, arbitrary: meaning }, { weight: 3, arbitrary: word }, noise), {
      maxLength: pieces,
    })
    .map(parts => Uint8Array.from(parts.flat()));
}

/** Sizes of the packets a stream is cut into; used again from the first when they run out. */
export const packetSizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 20 });

/** The stream in packets of these sizes, each a buffer of its own. */
export function cut(stream: Uint8Array, sizes: readonly number[]): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let at = 0, i = 0; at < stream.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    packets.push(Uint8Array.from(stream.subarray(at, at + size)));
    at += size;
  }
  return packets;
}
