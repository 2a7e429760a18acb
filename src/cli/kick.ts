/** `parley kick`: closes every connection of a name. */
import { KICKED } from '../http/api/operator-shapes.ts';
import { part } from './desk.ts';
import { operatorCommand, type Work } from './operate.ts';
import { counted } from './table.ts';

export const KICK: Work = {
  run: async ({ words: [name = '', reason = ''] }, desk, io) => {
    const kicked = await desk.ask('POST', `/api/users/${part(name)}/kick`, KICKED, { reason });
    io.say(
      `${counted(kicked.closed, 'connection')} of ${kicked.name} closed. To keep them out: parley ban ${kicked.name}`,
    );
    return undefined;
  },
};

export default operatorCommand('kick', KICK);
