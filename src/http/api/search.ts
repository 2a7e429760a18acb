/** `/api/search`: full text over what one may read. */
import { search } from '../../chat/browse.ts';
import type { Hub } from '../../chat/hub.ts';
import { type Route, route } from '../route.ts';
import { json, messageJson, privateJson, readerOf } from './answer.ts';
import { FOUND, SEARCH } from './shapes.ts';

const USUAL = 50;

export function searchRoute(hub: Hub): Route {
  return route({
    method: 'GET',
    path: '/api/search',
    need: 'read',
    summary: 'Find messages',
    details:
      'An account searches its rooms and its own private messages; a token the rooms it is for (of a token for all rooms, the hundred last spoken in); the local socket the listed ones. `room` narrows it down to one.',
    query: SEARCH,
    answers: { 200: { what: 'The newest messages found.', shape: FOUND } },
    run: async ({ caller, query }) => {
      const { q, room, limit } = query;
      const found = await search(hub, readerOf(caller), q, room ?? null, limit ?? USUAL);
      const messages = found.messages.map(each =>
        each.type === 'private' ? privateJson(each) : messageJson(each),
      );
      return json({ messages, complete: found.complete });
    },
  });
}
