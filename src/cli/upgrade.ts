/** `parley upgrade`: has the program that is now where the running one was take over from it. */
import { UPGRADING } from '../http/api/daemon-shapes.ts';
import { operatorCommand, type Work } from './operate.ts';

export const UPGRADE: Work = {
  run: async (_line, desk, io) => {
    const { version } = await desk.ask('POST', '/api/upgrade', UPGRADING);
    io.say(`parley ${version} takes over; its log says how many connections came along`);
    return undefined;
  },
};

export default operatorCommand('upgrade', UPGRADE);
