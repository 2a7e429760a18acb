/** `/api/me`: who one is here. */
import type { Hub } from '../../chat/hub.ts';
import { fold } from '../../chat/names.ts';
import { type Caller, type Route, route } from '../route.ts';
import { json } from './answer.ts';
import { ME, type Me } from './shapes.ts';

export function meRoute(hub: Hub): Route {
  return route({
    method: 'GET',
    path: '/api/me',
    need: 'anybody',
    summary: 'Who one is, and what one may do',
    details: 'Answered for strangers too, so that a page can tell whether it is signed in.',
    answers: { 200: { what: 'Who asked.', shape: ME } },
    run: async ({ caller }) => json(await meOf(hub, caller)),
  });
}

async function meOf(hub: Hub, caller: Caller): Promise<Me> {
  switch (caller.kind) {
    case 'nobody':
      return { kind: 'nobody', operator: false, read: false, write: false };
    case 'local':
      return { kind: 'local', operator: true, rooms: null, read: true, write: false };
    case 'token': {
      const { name, rooms, read, write } = caller.token;
      return { kind: 'token', name, operator: false, rooms: rooms && [...rooms], read, write };
    }
    case 'account': {
      const { name, operator } = caller;
      const account = await hub.backend.account(fold(name));
      const rooms = account?.memberships.map(({ room }) => room) ?? [];
      return { kind: 'account', name, operator, rooms, read: true, write: true };
    }
  }
}
