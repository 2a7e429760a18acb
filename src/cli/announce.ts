/** `parley announce`: shows a line to everyone who is signed in. */
import { ANNOUNCED } from '../http/api/operator-shapes.ts';
import { operatorCommand, type Work } from './operate.ts';
import { counted } from './table.ts';

export const ANNOUNCE: Work = {
  run: async ({ words: [text = ''] }, desk, io) => {
    const { connections } = await desk.ask('POST', '/api/announcements', ANNOUNCED, { text });
    io.say(`shown on ${counted(connections, 'connection')}`);
    return undefined;
  },
};

export default operatorCommand('announce', ANNOUNCE);
