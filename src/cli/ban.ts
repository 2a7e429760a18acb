/** `parley ban`: keeps a name, an address or a range off the server. */
import { BANNED } from '../http/api/operator-shapes.ts';
import { operatorCommand, type Work } from './operate.ts';
import { counted } from './table.ts';

export const BAN: Work = {
  onStore: 'made',
  run: async ({ words: [what = '', reason = ''] }, desk, io) => {
    const { label, closed } = await desk.ask('POST', '/api/bans', BANNED, { what, reason });
    io.say(`${label} is banned, ${counted(closed, 'connection')} closed. To lift it: parley unban ${label}`);
    return undefined;
  },
};

export default operatorCommand('ban', BAN);
