/** What operators of the server do, as routes: names put off, announcements, rooms closed and unlisted. */
import type { Hub } from '../../chat/hub.ts';
import { announce, closeRoom, kickUser, setTopic, unlist } from '../../chat/operator.ts';
import { systemSecrets } from '../../ops/secrets.ts';
import { type Route, route } from '../route.ts';
import { json, operatorOf } from './answer.ts';
import { banRoutes } from './bans.ts';
import { connectionRoutes } from './connections.ts';
import {
  ANNOUNCED,
  ANNOUNCEMENT,
  CLOSED_ROOM,
  KICKED,
  LISTED,
  LISTING,
  TOPIC,
  TOPIC_SET,
  WHY,
} from './operator-shapes.ts';
import { userRoutes } from './users.ts';

/** All routes for operators of the server, but those about tokens. */
export function operatorRoutes(hub: Hub): Route[] {
  return [
    ...connectionRoutes(hub),
    ...banRoutes(hub),
    ...nameRoutes(hub),
    ...userRoutes(hub),
    ...roomOperatorRoutes(hub),
  ];
}

function nameRoutes(hub: Hub): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/users/:name/kick',
      need: 'operator',
      summary: 'Close every connection of a name',
      details: 'Each is told who did it and why. They may come back; to keep them out: POST /api/bans',
      body: WHY,
      text: reason => ({ reason }),
      answers: { 200: { what: 'They are closed.', shape: KICKED } },
      run: ask => json(kickUser(hub, operatorOf(ask), ask.params['name'] ?? '', ask.body.reason)),
    }),
    route({
      method: 'POST',
      path: '/api/announcements',
      need: 'operator',
      summary: 'Show a line to everyone who is signed in',
      details:
        'The body is JSON, or the text itself. It is shown with the name of who announces, and not kept.',
      body: ANNOUNCEMENT,
      text: text => ({ text }),
      answers: { 200: { what: 'It is shown.', shape: ANNOUNCED } },
      run: ask => json({ connections: announce(hub, operatorOf(ask), ask.body.text) }),
    }),
  ];
}

function roomOperatorRoutes(hub: Hub): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/rooms/:room/close',
      need: 'operator',
      summary: 'Close a room',
      details:
        'Everybody is put out of it, and it is in no list and locked with a new key, which the answer tells. Its history and its bans stay. Whoever joins with the key runs it.',
      body: WHY,
      text: reason => ({ reason }),
      answers: { 200: { what: 'It is closed.', shape: CLOSED_ROOM } },
      run: async ask => {
        const { params, body } = ask;
        const { randomBytes } = systemSecrets;
        return json(await closeRoom(hub, operatorOf(ask), params['room'] ?? '', body.reason, randomBytes));
      },
    }),
    route({
      method: 'PUT',
      path: '/api/rooms/:room/unlisted',
      need: 'operator',
      summary: 'Take a room out of all lists, or put it back',
      details: 'Who is in an unlisted room, or knows its name, goes on as before.',
      body: LISTING,
      answers: { 200: { what: 'It is as asked.', shape: LISTED } },
      run: async ask => {
        const { on } = ask.body;
        return json({ room: await unlist(hub, operatorOf(ask), ask.params['room'] ?? '', on), unlisted: on });
      },
    }),
    route({
      method: 'PUT',
      path: '/api/rooms/:room/topic',
      need: 'operator',
      summary: 'Set the topic of a room',
      body: TOPIC,
      text: topic => ({ topic }),
      answers: { 200: { what: 'It is set.', shape: TOPIC_SET } },
      run: async ask => {
        const { params, body } = ask;
        return json(await setTopic(hub, operatorOf(ask), params['room'] ?? '', body.topic));
      },
    }),
  ];
}
