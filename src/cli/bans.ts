/** `parley bans`: who is kept off the server. */
import { BANS } from '../http/api/operator-shapes.ts';
import { operatorCommand, type Work } from './operate.ts';
import { json, table } from './table.ts';

export const LIST_BANS: Work = {
  onStore: 'there',
  run: async ({ flags }, desk, io) => {
    const { bans } = await desk.ask('GET', '/api/bans', BANS);
    if (flags.has('json')) await io.print(json({ bans }));
    else if (bans.length === 0) io.say('nobody is banned from the server');
    else
      await io.print(
        table(
          ['banned', 'kind', 'reason'],
          bans.map(({ label, kind, reason }) => [label, kind, reason]),
        ),
      );
    return undefined;
  },
};

export default operatorCommand('bans', LIST_BANS);
