/** `/api/messages`: a private message. */
import type { Publisher } from '../../chat/publish.ts';
import { type Route, route } from '../route.ts';
import { json, privateJson, speakerOf } from './answer.ts';
import { MOST_JSON_TEXT } from './messages.ts';
import { LETTER, SENT } from './shapes.ts';

export function privateRoute(publisher: Publisher): Route {
  return route({
    method: 'POST',
    path: '/api/messages',
    need: 'write',
    summary: 'Say something to one name',
    details:
      'Shown at once where the addressee is online, kept until it signs in otherwise. `Idempotency-Key` works as for rooms.',
    body: LETTER,
    most: MOST_JSON_TEXT,
    answers: {
      201: { what: 'It is kept.', shape: SENT },
      200: { what: 'It was sent before, with the same Idempotency-Key.', shape: SENT },
    },
    run: async ({ caller, body, request }) => {
      const key = request.headers.get('idempotency-key');
      const { told, event, repeated } = await publisher.tell(speakerOf(caller), body.to, body.text, key);
      return json({ message: privateJson(event), outcome: told.outcome }, repeated ? 200 : 201);
    },
  });
}
