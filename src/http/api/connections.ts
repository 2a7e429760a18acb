/** `/api/connections`: who is connected, from where, and putting a connection off. */
import { Connections } from '../../chat/connections.ts';
import { refusal } from '../../chat/errors.ts';
import type { Hub } from '../../chat/hub.ts';
import { kickSession } from '../../chat/operator.ts';
import { type Route, route } from '../route.ts';
import { json, operatorOf } from './answer.ts';
import { CONNECTIONS, CONNECTIONS_ASKED, KICKED, WHY } from './operator-shapes.ts';

const USUAL_PAGE = 50;

export function connectionRoutes(hub: Hub): Route[] {
  const connections = new Connections(hub);
  return [
    route({
      method: 'GET',
      path: '/api/connections',
      need: 'operator',
      summary: 'Every connection of the chat',
      query: CONNECTIONS_ASKED,
      answers: { 200: { what: 'A page of connections.', shape: CONNECTIONS } },
      run: ({ query }) => {
        const { limit = USUAL_PAGE, offset = 0 } = query;
        return json(connections.look({ ...query, limit, offset }));
      },
    }),
    route({
      method: 'POST',
      path: '/api/connections/:id/kick',
      need: 'operator',
      summary: 'Close one connection',
      details: 'It is told who did it and why, and so are the rooms of a guest. It may come back.',
      body: WHY,
      text: reason => ({ reason }),
      answers: { 200: { what: 'It is closed.', shape: KICKED } },
      run: ask => {
        const { id = '' } = ask.params;
        if (!/^[1-9]\d{0,14}$/.test(id)) throw refusal('no-such-connection', id.slice(0, 20));
        return json(kickSession(hub, operatorOf(ask), Number(id), ask.body.reason));
      },
    }),
  ];
}
