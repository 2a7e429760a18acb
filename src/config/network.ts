/** Networks as settings name them: `10.0.0.0/8`, `::1`, `unix`. What lies in them: `Networks` of `chat/address.ts`. */
import { parseRange } from '../chat/address.ts';
import { Bad, type Kind, quote } from './kind.ts';

/** An address, a CIDR range, or `unix` (whoever comes in through a unix socket); kept as canonical text. */
export function network(): Kind<string> {
  return {
    hint: 'NETWORK',
    allowed: 'addresses such as 192.0.2.7, ranges such as 10.0.0.0/8 or fd00::/8, and unix',
    parse: text => {
      if (text === 'unix') return text;
      return parseRange(text) ?? new Bad(`${quote(text)} is neither an address nor a range`);
    },
    show: value => value,
  };
}
