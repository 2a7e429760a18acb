/** `parley unban`: lifts a ban from the server. */
import { BAN } from '../http/api/operator-shapes.ts';
import { part } from './desk.ts';
import { operatorCommand, type Work } from './operate.ts';

export const UNBAN: Work = {
  onStore: 'there',
  run: async ({ words: [label = ''] }, desk, io) => {
    const lifted = await desk.ask('DELETE', `/api/bans/${part(label)}`, BAN);
    io.say(`${lifted.label} is banned no more`);
    return undefined;
  },
};

export default operatorCommand('unban', UNBAN);
