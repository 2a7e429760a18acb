/** `/api/bans`: who is kept off the whole server. */
import type { Hub } from '../../chat/hub.ts';
import { ban, unban } from '../../chat/operator.ts';
import { type Route, route } from '../route.ts';
import { json, operatorOf } from './answer.ts';
import { BAN, BANNED, BANS, TO_BAN } from './operator-shapes.ts';

export function banRoutes(hub: Hub): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/bans',
      need: 'operator',
      summary: 'Who is kept off the server',
      answers: { 200: { what: 'The bans.', shape: BANS } },
      run: () => json({ bans: hub.serverBans.all() }),
    }),
    route({
      method: 'POST',
      path: '/api/bans',
      need: 'operator',
      summary: 'Keep somebody off the server',
      details:
        'A name, an address or a range. Connections that it meets are closed. Nobody bans themselves, and no ban on an address meets the machine the server runs on.',
      body: TO_BAN,
      answers: { 201: { what: 'The ban.', shape: BANNED } },
      run: async ask => {
        const { ban: set, closed } = await ban(hub, operatorOf(ask), ask.body.what, ask.body.reason);
        return json({ ...set, closed }, 201);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/bans/:label*',
      need: 'operator',
      summary: 'Lift a ban',
      details: 'The slash of a range is encoded: 192.0.2.0%2F24.',
      answers: { 200: { what: 'The ban that was lifted.', shape: BAN } },
      run: async ask => json(await unban(hub, operatorOf(ask), ask.params['label'] ?? '')),
    }),
  ];
}
