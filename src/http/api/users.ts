/** `/api/users`: accounts, for operators of the server and `parley user`. */
import {
  accountsAfter,
  addAccount,
  changePassword,
  deleteAccount,
  makeServerOperator,
} from '../../chat/accounts.ts';
import type { Hub } from '../../chat/hub.ts';
import { type Route, route } from '../route.ts';
import { json, operatorOf } from './answer.ts';
import {
  DELETED_USER,
  NEW_PASSWORD,
  NEW_USER,
  PASSWORD_SET,
  RIGHTS,
  RIGHTS_SET,
  USER,
  USERS,
  USERS_ASKED,
  userJson,
} from './user-shapes.ts';

const USUAL_PAGE = 200;

export function userRoutes(hub: Hub): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/users',
      need: 'operator',
      summary: 'Every account',
      query: USERS_ASKED,
      answers: { 200: { what: 'A page of accounts.', shape: USERS } },
      run: async ({ query: { after, limit = USUAL_PAGE } }) => {
        const found = await accountsAfter(hub, after, limit + 1);
        const users = found.slice(0, limit).map(userJson);
        if (found.length <= limit) return json({ users });
        const last = encodeURIComponent(users.at(-1)?.name ?? '');
        return json({ users, next: `/api/users?after=${last}&limit=${limit}` });
      },
    }),
    route({
      method: 'POST',
      path: '/api/users',
      need: 'operator',
      summary: 'Make an account',
      body: NEW_USER,
      answers: { 201: { what: 'The account.', shape: USER } },
      run: async ask => {
        const { name, password } = ask.body;
        return json(userJson(await addAccount(hub, operatorOf(ask), name, password)), 201);
      },
    }),
    route({
      method: 'PUT',
      path: '/api/users/:name/password',
      need: 'operator',
      summary: 'Set the password of an account',
      details:
        'It is signed out of the page. Its connections of the chat stay; to end them: POST /api/users/{name}/kick',
      body: NEW_PASSWORD,
      answers: { 200: { what: 'It is set.', shape: PASSWORD_SET } },
      run: async ask => {
        const { params, body } = ask;
        return json(await changePassword(hub, operatorOf(ask), params['name'] ?? '', body.password));
      },
    }),
    route({
      method: 'PUT',
      path: '/api/users/:name/operator',
      need: 'operator',
      summary: 'Make an account an operator of the server, or one no more',
      body: RIGHTS,
      answers: { 200: { what: 'It is as asked.', shape: RIGHTS_SET } },
      run: async ask => {
        const { on } = ask.body;
        const name = await makeServerOperator(hub, operatorOf(ask), ask.params['name'] ?? '', on);
        return json({ name, operator: on });
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/users/:name',
      need: 'operator',
      summary: 'Delete an account',
      details:
        'It is taken out of its rooms, its waiting messages are dropped and its connections closed. What it said stays, and its name is anybody’s.',
      answers: { 200: { what: 'It is gone.', shape: DELETED_USER } },
      run: async ask => json(await deleteAccount(hub, operatorOf(ask), ask.params['name'] ?? '')),
    }),
  ];
}
