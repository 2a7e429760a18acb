/** `/api/session`: signing in and out on the page. */
import { boolean, maxLength, object, pipe, strictObject, string } from 'valibot';
import type { Hub } from '../chat/hub.ts';
import { accountWith } from './caller.ts';
import { type CookieSessions, secretIn, setCookie } from './cookies.ts';
import { type Route, route } from './route.ts';

const MOST = 512;

export function sessionRoutes({ hub, sessions }: { hub: Hub; sessions: CookieSessions }): readonly Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/session',
      need: 'anybody',
      summary: 'sign in on the page',
      details:
        'Sets a cookie that stands for the account from then on. Scripts send basic auth or a token instead.',
      body: strictObject({
        name: pipe(string(), maxLength(MOST)),
        password: pipe(string(), maxLength(MOST)),
      }),
      answers: {
        200: { what: 'who signed in', shape: object({ name: string(), operator: boolean() }) },
        401: { what: 'it is not the password' },
        429: { what: 'too many attempts' },
      },
      run: async ask => {
        const account = await accountWith(hub, ask, ask.body.name, ask.body.password);
        const before = secretIn(ask.request);
        if (before !== null) sessions.end(before);
        const { name, operator } = account;
        return Response.json(
          { name, operator },
          { headers: { 'Set-Cookie': setCookie(sessions.begin(account), ask.secure) } },
        );
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/session',
      need: 'anybody',
      summary: 'sign out on the page',
      answers: { 204: { what: 'signed out' } },
      run: ask => {
        const secret = secretIn(ask.request);
        if (secret !== null) sessions.end(secret);
        return new Response(null, { status: 204, headers: { 'Set-Cookie': setCookie('', ask.secure) } });
      },
    }),
  ];
}
