/** `/api/tokens`: what programs sign in with, for operators of the server and `parley token`. */
import type { Hub } from '../../chat/hub.ts';
import { createToken, revokeToken, type Secrets } from '../../chat/tokens.ts';
import { systemSecrets } from '../../ops/secrets.ts';
import { type Route, route } from '../route.ts';
import { json, operatorOf } from './answer.ts';
import { NEW_TOKEN, TOKEN, TOKEN_WISH, TOKENS, tokenJson } from './token-shapes.ts';

export function tokenRoutes(hub: Hub, secrets: Secrets = systemSecrets): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/tokens',
      need: 'operator',
      summary: 'Every token, without its secret',
      answers: { 200: { what: 'The tokens.', shape: TOKENS } },
      run: async () => json({ tokens: (await hub.backend.tokens()).map(tokenJson) }),
    }),
    route({
      method: 'POST',
      path: '/api/tokens',
      need: 'operator',
      summary: 'Make a token',
      details:
        'It may be for some rooms only, to read or to write. Its secret is in this answer and nowhere else: the server keeps the hash.',
      body: TOKEN_WISH,
      answers: { 201: { what: 'The token with its secret.', shape: NEW_TOKEN } },
      run: async ask => {
        const { name, rooms, read, write } = ask.body;
        const both = read === undefined && write === undefined;
        const wish = { name, rooms, read: read ?? both, write: write ?? both };
        const { token, secret } = await createToken(hub, operatorOf(ask), wish, secrets);
        return json({ ...tokenJson(token), secret }, 201);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/tokens/:id',
      need: 'operator',
      summary: 'Take a token back',
      details: 'It is refused from then on. Its name is free again with the last token of that name.',
      answers: { 200: { what: 'The token that was taken back.', shape: TOKEN } },
      run: async ask => json(tokenJson(await revokeToken(hub, operatorOf(ask), ask.params['id'] ?? ''))),
    }),
  ];
}
