/** `/api/rooms/{room}/messages`: saying something in a room, and reading back what was said. */
import { type MessagePage, messageFor, messagesFor, type PageAsked } from '../../chat/browse.ts';
import { refusal } from '../../chat/errors.ts';
import type { Hub } from '../../chat/hub.ts';
import type { Publisher } from '../../chat/publish.ts';
import { type Route, route } from '../route.ts';
import { json, messageJson, readerOf, roomPath, speakerOf } from './answer.ts';
import { MESSAGE, MESSAGES, PAGE, PUBLICATION } from './shapes.ts';

/** A text of the longest line there may be (64 KiB), each of its bytes escaped in JSON. */
export const MOST_JSON_TEXT: number = 400 * 1024;
const USUAL_PAGE = 50;

export function messageRoutes(hub: Hub, publisher: Publisher): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/rooms/:room/messages',
      need: 'write',
      summary: 'Say something in a room',
      details:
        'The body is JSON, or the text itself: text/plain, and what `curl -d` sends, are taken as they are. Answered once the message is kept and shown. With an `Idempotency-Key` header, the same message is said once however often it is sent within a day.',
      body: PUBLICATION,
      text: text => ({ text }),
      most: MOST_JSON_TEXT,
      answers: {
        201: { what: 'It is kept; Location says where.', shape: MESSAGE },
        200: { what: 'It was said before, with the same Idempotency-Key: that message.', shape: MESSAGE },
      },
      run: async ({ caller, params, body, request }) => {
        const key = request.headers.get('idempotency-key');
        const said = await publisher.say(speakerOf(caller), params['room'] ?? '', { ...body, key });
        const { event, repeated } = said;
        const location = `${roomPath(event.room)}/messages/${event.id}`;
        return json(messageJson(event), repeated ? 200 : 201, { Location: location });
      },
    }),
    route({
      method: 'GET',
      path: '/api/rooms/:room/messages',
      need: 'read',
      summary: 'Messages of a room, by pages',
      details:
        'The newest without `after`, going back by `next`; the oldest after an id with it, going forward.',
      query: PAGE,
      answers: { 200: { what: 'A page of messages.', shape: MESSAGES } },
      run: async ({ caller, params, query }) => {
        const asked = { ...query, limit: query.limit ?? USUAL_PAGE };
        const page = await messagesFor(hub, readerOf(caller), params['room'] ?? '', asked);
        const next = nextOf(page, asked);
        return json({ messages: page.messages.map(messageJson), ...(next !== null && { next }) });
      },
    }),
    route({
      method: 'GET',
      path: '/api/rooms/:room/messages/:id',
      need: 'read',
      summary: 'One message',
      answers: { 200: { what: 'The message.', shape: MESSAGE } },
      run: async ({ caller, params }) => {
        const { room = '', id = '' } = params;
        const reader = readerOf(caller);
        if (!/^[1-9]\d{0,14}$/.test(id)) throw refusal('no-such-message', id.slice(0, 20), room);
        return json(messageJson(await messageFor(hub, reader, room, Number(id))));
      },
    }),
  ];
}

/** Where the following page is; null where this was the last. */
function nextOf({ room, messages, more }: MessagePage, { after, before, limit }: PageAsked): string | null {
  const [first, last] = [messages[0], messages.at(-1)];
  if (!more || !first || !last) return null;
  const query = new URLSearchParams(
    after === undefined ? { before: String(first.id) } : { after: String(last.id) },
  );
  if (after !== undefined && before !== undefined) query.set('before', String(before));
  query.set('limit', String(limit));
  return `${roomPath(room)}/messages?${query}`;
}
