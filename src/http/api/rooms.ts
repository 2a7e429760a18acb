/** `/api/rooms`: which rooms there are, one of them, and who is in it. */
import { membersFor, type RoomDetails, type RoomSight, roomFor, roomsFor } from '../../chat/browse.ts';
import type { Hub } from '../../chat/hub.ts';
import type { Caller, Route } from '../route.ts';
import { route } from '../route.ts';
import { isoTime, json, readerOf } from './answer.ts';
import { MEMBERS, ROOM_DETAILS, ROOMS, ROOMS_ASKED, type RoomDetailsJson, type RoomJson } from './shapes.ts';

const USUAL = 200;

export function roomRoutes(hub: Hub): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/rooms',
      need: 'anybody',
      summary: 'Rooms one may know of',
      details:
        'The fullest first. Unlisted rooms are shown to accounts that are in them and to tokens that name them; over the local socket, those with somebody in them.',
      query: ROOMS_ASKED,
      answers: { 200: { what: 'The rooms.', shape: ROOMS } },
      run: async ({ caller, query }) => {
        const rooms = await roomsFor(hub, caller);
        const shown = rooms.slice(0, query.limit ?? USUAL);
        return json({ rooms: shown.map(room => roomJson(caller, room)), total: rooms.length });
      },
    }),
    route({
      method: 'GET',
      path: '/api/rooms/:room',
      need: 'anybody',
      summary: 'One room',
      answers: { 200: { what: 'The room.', shape: ROOM_DETAILS } },
      run: async ({ caller, params }) =>
        json(detailsJson(caller, await roomFor(hub, caller, params['room'] ?? ''))),
    }),
    route({
      method: 'GET',
      path: '/api/rooms/:room/members',
      need: 'read',
      summary: 'Who is in a room',
      details: 'Those online first, operators before others, then by name.',
      answers: { 200: { what: 'The members.', shape: MEMBERS } },
      run: async ({ caller, params }) => json(await membersFor(hub, readerOf(caller), params['room'] ?? '')),
    }),
  ];
}

/** Strangers are told names and numbers, and nothing that anybody wrote. */
function roomJson(caller: Caller, { name, people, topic, unlisted, readable }: RoomSight): RoomJson {
  return { name, people, ...(caller.kind !== 'nobody' && { topic }), unlisted, readable };
}

function detailsJson(caller: Caller, room: RoomDetails): RoomDetailsJson {
  const { topicSet, moderated, keyed, lastId } = room;
  const shown = { ...roomJson(caller, room), moderated, keyed };
  if (caller.kind === 'nobody') return shown;
  if (!topicSet) return { ...shown, lastId };
  return { ...shown, topicFrom: topicSet.from, topicAt: isoTime(topicSet.at), lastId };
}
